using System.Numerics;

namespace Mtlc.Runtime.Data.Synthetic;

/// <summary>Which points see the sun, and how much ambient light reaches the ground: solids and footprints in a grid over the ground.</summary>
sealed class Shadows
{
    const float Cell = 4f, MinX = -72f, MinZ = -20f;
    const int Columns = 36, Rows = 56;
    readonly Vector3 sun;
    readonly Primitive[] solids;
    readonly Vector3[] directions;
    readonly int[] starts, items, footStarts, footItems;
    readonly float[] tops;
    readonly Footprint[] feet;

    public Shadows(Scene scene)
    {
        sun = scene.Atmosphere.SunDirection;
        solids = [.. scene.Primitives];
        feet = [.. scene.Footprints];
        directions = [.. solids.Select(s => s.ToUnitDirection(sun))];
        tops = new float[Columns * Rows];
        var boxes = solids.Select(Bounds).ToArray();
        if (scene.Atmosphere.CastsShadows)
        {
            for (int i = 0; i < solids.Length; i++)
                foreach (int cell in Cells(boxes[i].MinX, boxes[i].MinZ, boxes[i].MaxX, boxes[i].MaxZ)) tops[cell] = MathF.Max(tops[cell], boxes[i].Top);
            (starts, items) = Bin(solids.Length, i => Cells(boxes[i].MinX, boxes[i].MinZ, boxes[i].MaxX, boxes[i].MaxZ));
        }
        else
        {
            (starts, items) = ([], []);
        }
        (footStarts, footItems) = Bin(feet.Length, i => Cells(feet[i].Center.X - feet[i].Reach, feet[i].Center.Z - feet[i].Reach, feet[i].Center.X + feet[i].Reach, feet[i].Center.Z + feet[i].Reach));
    }

    static (float MinX, float MinZ, float MaxX, float MaxZ, float Top) Bounds(Primitive solid)
    {
        var (min, max) = (new Vector3(float.MaxValue), new Vector3(float.MinValue));
        for (int i = 0; i < 8; i++)
        {
            var corner = solid.Corner(i);
            min = Vector3.Min(min, corner);
            max = Vector3.Max(max, corner);
        }
        return (min.X, min.Z, max.X, max.Z, max.Y);
    }

    static IEnumerable<int> Cells(float x0, float z0, float x1, float z1)
    {
        int left = Math.Max((int)MathF.Floor((x0 - MinX) / Cell), 0), right = Math.Min((int)MathF.Floor((x1 - MinX) / Cell), Columns - 1);
        int near = Math.Max((int)MathF.Floor((z0 - MinZ) / Cell), 0), far = Math.Min((int)MathF.Floor((z1 - MinZ) / Cell), Rows - 1);
        for (int z = near; z <= far; z++)
            for (int x = left; x <= right; x++) yield return z * Columns + x;
    }

    static (int[] Starts, int[] Items) Bin(int count, Func<int, IEnumerable<int>> cells)
    {
        var starts = new int[Columns * Rows + 1];
        for (int i = 0; i < count; i++)
            foreach (int cell in cells(i)) starts[cell + 1]++;
        for (int i = 1; i < starts.Length; i++) starts[i] += starts[i - 1];
        var next = starts.ToArray();
        var items = new int[starts[^1]];
        for (int i = 0; i < count; i++)
            foreach (int cell in cells(i)) items[next[cell]++] = i;
        return (starts, items);
    }

    /// <summary>Whether something stands between a point, moved a little off its surface, and the sun.</summary>
    public bool Blocked(Vector3 p)
    {
        // Walk the grid cell by cell along the sun's bearing, as long as the ray is lower than what stands there.
        float gx = (p.X - MinX) / Cell, gz = (p.Z - MinZ) / Cell;
        int x = (int)MathF.Floor(gx), z = (int)MathF.Floor(gz);
        int stepX = sun.X > 0f ? 1 : -1, stepZ = sun.Z > 0f ? 1 : -1;
        float deltaX = Cell / MathF.Max(MathF.Abs(sun.X), 1e-6f), deltaZ = Cell / MathF.Max(MathF.Abs(sun.Z), 1e-6f);
        float nextX = (sun.X > 0f ? x + 1 - gx : gx - x) * deltaX, nextZ = (sun.Z > 0f ? z + 1 - gz : gz - z) * deltaZ;
        float t = 0f;
        for (int steps = 0; steps < 40 && (uint)x < Columns && (uint)z < Rows; steps++)
        {
            int cell = z * Columns + x;
            if (p.Y + sun.Y * t < tops[cell])
            {
                for (int i = starts[cell]; i < starts[cell + 1]; i++)
                {
                    var solid = solids[items[i]];
                    float hit = Intersection.Hit(solid, solid.ToUnit(p), directions[items[i]], 0.01f, 200f, out _);
                    if (hit < 200f && !Open(solid)) return true;
                }
            }
            if (nextX < nextZ) { t = nextX; nextX += deltaX; x += stepX; }
            else { t = nextZ; nextZ += deltaZ; z += stepZ; }
        }
        return false;
    }

    /// <summary>Wire and spokes throw no shadow worth drawing.</summary>
    static bool Open(Primitive solid) => solid.Material.Finish is Finish.Mesh or Finish.SpokedWheel or Finish.Railing;

    /// <summary>The share of ambient light that reaches a point of the ground.</summary>
    public float GroundLight(Vector3 p)
    {
        int x = (int)MathF.Floor((p.X - MinX) / Cell), z = (int)MathF.Floor((p.Z - MinZ) / Cell);
        if ((uint)x >= Columns || (uint)z >= Rows) return 1f;
        float light = 1f;
        for (int i = footStarts[z * Columns + x]; i < footStarts[z * Columns + x + 1]; i++) light *= feet[footItems[i]].Light(p);
        return light;
    }
}
