using System.Numerics;

namespace Mtlc.Runtime.Data.Synthetic;

/// <summary>Trucks (box, flatbed, tanker) and buses.</summary>
static class Trucks
{
    static readonly Vector3[] Liveries =
    [
        new(0.72f, 0.72f, 0.70f),
        new(0.72f, 0.72f, 0.70f),
        new(0.50f, 0.04f, 0.03f),
        new(0.05f, 0.13f, 0.38f),
        new(0.62f, 0.42f, 0.03f),
        new(0.08f, 0.28f, 0.12f),
        new(0.55f, 0.20f, 0.03f),
    ];

    public static void Add(Parts parts, CounterRandom random, Pose pose, bool lightsOn)
    {
        float l = random.Range(3.4f, 4.8f),
            w = random.Range(1.14f, 1.24f),
            height = random.Range(3.0f, 3.7f),
            wheel = 0.46f;
        float cabRear = l - 1.9f,
            cabTop = random.Range(2.5f, 2.85f);
        var style = new VehicleStyle(l, w, cabTop, l - 1.1f, -l + 1.5f, wheel)
        {
            CabinFront = l,
            CabinRear = cabRear,
            CabinBase = 1.55f,
            LightsOn = lightsOn,
            Doors = 2,
            Braking = random.Chance(0.4f),
        };
        var livery = random.Near(random.Pick<Vector3>(Liveries), 0.08f);
        var cab = new Material(Finish.BusBody, livery)
        {
            Vehicle = style,
            Variant = 1,
            Seed = random.Bits(),
            Accent = livery * 0.5f,
        };
        parts.Extrusion(
            ClassId.Truck,
            cab,
            pose,
            [
                new(cabRear, 0.45f),
                new(l, 0.45f),
                new(l + 0.04f, 1.4f),
                new(l - 0.12f, cabTop - 0.12f),
                new(l - 0.5f, cabTop),
                new(cabRear, cabTop),
            ],
            w - 0.02f
        );
        var dark = new Material(Finish.Matte, new Vector3(0.04f));
        parts.Box(ClassId.Truck, dark, pose, new Vector3(0f, 0.72f, -0.95f), new Vector3(w - 0.3f, 0.2f, l - 0.97f));
        float boxFront = cabRear - 0.12f,
            half = 0.5f * (boxFront + l);
        int kind = random.Integer(0, 5);
        if (kind == 0)
        {
            var tank = new Material(Finish.Metal, random.Chance(0.5f) ? new Vector3(0.55f) : livery);
            parts.Cone(
                ClassId.Truck,
                tank,
                pose,
                new Vector3(0f, 1.98f, boxFront),
                new Vector3(0f, 1.98f, -l),
                w - 0.04f,
                w - 0.04f
            );
        }
        else if (kind == 1)
        {
            var planks = new Material(Finish.Planks, new Vector3(0.22f, 0.15f, 0.09f)) { Seed = random.Bits() };
            parts.Box(ClassId.Truck, planks, pose, new Vector3(0f, 1.32f, boxFront - half), new Vector3(w, 0.4f, half));
            var load = new Material(Finish.Concrete, random.Near(new Vector3(0.32f, 0.26f, 0.19f), 0.3f))
            {
                Seed = random.Bits(),
            };
            parts.Ellipsoid(
                ClassId.Truck,
                load,
                pose,
                new Vector3(0f, 1.6f, boxFront - half),
                new Vector3(w - 0.1f, 0.75f, half - 0.1f)
            );
        }
        else
        {
            var cargo = new Material(Finish.CargoBox, random.Near(random.Pick<Vector3>(Liveries), 0.08f))
            {
                Accent = random.Near(random.Pick<Vector3>(Liveries), 0.1f),
                Seed = random.Bits(),
                Variant = random.Integer(0, 2),
                Vehicle = style with { Height = height },
            };
            parts.Box(
                ClassId.Truck,
                cargo,
                pose,
                new Vector3(0f, 0.5f * (height + 0.95f), boxFront - half),
                new Vector3(w, 0.5f * (height - 0.95f), half)
            );
        }
        Axles(parts, random, ClassId.Truck, pose, w, wheel, [style.FrontAxle, style.RearAxle, style.RearAxle + 1.05f]);
        var lamp = new Material(Finish.Lamp, new Vector3(0.5f, 0.02f, 0.02f)) { Glow = style.Braking || lightsOn ? 1.6f : 0.1f };
        foreach (float x in (ReadOnlySpan<float>)[-w + 0.25f, w - 0.25f])
            parts.Box(ClassId.Truck, lamp, pose, new Vector3(x, 0.82f, -l - 0.03f), new Vector3(0.16f, 0.07f, 0.03f));
        parts.Box(ClassId.Truck, dark, pose, new Vector3(0f, 0.55f, -l + 0.02f), new Vector3(w - 0.1f, 0.06f, 0.05f));
        parts.Ground(pose, w - 0.1f, l, 1.0f, 0.85f);
    }

    public static void AddBus(Parts parts, CounterRandom random, Pose pose, bool lightsOn)
    {
        float l = random.Range(5.4f, 6.1f),
            w = 1.27f,
            height = random.Range(2.95f, 3.2f),
            wheel = 0.48f;
        var style = new VehicleStyle(l, w, height, l - 2.6f, -l + 3.2f, wheel)
        {
            CabinBase = 1.25f,
            LightsOn = lightsOn,
            Doors = 3,
            Braking = random.Chance(0.5f),
        };
        ReadOnlySpan<Vector3> colors =
        [
            new(0.55f, 0.05f, 0.04f),
            new(0.65f, 0.46f, 0.04f),
            new(0.70f, 0.70f, 0.68f),
            new(0.05f, 0.17f, 0.42f),
            new(0.08f, 0.34f, 0.16f),
        ];
        var paint = new Material(Finish.BusBody, random.Near(random.Pick(colors), 0.06f))
        {
            Accent = random.Chance(0.5f) ? new Vector3(0.68f) : random.Near(random.Pick(colors), 0.06f),
            Vehicle = style,
            Variant = 2,
            Seed = random.Bits(),
        };
        parts.Extrusion(
            ClassId.Bus,
            paint,
            pose,
            [
                new(-l + 0.05f, 0.32f),
                new(l - 0.05f, 0.32f),
                new(l, 0.9f),
                new(l - 0.16f, height - 0.15f),
                new(l - 0.4f, height),
                new(-l + 0.25f, height),
                new(-l, height - 0.2f),
            ],
            w
        );
        parts.Box(
            ClassId.Bus,
            new Material(Finish.Matte, paint.Color * 0.8f),
            pose,
            new Vector3(0f, height + 0.12f, -0.2f * l),
            new Vector3(w * 0.7f, 0.14f, 0.4f * l)
        );
        Axles(parts, random, ClassId.Bus, pose, w, wheel, [style.FrontAxle, style.RearAxle]);
        foreach (float side in (ReadOnlySpan<float>)[-1f, 1f])
            parts.Ellipsoid(
                ClassId.Bus,
                new Material(Finish.Matte, new Vector3(0.04f)),
                pose,
                new Vector3(side * (w + 0.16f), 2.2f, l + 0.1f),
                new Vector3(0.12f, 0.22f, 0.08f)
            );
        parts.Ground(pose, w - 0.1f, l, 1.0f, 0.85f);
    }

    static void Axles(Parts parts, CounterRandom random, byte label, Pose pose, float w, float wheel, ReadOnlySpan<float> axles)
    {
        var rubber = new Material(Finish.Wheel, new Vector3(0.30f)) { Seed = random.Bits(), Variant = 1 };
        foreach (float z in axles)
        {
            parts.Wheel(label, rubber, pose, new Vector3(-w + 0.15f, wheel, z), wheel, 0.165f);
            parts.Wheel(label, rubber, pose, new Vector3(w - 0.15f, wheel, z), wheel, 0.165f);
        }
    }
}
