using System.Numerics;
using static Mtlc.Runtime.Data.Synthetic.PortableMath;

namespace Mtlc.Runtime.Data.Synthetic;

/// <summary>Ray against solid, in the solid's unit frame. The ray is o + t d with d of any length, so t can be depth along the
/// optical axis.</summary>
static class Intersection
{
    /// <summary>The first t in (tMin, tMax) at which the ray enters the solid; +infinity where it does not.</summary>
    /// <param name="face">Which plane of a box or convex solid, or which cap of a cone, was hit.</param>
    public static float Hit(Solid p, Vector3 o, Vector3 d, float tMin, float tMax, out int face)
    {
        face = 0;
        float t = p.Shape switch
        {
            Shape.Box => Box(o, d, out face),
            Shape.Convex => Convex(p.Planes, o, d, out face),
            Shape.Cone => Cone(p.Size, o, d, out face),
            Shape.Capsule => Capsule(p.Size.X, p.Size.Y, o, d),
            Shape.Ellipsoid => Ellipsoid(o, d),
            Shape.Foliage => Leaves(p, o, d, tMin, tMax),
            Shape.Quad => Flat(o, d, round: false),
            _ => Flat(o, d, round: true),
        };
        return t > tMin && t < tMax ? t : float.PositiveInfinity;
    }

    /// <summary>Faces 0..5: -x, +x, -y, +y, -z, +z.</summary>
    static float Box(Vector3 o, Vector3 d, out int face)
    {
        var inverse = Vector3.One / d;
        var low = (-Vector3.One - o) * inverse;
        var high = (Vector3.One - o) * inverse;
        var near = Vector3.Min(low, high);
        var far = Vector3.Max(low, high);
        float enter = near.X;
        face = d.X > 0f ? 0 : 1;
        if (near.Y > enter)
        {
            enter = near.Y;
            face = d.Y > 0f ? 2 : 3;
        }
        if (near.Z > enter)
        {
            enter = near.Z;
            face = d.Z > 0f ? 4 : 5;
        }
        float exit = far.X < far.Y ? far.X : far.Y;
        if (far.Z < exit)
            exit = far.Z;
        return enter <= exit ? enter : float.PositiveInfinity;
    }

    static float Convex(Vector4[] planes, Vector3 o, Vector3 d, out int face)
    {
        float enter = float.NegativeInfinity,
            exit = float.PositiveInfinity;
        face = 0;
        for (int i = 0; i < planes.Length; i++)
        {
            var q = planes[i];
            float along = q.X * d.X + q.Y * d.Y + q.Z * d.Z;
            float gap = q.W - (q.X * o.X + q.Y * o.Y + q.Z * o.Z);
            if (along < 0f)
            {
                float t = gap / along;
                if (t > enter)
                {
                    enter = t;
                    face = i;
                }
            }
            else if (along > 0f)
            {
                float t = gap / along;
                if (t < exit)
                    exit = t;
            }
            else if (gap < 0f)
            {
                return float.PositiveInfinity;
            }
            if (enter > exit)
                return float.PositiveInfinity;
        }
        return enter;
    }

    /// <summary>A capped cone along y; face 0 is the side, 1 the bottom, 2 the top.</summary>
    static float Cone(Vector3 size, Vector3 o, Vector3 d, out int face)
    {
        float h = size.Y,
            slope = (size.Z - size.X) / (2f * h),
            middle = 0.5f * (size.X + size.Z);
        float k = middle + slope * o.Y;
        float a = d.X * d.X + d.Z * d.Z - slope * slope * d.Y * d.Y;
        float b = o.X * d.X + o.Z * d.Z - slope * k * d.Y;
        float c = o.X * o.X + o.Z * o.Z - k * k;
        float best = float.PositiveInfinity;
        face = 0;
        float disc = b * b - a * c;
        if (disc > 0f && a > 0f)
        {
            float t = (-b - MathF.Sqrt(disc)) / a;
            float y = o.Y + t * d.Y;
            if (y > -h && y < h)
                best = t;
        }
        if (d.Y != 0f)
        {
            bool top = d.Y < 0f;
            float t = ((top ? h : -h) - o.Y) / d.Y;
            float x = o.X + t * d.X,
                z = o.Z + t * d.Z,
                r = top ? size.Z : size.X;
            if (t < best && x * x + z * z < r * r)
            {
                best = t;
                face = top ? 2 : 1;
            }
        }
        return best;
    }

    /// <summary>A capsule of radius r around the segment from (0, -h, 0) to (0, h, 0).</summary>
    static float Capsule(float r, float h, Vector3 o, Vector3 d)
    {
        float a = d.X * d.X + d.Z * d.Z,
            b = o.X * d.X + o.Z * d.Z,
            c = o.X * o.X + o.Z * o.Z - r * r;
        float disc = b * b - a * c;
        if (disc < 0f)
            return float.PositiveInfinity;
        float t = (-b - MathF.Sqrt(disc)) / a;
        float y = o.Y + t * d.Y;
        if (y > -h && y < h)
            return t;
        var e = new Vector3(o.X, o.Y - (y >= h ? h : -h), o.Z);
        float aa = Dot(d, d),
            bb = Dot(e, d);
        disc = bb * bb - aa * (Dot(e, e) - r * r);
        return disc > 0f ? (-bb - MathF.Sqrt(disc)) / aa : float.PositiveInfinity;
    }

    static float Ellipsoid(Vector3 o, Vector3 d)
    {
        float a = Dot(d, d),
            b = Dot(o, d);
        float disc = b * b - a * (Dot(o, o) - 1f);
        return disc > 0f ? (-b - MathF.Sqrt(disc)) / a : float.PositiveInfinity;
    }

    /// <summary>
    /// An ellipsoid of leaves: where the noise says so the ray passes through, more often near the silhouette, and may meet the
    /// inside of the far half.
    /// </summary>
    static float Leaves(Solid p, Vector3 o, Vector3 d, float tMin, float tMax)
    {
        float a = Dot(d, d),
            b = Dot(o, d),
            c = Dot(o, o) - 1f;
        float disc = b * b - a * c;
        if (disc <= 0f)
            return float.PositiveInfinity;
        // 0 at the silhouette, 1 where the ray runs through the centre.
        float thickness = disc / a;
        float root = MathF.Sqrt(disc),
            threshold = p.Material.Density - 0.75f * Saturate(thickness * p.Material.EdgeSharpness);
        float grain = p.Material.Grain;
        for (int side = 0; side < 2; side++)
        {
            float t = (side == 0 ? -b - root : -b + root) / a;
            if (t <= tMin || t >= tMax)
                continue;
            if (threshold < 0.08f)
                return t;
            var q = ((o + d * t) * p.Scale + p.Origin) * grain;
            float leaf = 0.6f * Noise.At(q) + 0.4f * Noise.At(q * 2.7f);
            if (leaf > threshold + side * 0.1f)
                return t;
        }
        return float.PositiveInfinity;
    }

    static float Flat(Vector3 o, Vector3 d, bool round)
    {
        float t = -o.Z / d.Z;
        float x = o.X + t * d.X,
            y = o.Y + t * d.Y;
        bool inside = round ? x * x + y * y < 1f : x < 1f && x > -1f && y < 1f && y > -1f;
        return inside ? t : float.PositiveInfinity;
    }

    /// <summary>The outward unit normal in the local frame at a local point of the surface.</summary>
    public static Vector3 Normal(Solid p, Vector3 at, int face)
    {
        switch (p.Shape)
        {
            case Shape.Box:
                float sign = (face & 1) == 0 ? -1f : 1f;
                return (face >> 1) switch
                {
                    0 => new(sign, 0, 0),
                    1 => new(0, sign, 0),
                    _ => new(0, 0, sign),
                };
            case Shape.Convex:
                var q = p.Planes[face];
                return new Vector3(q.X, q.Y, q.Z);
            case Shape.Cone:
                if (face != 0)
                    return new Vector3(0, face == 1 ? -1 : 1, 0);
                float r = MathF.Sqrt(at.X * at.X + at.Z * at.Z);
                return Normalize(new Vector3(at.X / r, (p.Size.X - p.Size.Z) / (2f * p.Size.Y), at.Z / r));
            case Shape.Capsule:
                return Normalize(new Vector3(at.X, at.Y - Math.Clamp(at.Y, -p.Size.Y, p.Size.Y), at.Z));
            case Shape.Ellipsoid or Shape.Foliage:
                return Normalize(at / (p.Size * p.Size));
            default:
                return Vector3.UnitZ;
        }
    }
}
