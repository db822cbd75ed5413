using System.Numerics;

namespace Mtlc.Runtime.Data.Synthetic;

/// <summary>What is drawn on vehicles: lamps, grilles, plates, windows, doors, wheel arches, liveries.</summary>
static class Paintwork
{
    static readonly Vector3 Dark = new(0.018f),
        Chrome = new(0.45f),
        Amber = new(0.55f, 0.22f, 0.02f),
        Plate = new(0.62f, 0.61f, 0.55f);

    static Surface Paint(Vector3 color) => new(color) { Gloss = 0.55f };

    static Surface Glazing(float tint = 0.012f) => new(new Vector3(tint, tint * 1.1f, tint * 1.15f)) { Gloss = 0.9f };

    static Surface TailLamp(bool braking, bool on) =>
        new(new Vector3(0.32f, 0.012f, 0.012f))
        {
            Gloss = 0.5f,
            Emission =
                new Vector3(1f, 0.04f, 0.03f)
                * (
                    braking ? 1.5f
                    : on ? 0.55f
                    : 0.05f
                ),
        };

    static Surface HeadLamp(bool on) =>
        new(new Vector3(0.55f)) { Gloss = 0.8f, Emission = new Vector3(1f, 0.95f, 0.82f) * (on ? 2.6f : 0.08f) };

    /// <summary>The lower hull of a car: faces by normal, so that every outline is painted alike.</summary>
    public static Surface Body(Solid solid, Vector3 at, int face, float pixel)
    {
        var m = solid.Material;
        var s = m.Vehicle!;
        var n = solid.Planes[face];
        float x = MathF.Abs(at.X),
            w = s.HalfWidth,
            y = at.Y;
        if (face >= solid.Planes.Length - 2)
            return Side(m, s, at, pixel);
        if (n.Z < -0.45f)
        {
            // The rear: lamps at the corners, plate, bumper, tailgate seam.
            float lampTop = s.CabinBase - 0.06f,
                lampLow = s.CabinBase - 0.26f;
            if (y > lampLow && y < lampTop && x > w - 0.36f)
                return x < w - 0.28f && y < lampLow + 0.07f
                    ? new Surface(Amber) { Gloss = 0.4f }
                    : TailLamp(s.Braking, s.LightsOn);
            if (x < 0.27f && MathF.Abs(y - 0.56f * s.CabinBase - 0.10f) < 0.065f)
                return new Surface(Plate);
            if (y < 0.40f)
                return new Surface(y < 0.30f ? Dark : Dark * 1.8f);
            if (MathF.Abs(y - 0.47f) < 0.012f)
                return new Surface(m.Color * 0.35f);
            if (x < 0.07f && MathF.Abs(y - lampTop + 0.02f) < 0.03f)
                return new Surface(Chrome) { Gloss = 0.5f };
            return Paint(m.Color);
        }
        if (n.Z > 0.45f)
        {
            // The front: head lamps, grille, plate, lower intake, fog lamps.
            float top = 0.78f * s.CabinBase;
            if (y > top - 0.19f && y < top - 0.02f && x > w - 0.46f)
                return x > w - 0.10f ? new Surface(Amber) { Gloss = 0.5f } : HeadLamp(s.LightsOn);
            if (x < w - 0.50f && y > top - 0.18f && y < top - 0.04f)
                return MathF.Abs(y * 22f - MathF.Floor(y * 22f) - 0.5f) < 0.2f || x < 0.06f
                    ? new Surface(Chrome * 0.6f) { Gloss = 0.4f }
                    : new Surface(Dark);
            if (x < 0.27f && MathF.Abs(y - 0.42f) < 0.06f)
                return new Surface(Plate);
            if (y < 0.34f)
                return x < 0.62f * w ? new Surface(Dark) : new Surface(Dark * 2f);
            return Paint(m.Color);
        }
        if (n.Y < -0.3f)
            return new Surface(Dark);
        // Bonnet and boot lid: a seam across, creases along.
        if (x > w - 0.13f && x < w - 0.115f)
            return new Surface(m.Color * 0.5f) { Gloss = 0.3f };
        return Paint(m.Color);
    }

    static Surface Side(Material m, VehicleStyle s, Vector3 at, float pixel)
    {
        float y = at.Y,
            z = at.Z;
        foreach (float axle in (ReadOnlySpan<float>)[s.FrontAxle, s.RearAxle])
        {
            float dz = z - axle,
                dy = y - s.WheelRadius;
            float r = MathF.Sqrt(dz * dz + dy * dy) / s.WheelRadius;
            if (r < 1.20f)
                return new Surface(Dark * (r < 1.13f ? 0.6f : 1.5f));
        }
        if (y < 0.29f)
            return new Surface(Dark * 1.4f);
        if (z > s.HalfLength - 0.30f && y > 0.58f * s.CabinBase && y < 0.77f * s.CabinBase)
            return HeadLamp(s.LightsOn);
        if (z < -s.HalfLength + 0.22f && y > s.CabinBase - 0.26f && y < s.CabinBase - 0.06f)
            return TailLamp(s.Braking, s.LightsOn);
        float front = s.CabinFront - 0.30f * s.HalfLength,
            rear = s.RearAxle + 0.42f * s.WheelRadius,
            middle = 0.5f * (front + rear) - 0.05f;
        float seam = MathF.Min(MathF.Abs(z - front), MathF.Abs(z - rear));
        if (s.Doors == 4)
            seam = MathF.Min(seam, MathF.Abs(z - middle));
        if (seam < MathF.Max(0.012f, 0.3f * pixel) && y > 0.33f)
            return new Surface(m.Color * 0.28f);
        if (MathF.Abs(y - s.CabinBase + 0.14f) < 0.018f && (z - middle is > 0.06f and < 0.24f || z - rear is > 0.08f and < 0.26f))
            return new Surface(m.Color * 0.45f) { Gloss = 0.4f };
        if (MathF.Abs(y - 0.50f) < 0.025f)
            return Paint(m.Color * 0.72f);
        return Paint(m.Color);
    }

    /// <summary>Windscreen, rear window and side windows with pillars, under a painted roof.</summary>
    public static Surface Cabin(Solid solid, Vector3 at, int face)
    {
        var m = solid.Material;
        var s = m.Vehicle!;
        var n = solid.Planes[face];
        float top = s.Height - 0.13f,
            low = s.CabinBase + 0.035f,
            x = MathF.Abs(at.X);
        float width = s.HalfWidth - 0.06f - 0.26f * MathF.Max(0f, at.Y - s.CabinBase);
        if (face >= solid.Planes.Length - 2)
        {
            if (at.Y < low || at.Y > top)
                return Paint(m.Color);
            // Pillars follow the slope of the screens before and behind them.
            float rise = (at.Y - s.CabinBase) / (s.Height - s.CabinBase);
            float front = Edge(solid, 1, at.Y) - 0.12f,
                rear = Edge(solid, solid.Planes.Length - 3, at.Y) + 0.16f + 0.1f * rise;
            if (at.Z > front || at.Z < rear)
                return Paint(m.Color);
            float doorRear = s.RearAxle + 0.42f * s.WheelRadius,
                middle = 0.5f * (s.CabinFront - 0.30f * s.HalfLength + doorRear) - 0.05f;
            if (MathF.Abs(at.Z - middle) < 0.045f)
                return new Surface(Dark);
            if (s.Doors == 2 && at.Z < middle - 0.2f)
                return Paint(m.Color);
            if (MathF.Abs(at.Z - doorRear - 0.12f) < 0.03f)
                return new Surface(Dark);
            return Glazing();
        }
        if (MathF.Abs(n.Z) < 0.25f)
            return Paint(m.Color);
        bool glass = at.Y > low && at.Y < top + 0.03f && x < width - 0.05f;
        if (!glass)
            return Paint(m.Color);
        if (n.Z < 0f && at.Y > top - 0.03f && x < 0.13f)
            return TailLamp(s.Braking, false);
        // Head rests and seats show dimly through the rear window.
        bool seat = at.Y < low + 0.17f && MathF.Abs(x - 0.36f) < 0.13f;
        return Glazing(seat ? 0.035f : 0.012f);
    }

    /// <summary>z at which a plane of an outline is met at height y.</summary>
    static float Edge(Solid solid, int plane, float y)
    {
        var q = solid.Planes[plane];
        return (q.W - q.Y * y) / q.Z;
    }

    /// <summary>Bodies with upright walls: 1 a truck's cab, 2 a bus, 3 a tram.</summary>
    public static Surface Bus(Solid solid, Vector3 at, int face)
    {
        var m = solid.Material;
        var s = m.Vehicle!;
        var n = solid.Planes[face];
        float x = MathF.Abs(at.X),
            y = at.Y,
            w = s.HalfWidth,
            top = s.Height;
        bool side = face >= solid.Planes.Length - 2;
        if (!side && n.Y > 0.75f)
            return new Surface(m.Variant == 1 ? m.Color : new Vector3(0.45f));
        if (!side && n.Y < -0.5f)
            return new Surface(Dark);
        if (y < 0.5f)
            return new Surface(m.Variant == 1 ? Dark * 2f : Dark * 1.5f);
        if (side)
            return m.Variant == 1 ? CabSide(m, s, at) : Windows(m, s, at);
        bool front = n.Z > 0f;
        float screenLow = m.Variant == 1 ? s.CabinBase
            : front ? 1.05f
            : 1.5f,
            screenTop = top - (m.Variant == 1 ? 0.35f : 0.55f);
        bool end = m.Variant != 3 || (front ? s.CabinFront : s.CabinRear) > 0.5f;
        if (!end)
            return new Surface(Dark);
        if (m.Variant != 1 && y > screenTop + 0.05f && y < top - 0.14f && x < 0.72f * w)
        {
            // The destination, in amber letters.
            float letter = at.X * 5f;
            bool text =
                x < 0.5f * w && MathF.Abs(y - 0.5f * (screenTop + top) + 0.05f) < 0.09f && letter - MathF.Floor(letter) < 0.62f;
            return new Surface(Dark) { Emission = text ? new Vector3(0.9f, 0.42f, 0.03f) : Vector3.Zero };
        }
        if (y > screenLow && y < screenTop && x < w - (front ? 0.12f : 0.3f))
            return m.Variant == 1 && !front ? Paint(m.Color)
                : x < 0.02f && m.Variant != 1 ? new Surface(Dark)
                : Glazing(0.02f);
        if (y > 0.62f && y < 0.86f && x > w - 0.42f && x < w - 0.08f)
            return front ? HeadLamp(s.LightsOn) : TailLamp(s.Braking, s.LightsOn);
        if (!front && y > 0.62f && y < 1.3f && x > w - 0.2f && x < w - 0.06f)
            return TailLamp(s.Braking, s.LightsOn);
        if (x < 0.27f && MathF.Abs(y - 0.62f) < 0.07f)
            return new Surface(Plate);
        if (m.Variant == 1 && front && y > 0.75f && y < 1.35f && x < w - 0.5f)
            return y * 9f - MathF.Floor(y * 9f) < 0.45f ? new Surface(Dark) : Paint(m.Color * 0.6f);
        if (!front && m.Variant == 2 && y > 0.75f && y < 1.35f && x < w - 0.4f)
            return y * 11f - MathF.Floor(y * 11f) < 0.4f ? new Surface(m.Color * 0.35f) : Paint(m.Color);
        return Paint(m.Variant == 3 && y > 1.0f ? m.Accent : m.Color);
    }

    static Surface CabSide(Material m, VehicleStyle s, Vector3 at)
    {
        float fromFront = s.HalfLength - at.Z,
            dz = at.Z - s.FrontAxle,
            dy = at.Y - s.WheelRadius;
        if (dz * dz + dy * dy < 0.36f)
            return new Surface(Dark);
        if (at.Y > s.CabinBase && at.Y < s.Height - 0.4f && fromFront is > 0.25f and < 1.15f)
            return Glazing(0.02f);
        if (MathF.Abs(fromFront - 1.3f) < 0.015f || MathF.Abs(fromFront - 0.15f) < 0.015f)
            return new Surface(m.Color * 0.4f);
        return Paint(m.Color);
    }

    static Surface Windows(Material m, VehicleStyle s, Vector3 at)
    {
        float low = s.CabinBase,
            top = s.Height - 0.5f,
            y = at.Y;
        if (m.Variant == 2)
        {
            foreach (float axle in (ReadOnlySpan<float>)[s.FrontAxle, s.RearAxle])
            {
                float dz = at.Z - axle,
                    dy = y - s.WheelRadius;
                if (dz * dz + dy * dy < 0.35f)
                    return new Surface(Dark);
            }
        }
        bool doorSide = at.X > 0f;
        float end = s.HalfLength - (m.Variant == 3 ? 0.9f : 0.35f);
        // Doors: two leaves of glass from the step to the top of the windows.
        for (int i = 0; i < s.Doors && doorSide; i++)
        {
            float z = s.HalfLength * (m.Variant == 3 ? (i == 0 ? -0.42f : 0.42f) : 0.80f - 0.72f * i),
                d = MathF.Abs(at.Z - z);
            if (d < 0.66f && y < top + 0.12f)
                return d < 0.03f || d > 0.60f || y < 0.62f ? new Surface(Dark * 2f) : Glazing(0.02f);
        }
        if (y > low && y < top && MathF.Abs(at.Z) < end)
        {
            float a = at.Z / 1.35f,
                f = MathF.Abs(a - MathF.Floor(a) - 0.5f);
            if (f > 0.465f)
                return new Surface(Dark * 1.5f);
            // Seats and heads in the lower part of the windows.
            float seat = at.Z / 0.8f;
            bool head = y < low + 0.30f && MathF.Abs(seat - MathF.Floor(seat) - 0.5f) < 0.24f;
            var glass = Glazing(head ? 0.05f : 0.022f);
            if (s.LightsOn)
                glass.Emission = new Vector3(0.62f, 0.55f, 0.38f) * (head ? 0.3f : 0.8f);
            return glass;
        }
        if (m.Variant == 3)
            return Paint(y > top || y < low && y > low - 0.12f ? m.Accent : m.Color);
        return Paint(y > top + 0.1f || MathF.Abs(y - low + 0.25f) < 0.11f ? m.Accent : m.Color);
    }

    public static Surface Cargo(Solid solid, Vector3 at, int face, float pixel)
    {
        var m = solid.Material;
        float y = at.Y / solid.Size.Y,
            s = face >> 1 == 0 ? at.Z : at.X,
            half = face >> 1 == 0 ? solid.Size.Z : solid.Size.X;
        if (face >> 1 == 1)
            return new Surface(new Vector3(0.4f));
        bool edge = MathF.Abs(y) > 0.955f || half - MathF.Abs(s) < 0.06f;
        if (edge)
            return new Surface(new Vector3(0.30f)) { Gloss = 0.3f };
        if (face == 4)
        {
            // Rear doors: a gap, two bars and their handles.
            float x = MathF.Abs(at.X);
            if (x < 0.015f || MathF.Abs(x - 0.55f) < 0.02f || MathF.Abs(x - 0.35f) < 0.02f)
                return new Surface(new Vector3(0.22f));
            if (y < -0.86f)
                return new Surface(((int)MathF.Floor(at.X * 5f) & 1) == 0 ? new Vector3(0.5f, 0.03f, 0.02f) : new Vector3(0.6f));
            return new Surface(m.Color) { Gloss = 0.2f };
        }
        float letter = s * 1.4f;
        bool logo = MathF.Abs(s) < 0.5f * half && MathF.Abs(y - 0.15f) < 0.22f && letter - MathF.Floor(letter) < 0.68f;
        var color = m.Variant switch
        {
            0 => logo ? m.Accent : m.Color,
            1 => y < -0.35f ? m.Accent : m.Color,
            _ => MathF.Abs(y - 0.25f - 0.25f * s / half) < 0.2f ? m.Accent : m.Color,
        };
        return new Surface(color) { Gloss = 0.2f };
    }
}
