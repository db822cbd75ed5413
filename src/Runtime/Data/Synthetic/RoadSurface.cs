using System.Numerics;
using static Mtlc.Runtime.Data.Synthetic.PortableMath;

namespace Mtlc.Runtime.Data.Synthetic;

/// <summary>Asphalt with patches, cracks, manholes and puddles; lane lines, zebra crossings, parking bays, cycle lanes and
/// rails.</summary>
static class RoadSurface
{
    public static Surface Shade(StreetPlan plan, Atmosphere weather, float u, float v, float kerb, float pixel, float stretch)
    {
        uint seed = plan.Seed;
        float lanes = plan.LanesEdge;
        float coarse = Noise.At(u * 0.7f, v * 0.12f, seed);
        float grain = stretch < 0.5f ? Noise.Hash((int)MathF.Floor(u * 45f), (int)MathF.Floor(v * 45f), seed) - 0.5f : 0f;
        float shade = 0.142f * (0.88f + 0.26f * coarse) * (1f + 0.42f * grain * Saturate(1.4f - 2.5f * stretch));
        // Wheels polish two tracks in each lane.
        float inLane = (MathF.Abs(u) - 0.5f * plan.MedianWidth) / plan.LaneWidth;
        float track = MathF.Abs(inLane - MathF.Floor(inLane) - 0.5f) - 0.24f;
        if (MathF.Abs(u) < lanes)
            shade *= 1f - 0.13f * Saturate(1f - MathF.Abs(track) * 8f);
        var color = new Vector3(1f, 0.985f, 0.97f) * shade;
        color *= Patch(u, v, seed, pixel, stretch);
        bool crossing = plan.HasCrossing && MathF.Abs(v - plan.CrossAt) < plan.CrossHalfWidth + 0.3f;

        if (!crossing)
            color = CycleLane(plan, color, u, pixel);
        if (plan.Median == Median.Tram)
            color = Rails(plan, color, u, pixel, stretch);
        float paint = crossing ? 0f : Markings(plan, u, v, pixel, stretch);
        if (paint > 0f)
        {
            float wear = 0.78f + 0.3f * Noise.At(u * 4f, v * 1.5f, seed + 5);
            color = Mix(color, new Vector3(0.62f, 0.615f, 0.59f), Saturate(paint * wear));
        }
        // A gutter collects dirt.
        color *= 1f - 0.28f * Saturate(1f + kerb / 0.35f);
        float wet = weather.Wetness,
            puddle = 0f;
        if (wet > 0f)
        {
            puddle = SmoothStep(0.70f - 0.12f * wet, 0.78f, Noise.Fractal(u * 0.9f, v * 0.16f, seed + 7)) * wet;
            color *= 1f - 0.45f * wet;
        }
        return new Surface(color) { Gloss = wet * (0.28f + 0.5f * puddle) };
    }

    /// <summary>Repaired rectangles, cracks and manhole covers, as a factor of brightness.</summary>
    static float Patch(float u, float v, uint seed, float pixel, float stretch)
    {
        int cell = (int)MathF.Floor(v / 9f);
        float light = 1f;
        float chance = Noise.Hash(cell, 1, seed);
        if (chance < 0.45f)
        {
            float u0 = (Noise.Hash(cell, 2, seed) - 0.5f) * 9f,
                v0 = 9f * cell + 2f + 4f * Noise.Hash(cell, 3, seed);
            float w = 0.4f + 1.0f * Noise.Hash(cell, 4, seed),
                l = 0.6f + 2.2f * Noise.Hash(cell, 5, seed);
            float inside = Coverage(w - MathF.Abs(u - u0), pixel) * Coverage(l - MathF.Abs(v - v0), stretch);
            light *= 1f - (chance < 0.25f ? 0.26f : -0.16f) * inside;
        }
        else if (chance < 0.75f)
        {
            float u0 = (Noise.Hash(cell, 6, seed) - 0.5f) * 7f,
                v0 = 9f * cell + 4.5f;
            float r = MathF.Sqrt((u - u0) * (u - u0) + (v - v0) * (v - v0));
            float rim = Coverage(0.36f - r, stretch);
            light *= 1f - 0.42f * rim * (r > 0.29f ? 1f : 0.55f + 0.2f * Noise.Hash((int)(u * 30f), (int)(v * 30f), seed));
        }
        if (stretch < 0.35f)
        {
            float wander = Noise.Fractal(u * 0.8f, v * 0.8f, seed + 11);
            light *=
                1f
                - 0.35f
                    * Saturate(1f - MathF.Abs(wander - 0.5f) * 160f)
                    * Saturate(1.3f - 4f * stretch)
                    * (coarseMask(u, v, seed) ? 1f : 0f);
        }
        return light;

        static bool coarseMask(float u, float v, uint seed) => Noise.At(u * 0.15f, v * 0.1f, seed + 12) > 0.58f;
    }

    static Vector3 CycleLane(StreetPlan plan, Vector3 color, float u, float pixel)
    {
        var side = plan.Side(u < 0f ? -1 : 1);
        if (!side.BicycleLane || (plan.Seed & 4) == 0)
            return color;
        float x = MathF.Abs(u) - plan.LanesEdge;
        float inside = Coverage(MathF.Min(x, 1.6f - x), pixel);
        return Mix(color, new Vector3(0.26f, 0.085f, 0.06f), inside * 0.85f);
    }

    static Vector3 Rails(StreetPlan plan, Vector3 color, float u, float pixel, float stretch)
    {
        float half = 0.5f * plan.MedianWidth,
            x = MathF.Abs(u);
        float bed = Coverage(half - 0.1f - x, pixel);
        color = Mix(color, new Vector3(0.21f, 0.205f, 0.195f), bed * 0.8f);
        float rail = MathF.Abs(MathF.Abs(x - 1.6f) - 0.72f);
        float steel = Coverage(0.045f - rail, pixel),
            groove = Coverage(0.085f - rail, pixel);
        color = Mix(color, new Vector3(0.035f), groove);
        return Mix(color, new Vector3(0.36f, 0.35f, 0.34f), steel);
    }

    /// <summary>How much of the pixel is white paint.</summary>
    static float Markings(StreetPlan plan, float u, float v, float pixel, float stretch)
    {
        float paint = 0f,
            x = MathF.Abs(u),
            half = 0.5f * plan.MedianWidth;
        bool ours = u > 0f || plan.OneWay;
        if (plan.HasCrossing)
        {
            float beyond = MathF.Abs(v - plan.CrossAt) - plan.CrossHalfWidth;
            // Zebra stripes 3 m long between 1.5 and 4.5 m from the crossing street, a stop line before them.
            if (beyond < 9f)
            {
                float zebra = Coverage(MathF.Min(beyond - 1.5f, 4.5f - beyond), stretch);
                float stripe = Dashes(u, 1f, 0.5f, pixel);
                float stop = Coverage(MathF.Min(beyond - 5.6f, 6.0f - beyond), stretch);
                bool stops = v < plan.CrossAt ? ours : !ours || plan.OneWay;
                return MathF.Max(zebra * stripe, stops && x < plan.LanesEdge ? stop : 0f);
            }
        }
        float dashed = Dashes(v, 9f, 3.2f, stretch);
        if (plan.OneWay)
        {
            if (plan.Lanes > 1)
                paint = Line(MathF.Abs(u), 0.07f, pixel) * dashed;
        }
        else
        {
            if (plan.Median == Median.Line)
                paint =
                    plan.Lanes > 1 ? MathF.Max(Line(MathF.Abs(x - 0.12f), 0.06f, pixel), 0f) : Line(x, 0.065f, pixel) * dashed;
            else if (half > 0f)
                paint = Line(MathF.Abs(x - half - 0.18f), 0.065f, pixel);
            for (int lane = 1; lane < plan.Lanes; lane++)
                paint = MathF.Max(paint, Line(MathF.Abs(x - half - lane * plan.LaneWidth), 0.065f, pixel) * dashed);
        }
        var side = plan.Side(u < 0f ? -1 : 1);
        float outside = x - plan.LanesEdge;
        if (side.BicycleLane)
        {
            paint = MathF.Max(paint, Line(MathF.Abs(outside), 0.07f, pixel));
            outside -= 1.6f;
        }
        if (side.Parking)
        {
            paint = MathF.Max(paint, Line(MathF.Abs(outside), 0.05f, pixel));
            if (outside > 0f)
                paint = MathF.Max(paint, Dashes(v, 6.1f, 0.11f, stretch) * 0.9f);
        }
        else if (plan.District == District.Outskirts)
        {
            paint = MathF.Max(paint, Line(MathF.Abs(outside + 0.35f), 0.065f, pixel));
        }
        return paint;
    }

    static float Line(float distance, float half, float pixel) =>
        Saturate(MathF.Min(2f * half / pixel, 1f) * Coverage(half - distance, MathF.Max(pixel, 0.01f)));

    /// <summary>A periodic mark of some length, box-filtered over the pixel.</summary>
    static float Dashes(float x, float period, float length, float pixel)
    {
        float a = x / period;
        float phase = (a - MathF.Floor(a)) * period;
        float inside = 0.5f * length - MathF.Abs(phase - 0.5f * length);
        float before = 0.5f * length - MathF.Abs(phase - period - 0.5f * length);
        if (pixel > 0.5f * period)
            return length / period;
        return Saturate(Coverage(MathF.Max(inside, before), pixel));
    }
}
