using System.Numerics;
using static Mtlc.Runtime.Data.Synthetic.PortableMath;

namespace Mtlc.Runtime.Data.Synthetic;

/// <summary>Faces of traffic signs and of traffic lights.</summary>
static class Signs
{
    static readonly Vector3 White = new(0.72f),
        Red = new(0.52f, 0.02f, 0.025f),
        Blue = new(0.02f, 0.11f, 0.42f),
        Black = new(0.02f),
        Yellow = new(0.68f, 0.48f, 0.03f);

    /// <summary>0 prohibition, 1 mandatory, 2 no entry, 3 warning, 4 stop, 5 parking or pedestrian crossing, 6 extra plate, 7
    /// direction board.</summary>
    public static Surface Face(Solid solid, Vector3 at)
    {
        bool prism = solid.Shape == Shape.Convex;
        float x = prism ? at.Z : at.X,
            y = at.Y;
        float r = MathF.Sqrt(x * x + y * y);
        uint seed = solid.Material.Seed;
        var color = solid.Material.Variant switch
        {
            0 => r > 0.275f ? Red
            : Digits(x, y, seed) ? Black
            : White,
            1 => r > 0.335f ? White
            : Arrow(x, y, seed) ? White
            : Blue,
            2 => MathF.Abs(y) < 0.065f && MathF.Abs(x) < 0.25f ? White
            : r > 0.335f ? White
            : Red,
            3 => Triangle(x, y) > -0.085f ? Red
            : MathF.Abs(x) < 0.035f && (y > -0.05f && y < 0.16f || y > -0.14f && y < -0.09f) ? Black
            : White,
            4 => Octagon(x, y) > 0.325f ? White
            : MathF.Abs(y) < 0.085f && MathF.Abs(x) < 0.25f && Letters(x * 8f, seed) ? White
            : Red,
            5 => MathF.Max(MathF.Abs(x), MathF.Abs(y)) > 0.305f ? White
            : (seed & 1) == 0 ? (LetterP(x, y) ? White : Blue)
            : Walker(x, y),
            6 => MathF.Abs(x) > 0.395f || MathF.Abs(y) > 0.175f ? Black
            : MathF.Abs(MathF.Abs(y) - 0.07f) < 0.03f && MathF.Abs(x) < 0.3f && Letters(x * 9f + (y > 0 ? 0 : 7), seed) ? Black
            : White,
            _ => Board(solid.Material.Color, x, y, seed),
        };
        return new Surface(color) { Gloss = 0.1f, Emission = color * 0.06f };
    }

    /// <summary>A signal's housing with three lamps, one of which is lit: 0 red, 1 green, 2 amber.</summary>
    public static Surface Signal(Solid solid, Vector3 at, int face)
    {
        var shell = new Surface(solid.Material.Color) { Gloss = 0.2f };
        if (face != 5)
            return shell;
        float step = solid.Size.Y * 0.64f,
            radius = solid.Size.Y * 0.27f;
        for (int i = 0; i < 3; i++)
        {
            float y = at.Y - (1 - i) * step,
                r = MathF.Sqrt(at.X * at.X + y * y);
            if (r > radius)
                continue;
            bool lit = solid.Material.Variant switch
            {
                0 => i == 0,
                1 => i == 2,
                _ => i == 1,
            };
            var lamp = i switch
            {
                0 => new Vector3(1f, 0.05f, 0.03f),
                1 => new Vector3(1f, 0.55f, 0.05f),
                _ => new Vector3(0.05f, 1f, 0.42f),
            };
            return new Surface(lamp * 0.06f) { Emission = lit ? lamp * (2.2f - r / radius) : Vector3.Zero, Gloss = 0.3f };
        }
        return shell;
    }

    static bool Digits(float x, float y, uint seed)
    {
        if (MathF.Abs(y) > 0.125f)
            return false;
        // A speed: two figures, the second always a nought.
        float left = x + 0.085f,
            right = x - 0.085f;
        float nought = MathF.Max(MathF.Abs(right) / 0.075f, MathF.Abs(y) / 0.125f);
        if (nought is < 1f and > 0.55f)
            return true;
        bool upper =
            MathF.Abs(left) < 0.07f && (MathF.Abs(y - 0.105f) < 0.022f || MathF.Abs(y + 0.105f) < 0.022f || MathF.Abs(y) < 0.02f);
        float edge = y > 0f ^ (seed & 1) == 0 ? -0.055f : 0.055f;
        return upper || MathF.Abs(left - edge) < 0.02f;
    }

    static bool Arrow(float x, float y, uint seed)
    {
        if ((seed & 1) == 0)
            x = -x;
        bool shaft = MathF.Abs(x) < 0.035f && y is > -0.2f and < 0.08f;
        bool head = y is > 0.04f and < 0.22f && MathF.Abs(x) < (0.22f - y) * 0.7f;
        return shaft || head;
    }

    static float Triangle(float x, float y) => MathF.Max(-y - 0.23f, 0.5f * y + 0.866f * MathF.Abs(x) - 0.23f);

    static float Octagon(float x, float y)
    {
        float a = MathF.Abs(x),
            b = MathF.Abs(y);
        return MathF.Max(MathF.Max(a, b), (a + b) * 0.7071f);
    }

    static bool Letters(float x, uint seed) => x - MathF.Floor(x) < 0.3f + 0.5f * Noise.Hash((int)MathF.Floor(x), 1, seed);

    static bool LetterP(float x, float y)
    {
        bool stem = MathF.Abs(x + 0.085f) < 0.035f && MathF.Abs(y) < 0.2f;
        float r = MathF.Sqrt((x + 0.03f) * (x + 0.03f) + (y - 0.09f) * (y - 0.09f));
        return stem || r is > 0.05f and < 0.115f && x > -0.08f;
    }

    static Vector3 Walker(float x, float y)
    {
        bool inside = Triangle(x, y) < -0.03f;
        if (!inside)
            return Blue;
        bool body =
            MathF.Abs(x) < 0.03f && y is > -0.12f and < 0.06f
            || x * x + (y - 0.09f) * (y - 0.09f) < 0.001f
            || MathF.Abs(MathF.Abs(x) - 0.04f) < 0.02f && y is > -0.19f and < -0.1f;
        return body ? Black : White;
    }

    static Vector3 Board(Vector3 ground, float x, float y, uint seed)
    {
        var ink = ground.X > 0.3f ? Black : White;
        if (MathF.Abs(x) > 1.28f || MathF.Abs(y) > 0.68f)
            return ink;
        int line = (int)MathF.Floor((y + 0.7f) / 0.42f);
        float h = (y + 0.7f) / 0.42f - line;
        bool text =
            h is > 0.3f and < 0.7f && x > -0.7f && x < 0.1f + Noise.Hash(line, 9, seed) && Letters(x * 7f + line * 13f, seed);
        bool arrow =
            x < -0.85f && MathF.Abs(x + 1.02f) < 0.14f && MathF.Abs(h - 0.5f) < 0.3f * Saturate(1f + (x + 0.88f) / 0.28f);
        return text || arrow ? ink : ground;
    }
}
