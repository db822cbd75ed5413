using System.Numerics;
using static Mtlc.Runtime.Data.Synthetic.PortableMath;

namespace Mtlc.Runtime.Data.Synthetic;

/// <summary>Collects the solids of a scene. Sizes are half extents; positions are in the pose's frame (x right, y up, z
/// front).</summary>
sealed class Parts
{
    readonly List<Solid> solids = [];
    readonly List<Footprint> footprints = [];

    public IReadOnlyList<Solid> Solids => solids;
    public IReadOnlyList<Footprint> Footprints => footprints;

    public void Box(byte label, Material material, Pose pose, Vector3 center, Vector3 half) =>
        Add(Shape.Box, label, material, pose with { Position = pose.At(center) }, half, (-half, half));

    public void Ellipsoid(byte label, Material material, Pose pose, Vector3 center, Vector3 radii) =>
        Add(Shape.Ellipsoid, label, material, pose with { Position = pose.At(center) }, radii, (-radii, radii));

    /// <summary>A cloud of leaves; its axes are the world's, so that leaves do not turn with the tree.</summary>
    public void Leaves(byte label, Material material, Vector3 center, Vector3 radii) =>
        Add(Shape.Foliage, label, material, new(center, Vector3.UnitX, Vector3.UnitY, Vector3.UnitZ), radii, (-radii, radii));

    /// <summary>A cylinder or cone from one point to another.</summary>
    public void Cone(byte label, Material material, Pose pose, Vector3 from, Vector3 to, float radius, float endRadius)
    {
        var (middle, x, y, z, half) = Along(pose, from, to);
        float r = MathF.Max(radius, endRadius);
        var bound = new Vector3(r, half, r);
        Add(Shape.Cone, label, material, new(middle, x, y, z), new Vector3(radius, half, endRadius), (-bound, bound));
    }

    public void Capsule(byte label, Material material, Pose pose, Vector3 from, Vector3 to, float radius)
    {
        var (middle, x, y, z, half) = Along(pose, from, to);
        var bound = new Vector3(radius, half + radius, radius);
        Add(Shape.Capsule, label, material, new(middle, x, y, z), new Vector3(radius, half, radius), (-bound, bound));
    }

    /// <summary>A wheel: a disc of some width whose axle is the pose's x axis. In its own frame the axle is y.</summary>
    public void Wheel(byte label, Material material, Pose pose, Vector3 center, float radius, float halfWidth)
    {
        var bound = new Vector3(radius, halfWidth, radius);
        Add(
            Shape.Cone,
            label,
            material,
            new(pose.At(center), pose.Front, pose.Right, pose.Up),
            new Vector3(radius, halfWidth, radius),
            (-bound, bound)
        );
    }

    /// <summary>A flat sheet of two sides that faces the pose's front (or its back).</summary>
    public void Sheet(
        byte label,
        Material material,
        Pose pose,
        Vector3 center,
        float halfWidth,
        float halfHeight,
        bool round = false
    )
    {
        var size = new Vector3(halfWidth, halfHeight, 0f);
        var bound = new Vector3(halfWidth, halfHeight, 0.001f);
        Add(round ? Shape.Disc : Shape.Quad, label, material, pose with { Position = pose.At(center) }, size, (-bound, bound));
    }

    /// <summary>
    /// A convex outline in the (z, y) plane, counter-clockwise seen from +x, pulled along x. The sides lean inwards with height
    /// by
    /// <paramref name="lean"/> metres a metre above <paramref name="leanFrom"/>. Plane i is the outline's edge i; the last two
    /// are -x and +x. </summary>
    public void Extrusion(
        byte label,
        Material material,
        Pose pose,
        ReadOnlySpan<Vector2> outline,
        float halfWidth,
        float lean = 0f,
        float leanFrom = 0f
    )
    {
        var planes = new Vector4[outline.Length + 2];
        float minZ = float.MaxValue,
            maxZ = float.MinValue,
            minY = float.MaxValue,
            maxY = float.MinValue;
        for (int i = 0; i < outline.Length; i++)
        {
            var a = outline[i];
            var edge = outline[(i + 1) % outline.Length] - a;
            float length = MathF.Sqrt(edge.X * edge.X + edge.Y * edge.Y);
            float nz = edge.Y / length,
                ny = -edge.X / length;
            planes[i] = new Vector4(0f, ny, nz, ny * a.Y + nz * a.X);
            (minZ, maxZ) = (MathF.Min(minZ, a.X), MathF.Max(maxZ, a.X));
            (minY, maxY) = (MathF.Min(minY, a.Y), MathF.Max(maxY, a.Y));
        }
        float c = 1f / MathF.Sqrt(1f + lean * lean);
        planes[^2] = new Vector4(-c, lean * c, 0f, c * (halfWidth + lean * leanFrom));
        planes[^1] = new Vector4(c, lean * c, 0f, c * (halfWidth + lean * leanFrom));
        float x = halfWidth + MathF.Max(0f, lean * (leanFrom - minY));
        Add(
            Shape.Convex,
            label,
            material,
            pose,
            new Vector3(halfWidth, maxY, maxZ),
            (new Vector3(-x, minY, minZ), new Vector3(x, maxY, maxZ)),
            planes
        );
    }

    /// <summary>Darkens the ground around a footprint, as things that stand on it do.</summary>
    public void Ground(Pose pose, float halfWidth, float halfLength, float softness, float strength) =>
        footprints.Add(new Footprint(pose.Position, pose.Right, pose.Front, halfWidth, halfLength, softness, strength));

    void Add(
        Shape shape,
        byte label,
        Material material,
        Pose frame,
        Vector3 size,
        (Vector3 Min, Vector3 Max) bounds,
        Vector4[]? planes = null
    ) => solids.Add(new Solid(shape, label, material, frame, size, bounds, planes ?? []));

    static (Vector3 Middle, Vector3 X, Vector3 Y, Vector3 Z, float Half) Along(Pose pose, Vector3 from, Vector3 to)
    {
        var a = pose.At(from);
        var b = pose.At(to);
        float length = Length(b - a);
        var y = (b - a) * (1f / length);
        var other = MathF.Abs(Dot(y, pose.Right)) < 0.8f ? pose.Right : pose.Front;
        var z = Normalize(Cross(other, y));
        return ((a + b) * 0.5f, Cross(y, z), y, z, 0.5f * length);
    }
}

/// <summary>A rectangle of ground that something covers: ambient light is weaker on and near it.</summary>
readonly record struct Footprint(
    Vector3 Center,
    Vector3 Right,
    Vector3 Front,
    float HalfWidth,
    float HalfLength,
    float Softness,
    float Strength
)
{
    public float Reach => MathF.Sqrt(HalfWidth * HalfWidth + HalfLength * HalfLength) + Softness;

    /// <summary>The share of ambient light that is left at a point of the ground.</summary>
    public float Light(Vector3 at)
    {
        var d = at - Center;
        float x = MathF.Max(MathF.Abs(Dot(d, Right)) - HalfWidth, 0f),
            z = MathF.Max(MathF.Abs(Dot(d, Front)) - HalfLength, 0f);
        float outside = MathF.Sqrt(x * x + z * z) / Softness;
        if (outside >= 1f)
            return 1f;
        float fade = (1f - outside) * (1f - outside);
        return 1f - Strength * fade;
    }
}
