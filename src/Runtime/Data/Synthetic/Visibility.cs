using System.Numerics;
using static Mtlc.Runtime.Data.Synthetic.PortableMath;

namespace Mtlc.Runtime.Data.Synthetic;

/// <summary>What a ray met. <c>Solid</c> is an index into the visible solids or one of the constants below.</summary>
readonly record struct Hit(float T, int Solid, int Face)
{
    public const int Sky = -1,
        Ground = -2,
        Kerb = -3,
        Trees = -4,
        Roofs = -5;
}

/// <summary>
/// First hits of camera rays. Solids are sorted by distance and binned into square tiles of the picture by their projected
/// bounds, so that a ray tests the few that can cover its tile and stops at the first that begins behind what it has already met.
/// </summary>
sealed class Visibility
{
    const int Tile = 8;
    const float Near = 0.2f;
    readonly Scene scene;
    readonly Viewpoint view;
    readonly Solid[] solids;
    readonly Seen[] seen;
    readonly int[] starts,
        ends,
        items;
    readonly int columns;

    public Visibility(Scene scene, Viewpoint view, int height, int width)
    {
        (this.scene, this.view) = (scene, view);
        columns = (width + Tile - 1) / Tile;
        var visible = new List<(Solid Solid, Seen Seen, int Order)>();
        foreach (var solid in scene.Solids)
            if (Project(solid, height, width) is { } projected)
                visible.Add((solid, projected, visible.Count));
        visible.Sort((a, b) => a.Seen.Near != b.Seen.Near ? a.Seen.Near.CompareTo(b.Seen.Near) : a.Order.CompareTo(b.Order));
        solids = [.. visible.Select(v => v.Solid)];
        seen = [.. visible.Select(v => v.Seen)];
        var lists = new CellLists(0f, 0f, Tile, columns, (height + Tile - 1) / Tile, [.. visible.Select(v => v.Seen.Outline)]);
        (starts, items) = (lists.Starts, lists.Items);
        ends = Cull();
    }

    /// <summary>
    /// A solid as the camera sees it: nearest depth, bounds in pixels, and the camera in the solid's unit frame, in which the ray
    /// through (x, y) is Corner + Right x + Down y.
    /// </summary>
    readonly record struct Seen(float Near, Silhouette Outline, Vector3 Eye, Vector3 Corner, Vector3 Right, Vector3 Down)
    {
        public Vector3 Ray(float x, float y) => Corner + Right * x + Down * y;
    }

    /// <summary>A number for what was hit: equal for two pixels that need no smoothing between them. All leaves count as
    /// one.</summary>
    public int Part(Hit hit) => hit.Solid >= 0 && solids[hit.Solid].Shape == Shape.Foliage ? -1000 : hit.Solid * 16 + hit.Face;

    public Solid Solid(int index) => solids[index];

    /// <summary>Null for a solid behind the camera or outside the picture.</summary>
    Seen? Project(Solid solid, int height, int width)
    {
        Span<Vector2> points = stackalloc Vector2[8];
        float near = float.MaxValue,
            far = float.MinValue;
        for (int i = 0; i < 8; i++)
        {
            var d = solid.Corner(i) - scene.Eye;
            float z = Dot(d, scene.Forward);
            near = MathF.Min(near, z);
            far = MathF.Max(far, z);
            points[i] = new Vector2(
                view.CenterX + view.Focal * Dot(d, scene.Right) / z,
                view.CenterY + view.Focal * Dot(d, scene.Down) / z
            );
        }
        if (far < Near)
            return null;
        // What reaches behind the camera has no outline in the picture: it may be anywhere.
        var outline = near < Near ? new Silhouette(0f, 0f, width, height) : new Silhouette(points, 0.01f);
        if (outline.Left >= width || outline.Right <= 0f || outline.Top >= height || outline.Bottom <= 0f)
            return null;
        return new Seen(
            MathF.Max(near, 0f),
            outline,
            solid.ToUnit(scene.Eye),
            solid.ToUnitDirection(view.Corner),
            solid.ToUnitDirection(view.Right),
            solid.ToUnitDirection(view.Down)
        );
    }

    /// <summary>
    /// Where each tile's list may end: a convex solid that the rays of all four corners meet covers the tile, and nothing in the
    /// tile is farther on its front than at the corners; so too the road. What begins behind that is never seen. </summary>
    int[] Cull()
    {
        var last = new int[starts.Length - 1];
        for (int tile = 0; tile < last.Length; tile++)
        {
            float x0 = tile % columns * Tile,
                y0 = tile / columns * Tile,
                x1 = x0 + Tile,
                y1 = y0 + Tile;
            ReadOnlySpan<Vector3> corners = [view.Ray(x0, y0), view.Ray(x1, y0), view.Ray(x0, y1), view.Ray(x1, y1)];
            float limit = 0f;
            foreach (var ray in corners)
                limit = MathF.Max(limit, ray.Y < -1e-4f ? -scene.Eye.Y / ray.Y * 1.001f : float.PositiveInfinity);
            int i = starts[tile];
            for (; i < starts[tile + 1] && seen[items[i]].Near <= limit; i++)
            {
                ref readonly var b = ref seen[items[i]];
                var solid = solids[items[i]];
                if (b.Outline.Left > x0 || b.Outline.Right < x1 || b.Outline.Top > y0 || b.Outline.Bottom < y1)
                    continue;
                if (solid.Shape >= Shape.Foliage || solid.Material.MayHaveHoles)
                    continue;
                float deepest = 0f;
                for (int c = 0; c < 4; c++)
                    deepest = MathF.Max(
                        deepest,
                        Intersection.Hit(solid, b.Eye, b.Ray((c & 1) == 0 ? x0 : x1, (c & 2) == 0 ? y0 : y1), 0f, limit, out _)
                    );
                limit = MathF.Min(limit, deepest * 1.0001f);
            }
            last[tile] = i;
        }
        return last;
    }

    /// <summary>The first thing behind <paramref name="tMin"/> on the ray through the point (x, y) of the picture.</summary>
    public Hit Trace(float x, float y, Vector3 ray, float tMin)
    {
        // Nothing is seen through the road: its plane bounds the search before any solid is tested.
        float road = ray.Y < -1e-5f ? -scene.Eye.Y / ray.Y * 1.001f : float.PositiveInfinity;
        var best = new Hit(road, Hit.Sky, 0);
        int tile = (int)y / Tile * columns + (int)x / Tile;
        for (int i = starts[tile]; i < ends[tile]; i++)
        {
            int index = items[i];
            ref readonly var b = ref seen[index];
            if (b.Near > best.T)
                break;
            if (x < b.Outline.Left || x > b.Outline.Right || y < b.Outline.Top || y > b.Outline.Bottom)
                continue;
            float t = Intersection.Hit(solids[index], b.Eye, b.Ray(x, y), tMin, best.T, out int face);
            if (t < best.T)
                best = new Hit(t, index, face);
        }
        if (ray.Y < -1e-5f && best.T > Ground.Nearest(scene.Eye, ray))
        {
            float ground = Ground.Hit(scene.Plan, scene.Eye, ray, out bool kerb);
            if (ground > tMin && ground <= best.T)
                best = new Hit(ground, kerb ? Hit.Kerb : Hit.Ground, 0);
        }
        return best.T < 150f ? best : Behind(ray, tMin, best);
    }

    /// <summary>The two rings that close the view.</summary>
    Hit Behind(Vector3 ray, float tMin, Hit best)
    {
        var rings = scene.Backdrop;
        float t = Ring(ray, rings.TreeRadius);
        var p = scene.Eye + ray * t;
        if (t > tMin && t < best.T && p.Y < rings.Trees(p.X / rings.TreeRadius, p.Z / rings.TreeRadius))
            return new Hit(t, Hit.Trees, 0);
        t = Ring(ray, rings.RoofRadius);
        p = scene.Eye + ray * t;
        if (t > tMin && t < best.T && p.Y < rings.Roofs(p.X / rings.RoofRadius, p.Z / rings.RoofRadius))
            return new Hit(t, Hit.Roofs, 0);
        return best;
    }

    float Ring(Vector3 d, float radius)
    {
        var o = scene.Eye;
        float a = d.X * d.X + d.Z * d.Z,
            b = o.X * d.X + o.Z * d.Z,
            c = o.X * o.X + o.Z * o.Z - radius * radius;
        return (-b + MathF.Sqrt(b * b - a * c)) / a;
    }
}
