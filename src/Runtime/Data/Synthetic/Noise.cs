using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Mtlc.Runtime.Data.Synthetic;

/// <summary>Value noise on integer lattices: what textures, clouds and leaves are made of. All results lie in [0, 1].</summary>
static class Noise
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static uint Scramble(uint h)
    {
        h ^= h >> 15;
        h *= 0x2C1B3C6D;
        h ^= h >> 12;
        h *= 0x297A2D39;
        return h ^ (h >> 15);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Hash(int x, int y, uint seed) =>
        (Scramble((uint)x * 0x8DA6B343 ^ (uint)y * 0xD8163841 ^ seed * 0x9E3779B1) >> 8) * (1f / 16777216f);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static float Fade(float t) => t * t * (3f - 2f * t);

    // The corners of a lattice cell are hashed side by side: integers and elementwise float operations only, so that the lanes
    // hold the same bits whatever the vector unit.
    const uint StepX = 0x8DA6B343,
        StepY = 0xD8163841,
        StepZ = 0xCB1AB31F;
    static readonly Vector128<uint> SquareX = Vector128.Create(0u, StepX, 0u, StepX),
        SquareY = Vector128.Create(0u, 0u, StepY, StepY);
    static readonly Vector256<uint> CubeX = Vector256.Create(SquareX, SquareX),
        CubeY = Vector256.Create(SquareY, SquareY);
    static readonly Vector256<uint> CubeZ = Vector256.Create(0u, 0u, 0u, 0u, StepZ, StepZ, StepZ, StepZ);

    public static float At(float x, float y, uint seed)
    {
        float fx = MathF.Floor(x),
            fy = MathF.Floor(y);
        float u = Fade(x - fx),
            v = Fade(y - fy);
        var h =
            (Vector128.Create((uint)(int)fx * StepX) + SquareX)
            ^ (Vector128.Create((uint)(int)fy * StepY) + SquareY)
            ^ Vector128.Create(seed * 0x9E3779B1);
        h ^= h >>> 15;
        h *= Vector128.Create(0x2C1B3C6Du);
        h ^= h >>> 12;
        h *= Vector128.Create(0x297A2D39u);
        h ^= h >>> 15;
        return Blend(Vector128.ConvertToSingle((h >>> 8).AsInt32()), u, v);
    }

    public static float At(Vector3 p)
    {
        float fx = MathF.Floor(p.X),
            fy = MathF.Floor(p.Y),
            fz = MathF.Floor(p.Z);
        float u = Fade(p.X - fx),
            v = Fade(p.Y - fy),
            w = Fade(p.Z - fz);
        var h =
            (Vector256.Create((uint)(int)fx * StepX) + CubeX)
            ^ (Vector256.Create((uint)(int)fy * StepY) + CubeY)
            ^ (Vector256.Create((uint)(int)fz * StepZ) + CubeZ);
        h ^= h >>> 15;
        h *= Vector256.Create(0x2C1B3C6Du);
        h ^= h >>> 12;
        h *= Vector256.Create(0x297A2D39u);
        h ^= h >>> 15;
        var value = Vector256.ConvertToSingle((h >>> 8).AsInt32());
        var near = value.GetLower();
        return Blend(near + (value.GetUpper() - near) * w, u, v);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static float Blend(Vector128<float> corners, float u, float v)
    {
        float left = corners[0] + (corners[2] - corners[0]) * v,
            right = corners[1] + (corners[3] - corners[1]) * v;
        return (left + (right - left) * u) * (1f / 16777216f);
    }

    /// <summary>Three octaves, each at twice the frequency and half the strength of the one before.</summary>
    public static float Fractal(float x, float y, uint seed) =>
        (At(x, y, seed) * 4f + At(x * 2.03f + 17f, y * 2.03f, seed) * 2f + At(x * 4.1f, y * 4.1f + 31f, seed)) * (1f / 7f);
}
