using System.Numerics;
using System.Runtime.CompilerServices;

namespace Mtlc.Runtime.Data.Synthetic;

/// <summary>
/// Elementary functions from additions, multiplications and IEEE square roots only, so that a scene has the same bytes on every
/// machine: the C library's sine and exponential, and the order in which a vector unit sums a dot product, differ between them.
/// </summary>
static class PortableMath
{
    public const float Pi = 3.14159265f;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Dot(Vector3 a, Vector3 b)
    {
        var p = a * b;
        return p.X + p.Y + p.Z;
    }

    public static Vector3 Cross(Vector3 a, Vector3 b) => new(a.Y * b.Z - a.Z * b.Y, a.Z * b.X - a.X * b.Z, a.X * b.Y - a.Y * b.X);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Length(Vector3 a) => MathF.Sqrt(Dot(a, a));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector3 Normalize(Vector3 a) => a * (1f / Length(a));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Saturate(float x) =>
        x < 0f ? 0f
        : x > 1f ? 1f
        : x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Lerp(float a, float b, float t) => a + (b - a) * t;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector3 Mix(Vector3 a, Vector3 b, float t) => a + (b - a) * t;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float SmoothStep(float edge0, float edge1, float x)
    {
        float t = Saturate((x - edge0) / (edge1 - edge0));
        return t * t * (3f - 2f * t);
    }

    /// <summary>How much of a pixel of width <paramref name="footprint"/> lies inside an edge at signed distance
    /// <paramref name="inside"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Coverage(float inside, float footprint) => Saturate(0.5f + inside / footprint);

    /// <summary>Sine to 2e-6 for moderate arguments: range reduction, then the Taylor polynomial of degree 11 on a quarter
    /// wave.</summary>
    public static float Sin(float x)
    {
        float r = x - 2f * Pi * MathF.Floor(x * (0.5f / Pi) + 0.5f);
        if (r > 0.5f * Pi)
            r = Pi - r;
        else if (r < -0.5f * Pi)
            r = -Pi - r;
        float s = r * r;
        return r * (1f + s * (-1f / 6f + s * (1f / 120f + s * (-1f / 5040f + s * (1f / 362880f - s * (1f / 39916800f))))));
    }

    public static float Cos(float x) => Sin(x + 0.5f * Pi);

    /// <summary>Exponential to 1e-6 relative: the power of two by exponent bits, the rest by a polynomial.</summary>
    public static float Exp(float x)
    {
        float scaled = Math.Clamp(x * 1.44269504f, -120f, 120f);
        float whole = MathF.Floor(scaled);
        float r = (scaled - whole) * 0.69314718f;
        float poly = 1f + r * (1f + r * (1f / 2f + r * (1f / 6f + r * (1f / 24f + r * (1f / 120f + r * (1f / 720f))))));
        return poly * BitConverter.Int32BitsToSingle(((int)whole + 127) << 23);
    }
}
