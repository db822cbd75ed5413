using System.Numerics;

namespace Mtlc.Runtime.Data.Synthetic;

/// <summary>Passenger cars and vans: two convex hulls pulled across the car's width, wheels and mirrors; paintwork draws the
/// rest.</summary>
static class Cars
{
    static readonly Vector3[] Paints =
    [
        new(0.62f, 0.63f, 0.64f),
        new(0.62f, 0.63f, 0.64f),
        new(0.30f, 0.31f, 0.33f),
        new(0.10f, 0.105f, 0.11f),
        new(0.025f, 0.026f, 0.03f),
        new(0.025f, 0.026f, 0.03f),
        new(0.75f, 0.75f, 0.73f),
        new(0.75f, 0.75f, 0.73f),
        new(0.05f, 0.10f, 0.30f),
        new(0.03f, 0.05f, 0.13f),
        new(0.42f, 0.03f, 0.03f),
        new(0.20f, 0.02f, 0.03f),
        new(0.05f, 0.16f, 0.10f),
        new(0.45f, 0.36f, 0.22f),
        new(0.62f, 0.30f, 0.03f),
        new(0.70f, 0.55f, 0.06f),
        new(0.10f, 0.30f, 0.42f),
    ];

    /// <summary>Adds a car whose middle stands on the ground at the pose.</summary>
    public static void Add(Parts parts, CounterRandom random, Pose pose, bool lightsOn, bool braking)
    {
        int body = random.Integer(0, 9);
        var (length, width, height, waist) = body switch
        {
            0 or 1 or 2 => (4.6f, 1.80f, 1.45f, 0.92f), // saloon
            3 or 4 or 5 => (4.05f, 1.74f, 1.48f, 0.94f), // hatchback
            6 => (4.7f, 1.82f, 1.48f, 0.94f), // estate
            7 or 8 => (4.5f, 1.88f, 1.70f, 1.08f), // off-roader
            _ => (5.1f, 1.98f, 2.02f, 1.15f), // van
        };
        float stretch = random.Range(0.96f, 1.04f);
        float l = 0.5f * length * stretch,
            w = 0.5f * width,
            wheel = body is 7 or 8 or 9 ? 0.36f : 0.32f;
        float belly = body is 7 or 8 ? 0.30f : 0.21f;
        bool van = body == 9,
            saloon = body <= 2,
            upright = body is 6 or 7 or 8 or 9;
        float cowl =
            van ? 0.66f * l
            : saloon ? 0.34f * l
            : 0.40f * l; // foot of the windscreen
        float roofFront =
            van ? 0.36f * l
            : saloon ? -0.02f * l
            : 0.02f * l;
        float roofRear =
            saloon ? -0.42f * l
            : upright ? -0.90f * l
            : -0.72f * l;
        float rearFoot = saloon ? -0.74f * l : -0.965f * l;
        var style = new VehicleStyle(l, w, height, 0.62f * l, -0.60f * l, wheel)
        {
            CabinFront = cowl,
            CabinRear = rearFoot,
            CabinBase = waist,
            RearGlass = saloon ? 0.1f : waist + 0.02f,
            Doors = van ? 2 : 4,
            LightsOn = lightsOn,
            Braking = braking,
        };
        var paint = new Material(Finish.CarBody, random.Near(random.Pick<Vector3>(Paints), 0.08f))
        {
            Vehicle = style,
            Seed = random.Bits(),
        };
        parts.Extrusion(
            ClassId.Car,
            paint,
            pose,
            [
                new(-l + 0.06f, belly),
                new(l - 0.10f, belly),
                new(l, belly + 0.16f),
                new(l - 0.03f, 0.62f * waist),
                new(l - 0.14f, 0.76f * waist),
                new(cowl, waist),
                new(rearFoot, waist + 0.03f),
                new(-l + 0.06f, waist - 0.02f),
                new(-l, 0.55f * waist),
            ],
            w,
            0.10f,
            0.55f * waist
        );
        parts.Extrusion(
            ClassId.Car,
            paint with
            {
                Finish = Finish.CarCabin,
            },
            pose,
            [
                new(rearFoot + 0.01f, waist - 0.02f),
                new(cowl, waist - 0.02f),
                new(roofFront, height - 0.05f),
                new(roofFront - 0.25f * l, height),
                new(roofRear + 0.1f * l, height - 0.01f),
                new(roofRear, height - 0.07f),
            ],
            w - 0.06f,
            van ? 0.10f : 0.26f,
            waist
        );
        var rubber = new Material(Finish.Wheel, new Vector3(0.45f)) { Seed = random.Bits() };
        foreach (float z in (ReadOnlySpan<float>)[style.FrontAxle, style.RearAxle])
        {
            parts.Wheel(ClassId.Car, rubber, pose, new Vector3(-w + 0.10f, wheel, z), wheel, 0.115f);
            parts.Wheel(ClassId.Car, rubber, pose, new Vector3(w - 0.10f, wheel, z), wheel, 0.115f);
        }
        var mirror = new Material(Finish.Metal, paint.Color * 0.7f);
        parts.Ellipsoid(
            ClassId.Car,
            mirror,
            pose,
            new Vector3(-w - 0.06f, waist + 0.08f, cowl - 0.24f * l),
            new Vector3(0.11f, 0.08f, 0.06f)
        );
        parts.Ellipsoid(
            ClassId.Car,
            mirror,
            pose,
            new Vector3(w + 0.06f, waist + 0.08f, cowl - 0.24f * l),
            new Vector3(0.11f, 0.08f, 0.06f)
        );
        parts.Ground(pose, w - 0.1f, l - 0.1f, 0.6f, 0.82f);
    }
}
