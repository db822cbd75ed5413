using System.Numerics;
using static Mtlc.Runtime.Data.Synthetic.PortableMath;

namespace Mtlc.Runtime.Data.Synthetic;

/// <summary>What a ray met. <c>Solid</c> is an index into the visible solids or one of the constants below.</summary>
readonly record struct Hit(float T, int Solid, int Face)
{
    public const int Sky = -1, Ground = -2, Kerb = -3, Trees = -4, Roofs = -5;
}

/// <summary>
/// First hits of camera rays. Solids are sorted by distance and binned into square tiles of the picture by their projected bounds,
/// so that a ray tests the few that can cover its tile and stops at the first that begins behind what it has already met.
/// </summary>
sealed class Visibility
{
    const int Tile = 8;
    readonly Scene scene;
    readonly Viewpoint view;
    readonly Primitive[] solids;
    readonly Vector3[] eyes;
    readonly float[] nearest;
    readonly (float Left, float Top, float Right, float Bottom)[] bounds;
    readonly int[] starts, items;
    readonly int columns, rows;

    public Visibility(Scene scene, Viewpoint view, int height, int width)
    {
        (this.scene, this.view) = (scene, view);
        columns = (width + Tile - 1) / Tile;
        rows = (height + Tile - 1) / Tile;
        var seen = new List<(Primitive Solid, float Near, (float, float, float, float) Bounds)>();
        foreach (var solid in scene.Primitives)
            if (Project(solid, height, width) is var (near, box) && box.Left < box.Right) seen.Add((solid, near, box));
        seen.Sort((a, b) => a.Near.CompareTo(b.Near));
        solids = [.. seen.Select(s => s.Solid)];
        nearest = [.. seen.Select(s => s.Near)];
        bounds = [.. seen.Select(s => s.Bounds)];
        eyes = [.. seen.Select(s => s.Solid.ToLocal(scene.Eye))];
        (starts, items) = Bin();
    }

    public Primitive Solid(int index) => solids[index];

    /// <summary>Projected bounds of a solid in pixels, a little widened; empty where it lies behind the camera or outside the picture.</summary>
    (float Near, (float Left, float Top, float Right, float Bottom) Bounds) Project(Primitive solid, int height, int width)
    {
        float near = float.MaxValue, far = float.MinValue;
        float left = float.MaxValue, right = float.MinValue, top = float.MaxValue, bottom = float.MinValue;
        for (int i = 0; i < 8; i++)
        {
            var d = solid.Corner(i) - scene.Eye;
            float z = Dot(d, scene.Forward);
            near = MathF.Min(near, z);
            far = MathF.Max(far, z);
            if (z < 0.2f) continue;
            float x = view.CenterX + view.Focal * Dot(d, scene.Right) / z, y = view.CenterY + view.Focal * Dot(d, scene.Down) / z;
            (left, right) = (MathF.Min(left, x), MathF.Max(right, x));
            (top, bottom) = (MathF.Min(top, y), MathF.Max(bottom, y));
        }
        if (far < 0.2f) return (near, (0, 0, 0, 0));
        if (near < 0.2f) return (0f, (0, 0, width, height));
        const float Margin = 0.51f;
        return (near, (MathF.Max(left - Margin, 0f), MathF.Max(top - Margin, 0f), MathF.Min(right + Margin, width), MathF.Min(bottom + Margin, height)))
            is var result && result.Item2.Item2 < result.Item2.Item4 ? result : (near, (0, 0, 0, 0));
    }

    (int[] Starts, int[] Items) Bin()
    {
        var counts = new int[columns * rows + 1];
        for (int i = 0; i < solids.Length; i++) Each(i, tile => counts[tile + 1]++);
        for (int i = 1; i < counts.Length; i++) counts[i] += counts[i - 1];
        var next = counts.ToArray();
        var list = new int[counts[^1]];
        for (int i = 0; i < solids.Length; i++)
        {
            int solid = i;
            Each(i, tile => list[next[tile]++] = solid);
        }
        return (counts, list);
    }

    void Each(int solid, Action<int> visit)
    {
        var b = bounds[solid];
        int x1 = Math.Min((int)(b.Right / Tile), columns - 1), y1 = Math.Min((int)(b.Bottom / Tile), rows - 1);
        for (int y = (int)(b.Top / Tile); y <= y1; y++)
            for (int x = (int)(b.Left / Tile); x <= x1; x++) visit(y * columns + x);
    }

    /// <summary>The first thing behind <paramref name="tMin"/> on the ray through the point (x, y) of the picture.</summary>
    public Hit Trace(float x, float y, Vector3 ray, float tMin)
    {
        var best = new Hit(float.PositiveInfinity, Hit.Sky, 0);
        int tile = (int)y / Tile * columns + (int)x / Tile;
        for (int i = starts[tile]; i < starts[tile + 1]; i++)
        {
            int index = items[i];
            if (nearest[index] > best.T) break;
            ref readonly var b = ref bounds[index];
            if (x < b.Left || x > b.Right || y < b.Top || y > b.Bottom) continue;
            var solid = solids[index];
            float t = Intersection.Hit(solid, eyes[index], solid.ToLocalDirection(ray), tMin, best.T, out int face);
            if (t < best.T) best = new Hit(t, index, face);
        }
        float ground = Ground.Hit(scene.Plan, scene.Eye, ray, out bool kerb);
        if (ground > tMin && ground < best.T) best = new Hit(ground, kerb ? Hit.Kerb : Hit.Ground, 0);
        return best.T < 150f ? best : Behind(ray, tMin, best);
    }

    /// <summary>The two rings that close the view.</summary>
    Hit Behind(Vector3 ray, float tMin, Hit best)
    {
        var rings = scene.Backdrop;
        float t = Ring(ray, rings.TreeRadius);
        var p = scene.Eye + ray * t;
        if (t > tMin && t < best.T && p.Y < rings.Trees(p.X / rings.TreeRadius, p.Z / rings.TreeRadius)) return new Hit(t, Hit.Trees, 0);
        t = Ring(ray, rings.RoofRadius);
        p = scene.Eye + ray * t;
        if (t > tMin && t < best.T && p.Y < rings.Roofs(p.X / rings.RoofRadius, p.Z / rings.RoofRadius)) return new Hit(t, Hit.Roofs, 0);
        return best;
    }

    float Ring(Vector3 d, float radius)
    {
        var o = scene.Eye;
        float a = d.X * d.X + d.Z * d.Z, b = o.X * d.X + o.Z * d.Z, c = o.X * o.X + o.Z * o.Z - radius * radius;
        return (-b + MathF.Sqrt(b * b - a * c)) / a;
    }
}
