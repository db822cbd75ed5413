using System.Collections.Immutable;
using System.Numerics;

namespace Mtlc.Runtime.Data.Synthetic;

/// <summary>A street: everything there is to see, before a size or a camera's film is chosen.</summary>
sealed record Scene(
    StreetPlan Plan,
    Atmosphere Atmosphere,
    Backdrop Backdrop,
    ImmutableArray<Solid> Solids,
    ImmutableArray<Footprint> Footprints,
    Vector3 Eye,
    Vector3 Forward,
    Vector3 Right,
    Vector3 Down,
    float Zoom,
    float Bonnet,
    Vector3 BonnetColor,
    uint Seed
);

/// <summary>What closes the view: a ring of trees and behind it a ring of roofs, both around the origin.</summary>
sealed record Backdrop(
    float TreeRadius,
    float TreeHeight,
    Vector3 TreeColor,
    float RoofRadius,
    float RoofHeight,
    Vector3 RoofColor,
    uint Seed
)
{
    /// <summary>Height of the trees in the direction (x, z), a vector of length one.</summary>
    public float Trees(float x, float z)
    {
        float coarse = Noise.At(x * 9f, z * 9f, Seed),
            fine = Noise.At(x * 70f, z * 70f, Seed + 1);
        return TreeHeight * (0.25f + 1.1f * coarse + 0.25f * fine);
    }

    /// <summary>Height of the houses in the direction (x, z): steps, one for each house.</summary>
    public float Roofs(float x, float z)
    {
        float angle = z > 0f ? x : 2f - x;
        return RoofHeight * (0.45f + 0.9f * Noise.Hash((int)MathF.Floor(angle * 24f), 0, Seed));
    }
}

/// <summary>A pinhole camera for one picture size. Rays are scaled so that their parameter is depth along the optical
/// axis.</summary>
readonly struct Viewpoint
{
    public Viewpoint(Scene scene, int height, int width)
    {
        // As wide as the data sets of the field at 1x2; squarer pictures see less to the sides and more sky.
        Focal = scene.Zoom * MathF.Max(MathF.Sqrt(2f * height * width), 0.85f * width);
        CenterX = 0.5f * width;
        // Pictures taller than that are cut from higher up, so that the road begins no nearer than 4 m.
        CenterY = MathF.Max(0.5f * height, height - 0.285f * Focal);
        Right = scene.Right * (1f / Focal);
        Down = scene.Down * (1f / Focal);
        Corner = scene.Forward - Right * CenterX - Down * CenterY;
    }

    public float Focal { get; }
    public float CenterX { get; }
    public float CenterY { get; }

    /// <summary>The ray through (0, 0) and what a pixel to the right and one down add to it.</summary>
    public Vector3 Corner { get; }
    public Vector3 Right { get; }
    public Vector3 Down { get; }

    /// <summary>The ray through a point of the picture; the centre of the top left pixel is (0.5, 0.5).</summary>
    public Vector3 Ray(float x, float y) => Corner + Right * x + Down * y;
}
