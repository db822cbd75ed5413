using System.Numerics;
using static Mtlc.Runtime.Data.Synthetic.PortableMath;

namespace Mtlc.Runtime.Data.Synthetic;

/// <summary>The road's surface at height 0, and kerbs, pavements and grass one kerb higher, from the street's plan
/// alone.</summary>
static class Ground
{
    /// <summary>Where a falling ray reaches the height of the kerbs: no ground lies before that.</summary>
    public static float Nearest(Vector3 eye, Vector3 ray) => (StreetPlan.KerbHeight - eye.Y) / ray.Y;

    /// <summary>A hit of the ground by a falling ray: ray parameter, and whether the kerb's upright face was met.</summary>
    public static float Hit(StreetPlan plan, Vector3 eye, Vector3 ray, out bool kerbFace)
    {
        kerbFace = false;
        float upper = (StreetPlan.KerbHeight - eye.Y) / ray.Y,
            lower = -eye.Y / ray.Y;
        if (upper > 0f && Raised(plan, eye + ray * upper))
            return upper;
        if (!Raised(plan, eye + ray * lower))
            return lower;
        // Between the two heights the ray crosses the kerb line: halve the interval until a pixel could not tell.
        for (int i = 0; i < 12; i++)
        {
            float middle = 0.5f * (upper + lower);
            if (Raised(plan, eye + ray * middle))
                lower = middle;
            else
                upper = middle;
        }
        kerbFace = true;
        return lower;
    }

    static bool Raised(StreetPlan plan, Vector3 p)
    {
        var (u, v) = plan.Locate(p.X, p.Z);
        return plan.KerbDistance(u, v) > 0f;
    }

    /// <summary>The upright normal of the kerb: against the gradient of the distance to it.</summary>
    public static Vector3 KerbNormal(StreetPlan plan, Vector3 p)
    {
        const float Step = 0.02f;
        float dx = Distance(plan, p.X + Step, p.Z) - Distance(plan, p.X - Step, p.Z);
        float dz = Distance(plan, p.X, p.Z + Step) - Distance(plan, p.X, p.Z - Step);
        float length = MathF.Sqrt(dx * dx + dz * dz);
        return length < 1e-6f ? -Vector3.UnitZ : new Vector3(-dx / length, 0f, -dz / length);
    }

    static float Distance(StreetPlan plan, float x, float z)
    {
        var (u, v) = plan.Locate(x, z);
        return plan.KerbDistance(u, v);
    }

    public static byte Class(StreetPlan plan, Vector3 p, bool kerbFace)
    {
        if (kerbFace)
            return ClassId.Sidewalk;
        if (p.Y < 0.5f * StreetPlan.KerbHeight)
            return ClassId.Road;
        var (u, v) = plan.Locate(p.X, p.Z);
        return plan.Beyond(u, v, plan.KerbDistance(u, v)) == Zone.Grass ? ClassId.Terrain : ClassId.Sidewalk;
    }

    /// <param name="pixel">Width of a pixel at the point, in metres across the line of sight.</param>
    /// <param name="stretch">The same along the line of sight on the ground.</param>
    public static Surface Shade(StreetPlan plan, Atmosphere weather, Vector3 p, bool kerbFace, float pixel, float stretch)
    {
        var (u, v) = plan.Locate(p.X, p.Z);
        if (kerbFace)
            return Kerb(plan, u, v, 0.85f, pixel, stretch);
        float kerb = plan.KerbDistance(u, v);
        if (p.Y < 0.5f * StreetPlan.KerbHeight)
            return RoadSurface.Shade(plan, weather, u, v, kerb, pixel, stretch);
        return plan.Beyond(u, v, kerb) switch
        {
            Zone.Kerb => Kerb(plan, u, v, 1f, pixel, stretch),
            Zone.Grass => Grass(plan, p, stretch),
            _ => Paving(plan, weather, u, v, pixel, stretch),
        };
    }

    static Surface Kerb(StreetPlan plan, float u, float v, float light, float pixel, float stretch)
    {
        float joint = MathF.Abs(v - MathF.Floor(v) - 0.5f);
        float line = Coverage(joint - 0.485f, stretch + 0.01f) * Saturate(0.05f / stretch);
        float tone = 0.9f + 0.2f * Noise.Hash((int)MathF.Floor(v), (int)u, plan.Seed);
        return new Surface(new Vector3(0.36f, 0.355f, 0.34f) * (tone * light * (1f - 0.5f * line)));
    }

    static Surface Grass(StreetPlan plan, Vector3 p, float stretch)
    {
        float patches = Noise.At(p.X * 0.35f, p.Z * 0.35f, plan.Seed);
        float blades = stretch < 0.6f ? Noise.At(p.X * 21f, p.Z * 9f, plan.Seed + 3) : 0.5f;
        float tufts = stretch < 3f ? Noise.At(p.X * 3.1f, p.Z * 2.3f, plan.Seed + 2) : 0.5f;
        var color = Mix(new Vector3(0.10f, 0.175f, 0.04f), new Vector3(0.20f, 0.215f, 0.075f), SmoothStep(0.3f, 0.8f, patches));
        color = Mix(color, new Vector3(0.17f, 0.13f, 0.08f), SmoothStep(0.78f, 0.95f, patches * 0.7f + tufts * 0.3f) * 0.7f);
        return new Surface(color * (0.55f + 0.45f * tufts + 0.45f * blades));
    }

    static Surface Paving(StreetPlan plan, Atmosphere weather, float u, float v, float pixel, float stretch)
    {
        bool large = (plan.Seed & 1) == 0;
        float size = large ? 0.6f : 0.3f;
        float a = u / size,
            b = v / size;
        if (!large)
            b += 0.5f * (int)MathF.Floor(a);
        float fa = a - MathF.Floor(a),
            fb = b - MathF.Floor(b);
        float seam = MathF.Max(MathF.Abs(fa - 0.5f), MathF.Abs(fb - 0.5f) - 0.3f * Saturate(stretch / size - 0.4f));
        float sharp = Saturate(0.35f * size / (stretch + 0.02f));
        float line = Coverage((seam - 0.47f) * size, pixel + 0.012f) * sharp;
        float tone = Noise.Hash((int)MathF.Floor(a), (int)MathF.Floor(b), plan.Seed);
        float stain = Noise.At(u * 0.9f, v * 0.5f, plan.Seed + 9);
        var hue = ((plan.Seed >> 1) & 3) switch
        {
            0 => new Vector3(0.36f, 0.30f, 0.26f),
            1 => new Vector3(0.34f, 0.335f, 0.32f),
            _ => new Vector3(0.40f, 0.375f, 0.34f),
        };
        float value =
            (0.86f + 0.26f * (tone - 0.5f) * Saturate(1.5f * sharp + 0.2f)) * (0.85f + 0.25f * stain) * (1f - 0.38f * line);
        return new Surface(hue * (value * (1f - 0.35f * weather.Wetness))) { Gloss = 0.25f * weather.Wetness };
    }
}
