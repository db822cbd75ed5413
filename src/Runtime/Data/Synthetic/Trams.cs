using System.Numerics;

namespace Mtlc.Runtime.Data.Synthetic;

/// <summary>Trams, which Cityscapes calls trains: two or three cars with slanted ends, bellows between them and a
/// pantograph.</summary>
static class Trams
{
    public static void Add(Parts parts, CounterRandom random, Pose pose, bool lightsOn)
    {
        float w = 1.2f,
            height = 3.35f,
            car = random.Range(4.2f, 5f);
        int cars = random.Integer(2, 3);
        float l = car * cars;
        ReadOnlySpan<Vector3> colors =
        [
            new(0.66f, 0.47f, 0.03f),
            new(0.52f, 0.03f, 0.04f),
            new(0.04f, 0.22f, 0.45f),
            new(0.10f, 0.36f, 0.18f),
            new(0.72f, 0.72f, 0.70f),
        ];
        var paint = new Material(Finish.BusBody, random.Near(random.Pick(colors), 0.06f))
        {
            Accent = new Vector3(0.70f),
            Variant = 3,
            Seed = random.Bits(),
        };
        var bellows = new Material(Finish.Matte, new Vector3(0.05f));
        for (int i = 0; i < cars; i++)
        {
            float rear = -l + 2f * car * i + 0.25f,
                front = -l + 2f * car * (i + 1) - 0.25f;
            bool last = i == 0,
                first = i == cars - 1;
            var style = new VehicleStyle(0.5f * (front - rear), w, height, 0f, 0f, 0f)
            {
                CabinBase = 1.15f,
                LightsOn = lightsOn,
                CabinFront = first ? 1f : 0f,
                CabinRear = last ? 1f : 0f,
                Doors = 2,
            };
            var own = pose.Moved(0f, 0f, 0.5f * (front + rear));
            float h = style.HalfLength,
                nose = first ? 0.55f : 0f,
                tail = last ? 0.55f : 0f;
            parts.Extrusion(
                ClassId.Train,
                paint with
                {
                    Vehicle = style,
                },
                own,
                [
                    new(-h + 0.1f, 0.25f),
                    new(h - 0.1f, 0.25f),
                    new(h, 0.9f),
                    new(h - nose, height - 0.12f),
                    new(h - nose - 0.2f, height),
                    new(-h + tail + 0.2f, height),
                    new(-h + tail, height - 0.12f),
                    new(-h, 0.9f),
                ],
                w
            );
            if (!first)
                parts.Box(ClassId.Train, bellows, own, new Vector3(0f, 1.75f, h + 0.25f), new Vector3(w - 0.12f, 1.4f, 0.3f));
            parts.Box(
                ClassId.Train,
                new Material(Finish.Matte, new Vector3(0.22f)),
                own,
                new Vector3(0f, height + 0.15f, 0f),
                new Vector3(0.8f, 0.18f, h * 0.6f)
            );
        }
        var rod = new Material(Finish.Metal, new Vector3(0.08f));
        parts.Capsule(ClassId.Train, rod, pose, new Vector3(0f, height + 0.3f, 0.9f), new Vector3(0f, height + 1.0f, 0f), 0.05f);
        parts.Capsule(ClassId.Train, rod, pose, new Vector3(0f, height + 1.0f, 0f), new Vector3(0f, height + 1.6f, 0.8f), 0.05f);
        parts.Capsule(
            ClassId.Train,
            rod,
            pose,
            new Vector3(-0.7f, height + 1.6f, 0.8f),
            new Vector3(0.7f, height + 1.6f, 0.8f),
            0.05f
        );
        parts.Ground(pose, w, l, 0.9f, 0.9f);
    }
}
