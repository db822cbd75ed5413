using System.Numerics;

namespace Mtlc.Runtime.Data.Synthetic;

/// <summary>Poles and what hangs on them: lamps, traffic lights, signs. The pose's front faces the traffic that is
/// meant.</summary>
static class StreetFurniture
{
    /// <summary>A street lamp that reaches <paramref name="reach"/> metres along the pose's x axis.</summary>
    public static void AddLamp(Parts parts, CounterRandom random, Pose pose, float height, float reach, bool on)
    {
        var steel = new Material(
            Finish.Metal,
            random.Chance(0.6f) ? new Vector3(0.30f, 0.31f, 0.31f) : new Vector3(0.05f, 0.07f, 0.06f)
        );
        var top = new Vector3(0f, height, 0f);
        parts.Cone(ClassId.Pole, steel, pose, Vector3.Zero, top, 0.10f, 0.065f);
        parts.Cone(ClassId.Pole, steel, pose, Vector3.Zero, new Vector3(0f, 0.9f, 0f), 0.14f, 0.13f);
        var end = new Vector3(reach, height + 0.35f, 0f);
        parts.Capsule(ClassId.Pole, steel, pose, top, end, 0.055f);
        parts.Ellipsoid(ClassId.Pole, steel, pose, end, new Vector3(0.42f, 0.10f, 0.16f));
        parts.Ellipsoid(
            ClassId.Pole,
            new Material(Finish.Lamp, new Vector3(0.9f, 0.75f, 0.5f)) { Glow = on ? 4f : 0.25f },
            pose,
            end + new Vector3(0.05f, -0.06f, 0f),
            new Vector3(0.28f, 0.08f, 0.11f)
        );
        parts.Ground(pose, 0.12f, 0.12f, 0.4f, 0.4f);
    }

    /// <summary>A signal beside the road and, with an arm, one above it along the pose's x axis.</summary>
    public static void AddTrafficLight(Parts parts, Pose pose, int phase, float arm)
    {
        var steel = new Material(Finish.Metal, new Vector3(0.13f, 0.14f, 0.14f));
        float height = arm > 0f ? 6.1f : 3.5f;
        parts.Cone(ClassId.Pole, steel, pose, Vector3.Zero, new Vector3(0f, height, 0f), 0.085f, 0.075f);
        Head(parts, pose, new Vector3(0f, 2.95f, 0.20f), phase, 1f);
        if (arm > 0f)
        {
            parts.Capsule(
                ClassId.Pole,
                steel,
                pose,
                new Vector3(0f, height - 0.1f, 0f),
                new Vector3(-arm, height + 0.1f, 0f),
                0.065f
            );
            Head(parts, pose, new Vector3(-arm + 0.2f, height - 0.45f, 0.18f), phase, 1.15f);
        }
        parts.Ground(pose, 0.1f, 0.1f, 0.35f, 0.4f);
    }

    static void Head(Parts parts, Pose pose, Vector3 center, int phase, float scale)
    {
        var shell = new Material(Finish.SignalHead, new Vector3(0.018f)) { Variant = phase };
        parts.Box(ClassId.TrafficLight, shell, pose, center, new Vector3(0.17f, 0.48f, 0.12f) * scale);
    }

    /// <summary>One or two signs on a post.</summary>
    public static void AddSign(Parts parts, CounterRandom random, Pose pose, int kind)
    {
        var steel = new Material(Finish.Metal, new Vector3(0.34f));
        float height = random.Range(2.5f, 3.0f);
        bool second = random.Chance(0.35f);
        parts.Cone(ClassId.Pole, steel, pose, Vector3.Zero, new Vector3(0f, height + 0.35f, 0f), 0.042f, 0.042f);
        Face(parts, random, pose, height, kind);
        if (second)
            Face(parts, random, pose, height - 0.72f, random.Integer(5, 6));
        parts.Ground(pose, 0.06f, 0.06f, 0.3f, 0.35f);
    }

    static void Face(Parts parts, CounterRandom random, Pose pose, float y, int kind)
    {
        var face = new Material(Finish.SignFace, new Vector3(0.7f)) { Variant = kind, Seed = random.Bits() };
        var at = new Vector3(0f, y, 0.07f);
        switch (kind)
        {
            case 0 or 1 or 2:
                parts.Sheet(ClassId.TrafficSign, face, pose, at, 0.36f, 0.36f, round: true);
                break;
            case 3:
                Polygon(parts, face, pose, at, 0.46f, 3, 0f);
                break;
            case 4:
                Polygon(parts, face, pose, at, 0.39f, 8, PortableMath.Pi / 8f);
                break;
            case 5:
                parts.Sheet(ClassId.TrafficSign, face, pose, at, 0.33f, 0.33f);
                break;
            default:
                parts.Sheet(ClassId.TrafficSign, face, pose, at, 0.42f, 0.20f);
                break;
        }
    }

    /// <summary>A large direction board on two posts.</summary>
    public static void AddBoard(Parts parts, CounterRandom random, Pose pose)
    {
        var steel = new Material(Finish.Metal, new Vector3(0.34f));
        foreach (float x in (ReadOnlySpan<float>)[-0.9f, 0.9f])
            parts.Cone(ClassId.Pole, steel, pose, new Vector3(x, 0f, 0f), new Vector3(x, 3.6f, 0f), 0.06f, 0.06f);
        var face = new Material(
            Finish.SignFace,
            random.Chance(0.5f) ? new Vector3(0.03f, 0.13f, 0.42f) : new Vector3(0.55f, 0.40f, 0.02f)
        )
        {
            Variant = 7,
            Seed = random.Bits(),
        };
        parts.Sheet(ClassId.TrafficSign, face, pose, new Vector3(0f, 2.9f, 0.08f), 1.35f, 0.75f);
    }

    public static void AddBollard(Parts parts, Pose pose)
    {
        var paint = new Material(Finish.Metal, new Vector3(0.06f));
        parts.Capsule(ClassId.Pole, paint, pose, Vector3.Zero, new Vector3(0f, 0.9f, 0f), 0.07f);
        parts.Ground(pose, 0.07f, 0.07f, 0.3f, 0.4f);
    }

    /// <summary>A thin prism with a regular outline, seen from the front.</summary>
    static void Polygon(Parts parts, Material material, Pose pose, Vector3 center, float radius, int corners, float turn)
    {
        Span<Vector2> outline = stackalloc Vector2[corners];
        for (int i = 0; i < corners; i++)
        {
            float angle = turn + PortableMath.Pi * 0.5f + 2f * PortableMath.Pi * i / corners;
            outline[i] = new Vector2(PortableMath.Cos(angle) * radius, PortableMath.Sin(angle) * radius);
        }
        // The outline's plane is (z, y); its extrusion axis x has to look along the pose's front.
        var turned = pose with
        {
            Position = pose.At(center),
            Right = pose.Front,
            Front = pose.Right,
        };
        parts.Extrusion(ClassId.TrafficSign, material, turned, outline, 0.015f);
    }
}
