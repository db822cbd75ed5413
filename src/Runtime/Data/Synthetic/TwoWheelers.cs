using System.Numerics;

namespace Mtlc.Runtime.Data.Synthetic;

/// <summary>Bicycles, motorcycles and scooters, parked or ridden.</summary>
static class TwoWheelers
{
    static readonly Vector3[] Paints =
    [
        new(0.03f),
        new(0.03f),
        new(0.45f, 0.03f, 0.03f),
        new(0.05f, 0.12f, 0.35f),
        new(0.6f),
        new(0.08f, 0.30f, 0.16f),
        new(0.60f, 0.35f, 0.04f),
        new(0.30f, 0.31f, 0.33f),
    ];

    public static void AddBicycle(Parts parts, CounterRandom random, Pose pose, bool ridden)
    {
        if (!ridden)
            pose = pose.Leaned(random.Range(-0.12f, 0.12f));
        const float R = 0.34f,
            Axle = 0.53f;
        var frame = new Material(Finish.Metal, random.Near(random.Pick<Vector3>(Paints), 0.1f));
        var dark = new Material(Finish.Matte, new Vector3(0.03f));
        var wheel = new Material(Finish.SpokedWheel, new Vector3(0.5f)) { Seed = random.Bits() };
        var turned = pose with { Right = pose.Front, Front = pose.Right };
        foreach (float z in (ReadOnlySpan<float>)[Axle, -Axle])
            parts.Sheet(ClassId.Bicycle, wheel, turned, new Vector3(z, R, 0f), R, R, round: true);
        Vector3 crank = new(0f, 0.29f, -0.08f),
            seat = new(0f, 0.86f, -0.24f),
            head = new(0f, 0.86f, 0.34f),
            fork = new(0f, 0.72f, 0.38f);
        Vector3 front = new(0f, R, Axle),
            rear = new(0f, R, -Axle);
        foreach (
            var (a, b, r) in (ReadOnlySpan<(Vector3, Vector3, float)>)
                [
                    (crank, seat, 0.024f),
                    (crank, fork, 0.026f),
                    (seat - new Vector3(0f, 0.1f, -0.03f), head, 0.024f),
                    (crank, rear, 0.02f),
                    (seat - new Vector3(0f, 0.1f, -0.03f), rear, 0.018f),
                    (head + new Vector3(0f, 0.14f, -0.03f), front, 0.022f),
                ]
        )
            parts.Capsule(ClassId.Bicycle, frame, pose, a, b, r);
        parts.Capsule(ClassId.Bicycle, dark, pose, new Vector3(-0.28f, 1.01f, 0.27f), new Vector3(0.28f, 1.01f, 0.27f), 0.022f);
        parts.Ellipsoid(ClassId.Bicycle, dark, pose, seat + new Vector3(0f, 0.05f, 0f), new Vector3(0.08f, 0.045f, 0.14f));
        parts.Sheet(ClassId.Bicycle, dark, turned, new Vector3(-0.08f, 0.29f, 0.03f), 0.09f, 0.09f, round: true);
        parts.Ground(pose, 0.03f, 0.6f, 0.25f, 0.4f);
        if (!ridden)
            return;
        People.AddRider(
            parts,
            random,
            pose,
            seat + new Vector3(0f, 0.12f, 0f),
            new Vector3(0.27f, 1.03f, 0.27f),
            crank,
            random.Range(-0.14f, 0.14f),
            random.Chance(0.55f),
            fullFace: false
        );
    }

    public static void AddMotorcycle(Parts parts, CounterRandom random, Pose pose, bool ridden, bool lightsOn)
    {
        if (!ridden)
            pose = pose.Leaned(-0.16f);
        bool scooter = random.Chance(0.4f);
        float r = scooter ? 0.25f : 0.32f,
            axle = scooter ? 0.62f : 0.70f,
            thick = scooter ? 0.055f : 0.075f;
        var paint = new Material(Finish.Metal, random.Near(random.Pick<Vector3>(Paints), 0.1f));
        var dark = new Material(Finish.Matte, new Vector3(0.035f));
        var metal = new Material(Finish.Metal, new Vector3(0.32f));
        var rubber = new Material(Finish.Wheel, new Vector3(0.28f)) { Seed = random.Bits(), Variant = 2 };
        parts.Wheel(ClassId.Motorcycle, rubber, pose, new Vector3(0f, r, axle), r, thick);
        parts.Wheel(ClassId.Motorcycle, rubber, pose, new Vector3(0f, r, -axle), r, thick + 0.015f);
        Vector3 head = new(0f, 0.92f, 0.40f);
        foreach (float side in (ReadOnlySpan<float>)[-0.09f, 0.09f])
            parts.Capsule(ClassId.Motorcycle, metal, pose, new Vector3(side, r, axle), head + new Vector3(side, 0f, 0f), 0.03f);
        parts.Capsule(
            ClassId.Motorcycle,
            dark,
            pose,
            head + new Vector3(-0.34f, 0.10f, -0.06f),
            head + new Vector3(0.34f, 0.10f, -0.06f),
            0.025f
        );
        if (scooter)
        {
            parts.Ellipsoid(ClassId.Motorcycle, paint, pose, new Vector3(0f, 0.55f, -0.42f), new Vector3(0.19f, 0.27f, 0.45f));
            parts.Box(ClassId.Motorcycle, dark, pose, new Vector3(0f, 0.30f, 0.05f), new Vector3(0.17f, 0.05f, 0.30f));
            parts.Ellipsoid(ClassId.Motorcycle, paint, pose, new Vector3(0f, 0.65f, 0.42f), new Vector3(0.21f, 0.36f, 0.08f));
            parts.Ellipsoid(ClassId.Motorcycle, paint, pose, new Vector3(0f, r + 0.2f, axle), new Vector3(0.09f, 0.14f, 0.26f));
        }
        else
        {
            parts.Ellipsoid(ClassId.Motorcycle, paint, pose, new Vector3(0f, 0.80f, 0.14f), new Vector3(0.17f, 0.15f, 0.32f));
            parts.Box(ClassId.Motorcycle, metal, pose, new Vector3(0f, 0.45f, 0.02f), new Vector3(0.16f, 0.18f, 0.26f));
            parts.Ellipsoid(ClassId.Motorcycle, paint, pose, new Vector3(0f, 0.80f, -0.66f), new Vector3(0.11f, 0.09f, 0.28f));
            parts.Capsule(
                ClassId.Motorcycle,
                metal,
                pose,
                new Vector3(0.17f, 0.34f, 0.1f),
                new Vector3(0.19f, 0.40f, -0.85f),
                0.05f
            );
            parts.Ellipsoid(ClassId.Motorcycle, paint, pose, new Vector3(0f, r + 0.24f, axle), new Vector3(0.08f, 0.10f, 0.26f));
        }
        parts.Ellipsoid(ClassId.Motorcycle, dark, pose, new Vector3(0f, 0.84f, -0.30f), new Vector3(0.15f, 0.07f, 0.36f));
        var lamp = new Material(Finish.Lamp, new Vector3(0.8f, 0.78f, 0.7f)) { Glow = lightsOn || ridden ? 1.8f : 0.2f };
        parts.Ellipsoid(ClassId.Motorcycle, lamp, pose, head + new Vector3(0f, 0.02f, 0.10f), new Vector3(0.09f, 0.09f, 0.07f));
        var tail = new Material(Finish.Lamp, new Vector3(0.5f, 0.02f, 0.02f)) { Glow = lightsOn ? 1.2f : 0.3f };
        parts.Box(ClassId.Motorcycle, tail, pose, new Vector3(0f, 0.76f, -0.93f), new Vector3(0.07f, 0.035f, 0.02f));
        foreach (float side in (ReadOnlySpan<float>)[-0.32f, 0.32f])
            parts.Ellipsoid(
                ClassId.Motorcycle,
                dark,
                pose,
                head + new Vector3(side, 0.27f, -0.03f),
                new Vector3(0.07f, 0.05f, 0.02f)
            );
        parts.Ground(pose, 0.15f, 0.8f, 0.4f, 0.6f);
        if (!ridden)
            return;
        float floor = scooter ? 0.36f : 0.32f;
        People.AddRider(
            parts,
            random,
            pose,
            new Vector3(0f, 0.97f, -0.30f),
            new Vector3(0.33f, 1.02f, 0.36f),
            new Vector3(0.04f, floor, scooter ? 0.12f : -0.05f),
            0f,
            helmet: true,
            fullFace: true
        );
    }
}
