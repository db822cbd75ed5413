using System.Numerics;

namespace Mtlc.Runtime.Data.Synthetic;

/// <summary>What a surface is made of; <see cref="Finishes"/> says how each looks.</summary>
enum Finish : byte
{
    Matte,
    Metal,
    Cloth,
    Skin,
    Leaves,
    Bark,
    Brick,
    Concrete,
    Planks,
    Facade,
    RoofTiles,
    Awning,
    CarBody,
    CarCabin,
    Wheel,
    SpokedWheel,
    BusBody,
    CargoBox,
    Glass,
    Lamp,
    SignFace,
    Railing,
    Mesh,
    SignalHead,
    Ballast,
}

/// <summary>
/// Colours are linear reflectances of red, green and blue. What the remaining values mean is up to the finish.
/// </summary>
sealed record Material(Finish Finish, Vector3 Color)
{
    public Vector3 Accent { get; init; }
    public Vector3 Third { get; init; }
    public uint Seed { get; init; }
    public int Variant { get; init; }

    /// <summary>Emitted light, for lamps.</summary>
    public float Glow { get; init; }

    /// <summary>Leaves: noise cells a metre, how lacy the silhouette is, and how fast the middle closes.</summary>
    public float Grain { get; init; } = 3f;
    public float Density { get; init; } = 0.8f;
    public float EdgeSharpness { get; init; } = 2.2f;

    /// <summary>Whether one may see through some points of the surface.</summary>
    public bool MayHaveHoles => Finish is Finish.Railing or Finish.Mesh or Finish.SpokedWheel or Finish.Planks;

    public FacadeStyle? Facade { get; init; }
    public VehicleStyle? Vehicle { get; init; }
}

/// <summary>How windows are laid out on a wall, in metres.</summary>
sealed record FacadeStyle(float FloorHeight, float BayWidth, float WindowWidth, float WindowHeight, float SillHeight)
{
    /// <summary>Height of the ground floor; zero where it looks like the others.</summary>
    public float ShopHeight { get; init; }
    public Vector3 ShopColor { get; init; }
    public Vector3 FrameColor { get; init; } = new(0.8f);
    public bool Bricks { get; init; }
    public bool Shutters { get; init; }
    public bool Bands { get; init; }
    public bool CurtainWall { get; init; }
    public float LitWindows { get; init; }
}

/// <summary>Measures of a vehicle that its paintwork follows, in metres.</summary>
sealed record VehicleStyle(float HalfLength, float HalfWidth, float Height, float FrontAxle, float RearAxle, float WheelRadius)
{
    public float CabinFront { get; init; }
    public float CabinRear { get; init; }
    public float CabinBase { get; init; }
    public float RearGlass { get; init; }
    public int Doors { get; init; } = 4;
    public bool LightsOn { get; init; }
    public bool Braking { get; init; }
}
