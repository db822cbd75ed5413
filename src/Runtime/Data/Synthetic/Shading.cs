using System.Numerics;
using static Mtlc.Runtime.Data.Synthetic.PortableMath;

namespace Mtlc.Runtime.Data.Synthetic;

/// <summary>Light at a hit: sun with shadow, ambient from sky and ground, reflections of the sky, lamps, then haze on the way to
/// the eye.</summary>
sealed class Shading(Scene scene, Viewpoint view, Visibility visibility, Shadows shadows)
{
    const int MaximumLayers = 4;
    readonly Atmosphere air = scene.Atmosphere;

    /// <summary>Linear radiance seen through the point (x, y) of the picture, whose first hit is known.</summary>
    public Vector3 Radiance(float x, float y, Vector3 ray, Hit hit)
    {
        float length = Length(ray);
        var direction = ray * (1f / length);
        for (int layer = 0; ; layer++)
        {
            if (hit.Solid == Hit.Sky)
                return air.Sky(direction);
            var p = scene.Eye + ray * hit.T;
            var (surface, normal, ground) = At(p, ray, hit);
            if (surface.Hole && layer < MaximumLayers)
            {
                hit = visibility.Trace(x, y, ray, hit.T + 0.002f);
                continue;
            }
            return Haze(Lit(p, direction, normal, surface, ground), direction, hit.T * length);
        }
    }

    /// <summary>The unit normal in the world at a hit, turned towards the eye.</summary>
    public Vector3 Normal(Vector3 p, Vector3 ray, Hit hit)
    {
        Vector3 normal;
        switch (hit.Solid)
        {
            case Hit.Sky:
                return Vector3.Zero;
            case Hit.Ground:
                return Vector3.UnitY;
            case Hit.Kerb:
                normal = Ground.KerbNormal(scene.Plan, p);
                break;
            case Hit.Trees or Hit.Roofs:
                normal = Normalize(new Vector3(-p.X, 0f, -p.Z));
                break;
            default:
                var solid = visibility.Solid(hit.Solid);
                normal = solid.ToWorldDirection(Intersection.Normal(solid, solid.ToLocal(p), hit.Face));
                break;
        }
        return Dot(normal, ray) > 0f ? -normal : normal;
    }

    public byte Class(Vector3 p, Hit hit) =>
        hit.Solid switch
        {
            Hit.Sky => ClassId.Sky,
            Hit.Ground or Hit.Kerb => Ground.Class(scene.Plan, p, hit.Solid == Hit.Kerb),
            Hit.Trees => ClassId.Vegetation,
            Hit.Roofs => ClassId.Building,
            _ => visibility.Solid(hit.Solid).Class,
        };

    (Surface Surface, Vector3 Normal, bool Ground) At(Vector3 p, Vector3 ray, Hit hit)
    {
        float pixel = hit.T / view.Focal;
        var normal = Normal(p, ray, hit);
        switch (hit.Solid)
        {
            case Hit.Ground or Hit.Kerb:
                float stretch = hit.Solid == Hit.Kerb ? pixel : pixel * MathF.Max(1f, hit.T / (scene.Eye.Y + 0.01f));
                return (Ground.Shade(scene.Plan, air, p, hit.Solid == Hit.Kerb, pixel, stretch), normal, true);
            case Hit.Trees:
                float leaf = Noise.At(p * new Vector3(0.5f, 0.9f, 0.5f));
                return (new Surface(scene.Backdrop.TreeColor * (0.45f + 0.9f * leaf)), normal, false);
            case Hit.Roofs:
                return (new Surface(scene.Backdrop.RoofColor), normal, false);
            default:
                var solid = visibility.Solid(hit.Solid);
                return (Finishes.Shade(solid, solid.ToLocal(p), p, hit.Face, pixel), normal, false);
        }
    }

    Vector3 Lit(Vector3 p, Vector3 direction, Vector3 normal, Surface surface, bool ground)
    {
        float toSun = Dot(normal, air.SunDirection);
        if (surface.Translucent)
            toSun = 0.25f + 0.75f * toSun;
        var light = Vector3.Zero;
        if (air.CastsShadows && toSun > 0f)
        {
            float off = surface.Translucent ? 0.5f : 0.015f;
            if (!shadows.Blocked(p + normal * 0.01f + air.SunDirection * off))
                light = air.SunColor * toSun;
        }
        float open = ground ? shadows.GroundLight(p) : 0.62f + 0.38f * Saturate((p.Y - 0.05f) / 1.1f);
        var color = surface.Albedo * (light + air.Ambient(normal) * open) + surface.Emission;
        if (surface.Gloss <= 0f)
            return color;

        // Schlick's approximation of Fresnel; what is mirrored is sky above the roofs and dim street below them.
        float facing = Saturate(-Dot(normal, direction));
        float grazing = 1f - facing;
        float fresnel = 0.05f + 0.95f * grazing * grazing * grazing * grazing * grazing;
        var mirrored = direction + normal * (2f * facing);
        var sky = air.Clear(mirrored);
        var street = air.Ambient(Vector3.UnitX) * 0.22f;
        float horizon = SmoothStep(0.02f, ground ? 0.16f : 0.45f, mirrored.Y);
        var image = Mix(street, sky, horizon);
        color = Mix(color, image, surface.Gloss * (0.10f + 0.90f * fresnel));
        if (light.X > 0f)
        {
            float glint = Saturate(Dot(mirrored, air.SunDirection));
            for (int i = 0; i < 7; i++)
                glint *= glint;
            color += light * (glint * surface.Gloss * 1.5f);
        }
        return color;
    }

    Vector3 Haze(Vector3 color, Vector3 direction, float distance)
    {
        float clear = Exp(-air.Haze * distance);
        return Mix(air.Clear(new Vector3(direction.X, MathF.Max(direction.Y, 0.02f), direction.Z)) * 0.97f, color, clear);
    }
}
