using System.Numerics;
using System.Runtime.CompilerServices;

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
    static float Lattice(int x, int y, int z) =>
        (Scramble((uint)x * 0x8DA6B343 ^ (uint)y * 0xD8163841 ^ (uint)z * 0xCB1AB31F) >> 8) * (1f / 16777216f);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static float Fade(float t) => t * t * (3f - 2f * t);

    public static float At(float x, float y, uint seed)
    {
        float fx = MathF.Floor(x), fy = MathF.Floor(y);
        int ix = (int)fx, iy = (int)fy;
        float u = Fade(x - fx), v = Fade(y - fy);
        float top = PortableMath.Lerp(Hash(ix, iy, seed), Hash(ix + 1, iy, seed), u);
        float bottom = PortableMath.Lerp(Hash(ix, iy + 1, seed), Hash(ix + 1, iy + 1, seed), u);
        return PortableMath.Lerp(top, bottom, v);
    }

    public static float At(Vector3 p)
    {
        float fx = MathF.Floor(p.X), fy = MathF.Floor(p.Y), fz = MathF.Floor(p.Z);
        int x = (int)fx, y = (int)fy, z = (int)fz;
        float u = Fade(p.X - fx), v = Fade(p.Y - fy), w = Fade(p.Z - fz);
        float near = PortableMath.Lerp(
            PortableMath.Lerp(Lattice(x, y, z), Lattice(x + 1, y, z), u),
            PortableMath.Lerp(Lattice(x, y + 1, z), Lattice(x + 1, y + 1, z), u), v);
        float far = PortableMath.Lerp(
            PortableMath.Lerp(Lattice(x, y, z + 1), Lattice(x + 1, y, z + 1), u),
            PortableMath.Lerp(Lattice(x, y + 1, z + 1), Lattice(x + 1, y + 1, z + 1), u), v);
        return PortableMath.Lerp(near, far, w);
    }

    /// <summary>Three octaves, each at twice the frequency and half the strength of the one before.</summary>
    public static float Fractal(float x, float y, uint seed) =>
        (At(x, y, seed) * 4f + At(x * 2.03f + 17f, y * 2.03f, seed) * 2f + At(x * 4.1f, y * 4.1f + 31f, seed)) * (1f / 7f);
}
