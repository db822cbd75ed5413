using System.Numerics;

namespace Mtlc.Runtime.Data.Synthetic;

/// <summary>The solids a scene is put together from. A quad and a disc lie in their local plane z = 0.</summary>
enum Shape : byte { Box, Convex, Cone, Capsule, Ellipsoid, Foliage, Quad, Disc }

/// <summary>
/// One solid in the world (metres; x right, y up, z along the street), in a local frame of three orthonormal axes. <c>Size</c>
/// holds half extents or radii; a cone has bottom radius Size.X, half height Size.Y and top radius Size.Z along its local y.
/// </summary>
sealed class Primitive
{
    public required Shape Shape { get; init; }
    public required Vector3 Origin { get; init; }
    public required Vector3 AxisX { get; init; }
    public required Vector3 AxisY { get; init; }
    public required Vector3 AxisZ { get; init; }
    public required Vector3 Size { get; init; }
    public required Material Material { get; init; }
    public required byte Class { get; init; }

    /// <summary>Planes of a convex solid: outward unit normal and offset, n . p &lt;= w inside.</summary>
    public Vector4[] Planes { get; init; } = [];

    /// <summary>Bounds in the local frame.</summary>
    public required Vector3 LocalMin { get; init; }
    public required Vector3 LocalMax { get; init; }

    public Vector3 ToLocalDirection(Vector3 v) =>
        new(PortableMath.Dot(v, AxisX), PortableMath.Dot(v, AxisY), PortableMath.Dot(v, AxisZ));

    public Vector3 ToLocal(Vector3 p) => ToLocalDirection(p - Origin);

    public Vector3 ToWorldDirection(Vector3 v) => AxisX * v.X + AxisY * v.Y + AxisZ * v.Z;

    public Vector3 Corner(int i) => Origin + ToWorldDirection(new Vector3(
        (i & 1) == 0 ? LocalMin.X : LocalMax.X,
        (i & 2) == 0 ? LocalMin.Y : LocalMax.Y,
        (i & 4) == 0 ? LocalMin.Z : LocalMax.Z));
}

/// <summary>Where and how a composed object stands: its own x, y (up) and z (front) axes in the world.</summary>
readonly record struct Pose(Vector3 Position, Vector3 Right, Vector3 Up, Vector3 Front)
{
    public Vector3 At(float x, float y, float z) => Position + Right * x + Up * y + Front * z;
    public Vector3 At(Vector3 p) => At(p.X, p.Y, p.Z);
    public Pose Moved(float x, float y, float z) => this with { Position = At(x, y, z) };
    public Pose Turned() => this with { Right = -Right, Front = -Front };

    /// <summary>Upright, its front turned by <paramref name="angle"/> radians to the right.</summary>
    public Pose Yawed(float angle)
    {
        float c = PortableMath.Cos(angle), s = PortableMath.Sin(angle);
        return this with { Front = Front * c + Right * s, Right = Right * c - Front * s };
    }

    /// <summary>Leaning sideways to the right by <paramref name="angle"/> radians.</summary>
    public Pose Leaned(float angle)
    {
        float c = PortableMath.Cos(angle), s = PortableMath.Sin(angle);
        return this with { Up = Up * c + Right * s, Right = Right * c - Up * s };
    }
}
