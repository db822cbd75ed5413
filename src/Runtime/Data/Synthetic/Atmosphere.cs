using System.Numerics;
using static Mtlc.Runtime.Data.Synthetic.PortableMath;

namespace Mtlc.Runtime.Data.Synthetic;

/// <summary>The time of day and the weather: light, sky and haze. Colours are linear radiance.</summary>
sealed record Atmosphere
{
    public required Vector3 SunDirection { get; init; }
    public required Vector3 SunColor { get; init; }
    public required Vector3 Zenith { get; init; }
    public required Vector3 Horizon { get; init; }
    public required Vector3 CloudColor { get; init; }
    public required float CloudCover { get; init; }

    /// <summary>Extinction per metre.</summary>
    public required float Haze { get; init; }

    /// <summary>0 dry, 1 puddles.</summary>
    public required float Wetness { get; init; }

    /// <summary>Whether street lamps, head lamps and windows are lit.</summary>
    public required bool LampsOn { get; init; }
    public required float Exposure { get; init; }
    public required Vector3 WhiteBalance { get; init; }
    public required uint Seed { get; init; }

    public bool CastsShadows => SunColor.X > 0.15f;

    public static Atmosphere Draw(CounterRandom random)
    {
        float kind = random.Unit();
        float azimuth = random.Range(0f, 2f * Pi);
        float elevation = random.Range(0.55f, 1.1f);
        var (sun, zenith, horizon, clouds) = (
            new Vector3(3.1f, 2.95f, 2.7f),
            new Vector3(0.20f, 0.40f, 0.85f),
            new Vector3(0.72f, 0.85f, 1.0f),
            new Vector3(1.25f)
        );
        float cover = random.Range(0f, 0.55f),
            haze = random.Range(0.0007f, 0.0022f),
            wet = 0f,
            exposure = 1.08f;
        bool lamps = false;
        if (kind < 0.22f)
        {
            // Overcast: no sun, a bright grey dome.
            sun = new Vector3(0.05f);
            zenith = new Vector3(0.80f, 0.84f, 0.90f);
            horizon = new Vector3(0.98f, 1.0f, 1.02f);
            clouds = new Vector3(0.66f, 0.70f, 0.76f);
            cover = random.Range(0.6f, 0.9f);
            haze = random.Range(0.0014f, 0.0042f);
            wet = random.Chance(0.5f) ? random.Range(0.35f, 1f) : 0f;
            exposure = 1.22f;
        }
        else if (kind < 0.42f)
        {
            // The golden hour: a low warm sun.
            elevation = random.Range(0.22f, 0.42f);
            sun = new Vector3(3.3f, 2.25f, 1.25f);
            zenith = new Vector3(0.24f, 0.38f, 0.70f);
            horizon = new Vector3(1.12f, 0.86f, 0.62f);
            clouds = new Vector3(1.35f, 1.02f, 0.80f);
            exposure = 1.2f;
            haze = random.Range(0.0014f, 0.0036f);
        }
        else if (kind < 0.50f)
        {
            // Dusk: the sun is gone, lamps are on.
            sun = new Vector3(0.02f);
            zenith = new Vector3(0.10f, 0.15f, 0.34f);
            horizon = new Vector3(0.56f, 0.42f, 0.40f);
            clouds = new Vector3(0.36f, 0.30f, 0.36f);
            haze = random.Range(0.0014f, 0.0032f);
            lamps = true;
            exposure = 1.75f;
            wet = random.Chance(0.3f) ? random.Range(0.3f, 0.9f) : 0f;
        }
        else if (kind < 0.55f)
        {
            // Mist.
            sun = new Vector3(0.12f, 0.11f, 0.10f);
            zenith = new Vector3(0.80f, 0.83f, 0.87f);
            horizon = new Vector3(0.92f, 0.94f, 0.96f);
            cover = 0.3f;
            clouds = zenith;
            haze = random.Range(0.007f, 0.012f);
            lamps = random.Chance(0.5f);
            exposure = 1.05f;
        }
        var direction = new Vector3(Cos(elevation) * Sin(azimuth), Sin(elevation), Cos(elevation) * Cos(azimuth));
        return new Atmosphere
        {
            SunDirection = direction,
            SunColor = random.Near(sun, 0.06f),
            Zenith = random.Near(zenith, 0.1f),
            Horizon = random.Near(horizon, 0.08f),
            CloudColor = clouds,
            CloudCover = cover,
            Haze = haze,
            Wetness = wet,
            LampsOn = lamps,
            Exposure = exposure * random.Range(0.9f, 1.12f),
            WhiteBalance = new Vector3(random.Range(0.95f, 1.05f), 1f, random.Range(0.94f, 1.06f)),
            Seed = random.Bits(),
        };
    }

    /// <summary>The colour of haze and of the clear sky in a unit direction.</summary>
    public Vector3 Clear(Vector3 direction)
    {
        float up = Saturate(direction.Y);
        float low = 1f - up;
        low *= low;
        low *= low;
        var color = Mix(Zenith, Horizon, low * 0.9f + 0.1f * (1f - up));
        float glow = Saturate(Dot(direction, SunDirection));
        glow *= glow;
        glow *= glow;
        glow *= glow;
        return color + SunColor * (0.10f * glow);
    }

    /// <summary>The sky in a unit direction: gradient, sun and clouds.</summary>
    public Vector3 Sky(Vector3 direction)
    {
        var color = Clear(direction);
        float facing = Saturate(Dot(direction, SunDirection));
        float disc = facing * facing;
        for (int i = 0; i < 7; i++)
            disc *= disc;
        if (CastsShadows)
            color += SunColor * (disc * 2.5f);
        float up = direction.Y;
        if (up < 0.01f || CloudCover <= 0f)
            return color;
        float scale = 1.6f / (up + 0.15f);
        float cloud = Noise.Fractal(direction.X * scale + 5f, direction.Z * scale, Seed);
        float detail = Noise.At(direction.X * scale * 9f, direction.Z * scale * 9f, Seed);
        float amount =
            SmoothStep(1f - CloudCover * 0.75f - 0.18f, 1.12f - CloudCover * 0.75f, cloud + 0.10f * detail)
            * SmoothStep(0.01f, 0.12f, up);
        var lit = CloudColor * (1f - 0.28f * SmoothStep(0.55f, 0.95f, cloud)) + SunColor * (0.12f * facing * facing);
        return Mix(color, lit, amount * 0.92f);
    }

    /// <summary>What the sky and the ground shed on a surface that faces <paramref name="normal"/>.</summary>
    public Vector3 Ambient(Vector3 normal)
    {
        var above = (Zenith * 0.62f + Horizon * 0.38f + CloudColor * (0.3f * CloudCover)) * 0.78f;
        var below = (Horizon * 0.16f + SunColor * (0.10f * SunDirection.Y)) * new Vector3(1f, 0.97f, 0.92f);
        return Mix(below, above, 0.5f + 0.5f * normal.Y);
    }
}
