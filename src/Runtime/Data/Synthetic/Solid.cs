using System.Numerics;

namespace Mtlc.Runtime.Data.Synthetic;

/// <summary>The solids a scene is put together from. A quad and a disc lie in their local plane z = 0.</summary>
enum Shape : byte
{
    Box,
    Convex,
    Cone,
    Capsule,
    Ellipsoid,
    Foliage,
    Quad,
    Disc,
}

/// <summary>
/// One solid in the world (metres; x right, y up, z along the street), in a local frame of three orthonormal axes. <c>Size</c>
/// holds half extents or radii; a cone has bottom radius Size.X, half height Size.Y and top radius Size.Z along its local y.
/// Rays are tested in the solid's unit frame: the local one, in which boxes, sheets and ellipsoids are scaled to size 1.
/// </summary>
sealed class Solid
{
    readonly Vector3 columnX,
        columnY,
        columnZ,
        offset;

    /// <param name="frame">The solid's local frame.</param>
    /// <param name="bounds">In it.</param>
    public Solid(
        Shape shape,
        byte label,
        Material material,
        Pose frame,
        Vector3 size,
        (Vector3 Min, Vector3 Max) bounds,
        Vector4[] planes
    )
    {
        var (origin, x, y, z) = frame;
        (Shape, Class, Material, Origin, Size, Planes) = (shape, label, material, origin, size, planes);
        (AxisX, AxisY, AxisZ, LocalMin, LocalMax) = (x, y, z, bounds.Min, bounds.Max);
        Scale = shape switch
        {
            Shape.Box or Shape.Ellipsoid or Shape.Foliage => size,
            Shape.Quad or Shape.Disc => new Vector3(size.X, size.Y, 1f),
            _ => Vector3.One,
        };
        columnX = new Vector3(x.X, y.X, z.X) / Scale;
        columnY = new Vector3(x.Y, y.Y, z.Y) / Scale;
        columnZ = new Vector3(x.Z, y.Z, z.Z) / Scale;
        offset = ToUnitDirection(origin);
    }

    public Shape Shape { get; }
    public byte Class { get; }
    public Material Material { get; }
    public Vector3 Origin { get; }
    public Vector3 AxisX { get; }
    public Vector3 AxisY { get; }
    public Vector3 AxisZ { get; }
    public Vector3 Size { get; }

    /// <summary>From the unit frame to the local one.</summary>
    public Vector3 Scale { get; }

    /// <summary>Planes of a convex solid: outward unit normal and offset, n . p &lt;= w inside.</summary>
    public Vector4[] Planes { get; }

    /// <summary>Bounds in the local frame.</summary>
    public Vector3 LocalMin { get; }
    public Vector3 LocalMax { get; }

    public Vector3 ToUnitDirection(Vector3 v) => columnX * v.X + columnY * v.Y + columnZ * v.Z;

    public Vector3 ToUnit(Vector3 p) => ToUnitDirection(p) - offset;

    /// <summary>A point of the world in the local frame, in metres.</summary>
    public Vector3 ToLocal(Vector3 p) => ToUnit(p) * Scale;

    public Vector3 ToWorldDirection(Vector3 v) => AxisX * v.X + AxisY * v.Y + AxisZ * v.Z;

    public Vector3 Corner(int i) =>
        Origin
        + ToWorldDirection(
            new Vector3(
                (i & 1) == 0 ? LocalMin.X : LocalMax.X,
                (i & 2) == 0 ? LocalMin.Y : LocalMax.Y,
                (i & 4) == 0 ? LocalMin.Z : LocalMax.Z
            )
        );
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
        float c = PortableMath.Cos(angle),
            s = PortableMath.Sin(angle);
        return this with { Front = Front * c + Right * s, Right = Right * c - Front * s };
    }

    /// <summary>Leaning sideways to the right by <paramref name="angle"/> radians.</summary>
    public Pose Leaned(float angle)
    {
        float c = PortableMath.Cos(angle),
            s = PortableMath.Sin(angle);
        return this with { Up = Up * c + Right * s, Right = Right * c - Up * s };
    }
}
