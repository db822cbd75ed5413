using System.Numerics;

namespace Mtlc.Runtime.Data.Synthetic;

/// <summary>Walking and standing people, and riders in the saddle.</summary>
static class People
{
    static readonly Vector3[] Clothes =
    [
        new(0.03f, 0.035f, 0.05f),
        new(0.05f, 0.07f, 0.15f),
        new(0.10f, 0.15f, 0.30f),
        new(0.35f, 0.05f, 0.05f),
        new(0.55f, 0.53f, 0.48f),
        new(0.22f, 0.22f, 0.23f),
        new(0.12f, 0.18f, 0.09f),
        new(0.45f, 0.33f, 0.12f),
        new(0.60f, 0.42f, 0.05f),
        new(0.28f, 0.10f, 0.22f),
        new(0.05f, 0.25f, 0.27f),
        new(0.25f, 0.16f, 0.09f),
    ];
    static readonly Vector3[] Trousers =
    [
        new(0.025f, 0.028f, 0.035f),
        new(0.05f, 0.08f, 0.18f),
        new(0.10f, 0.14f, 0.26f),
        new(0.20f, 0.17f, 0.12f),
        new(0.14f, 0.14f, 0.14f),
    ];
    static readonly Vector3[] Skins =
    [
        new(0.62f, 0.40f, 0.29f),
        new(0.50f, 0.30f, 0.20f),
        new(0.30f, 0.16f, 0.09f),
        new(0.14f, 0.075f, 0.045f),
    ];
    static readonly Vector3[] Hairs =
    [
        new(0.02f, 0.017f, 0.015f),
        new(0.07f, 0.04f, 0.02f),
        new(0.20f, 0.12f, 0.05f),
        new(0.40f, 0.30f, 0.14f),
        new(0.35f, 0.34f, 0.33f),
    ];

    /// <summary>Adds a person on foot; the pose's front is the walking direction.</summary>
    public static void Add(Parts parts, CounterRandom random, Pose pose)
    {
        float s = random.Chance(0.12f) ? random.Range(0.62f, 0.8f) : random.Range(0.93f, 1.07f);
        float bulk = random.Range(0.9f, 1.15f) * s;
        var coat = new Material(Finish.Cloth, random.Near(random.Pick<Vector3>(Clothes), 0.2f)) { Seed = random.Bits() };
        var legs = new Material(Finish.Cloth, random.Near(random.Pick<Vector3>(Trousers), 0.2f)) { Seed = random.Bits() };
        var skin = new Material(Finish.Skin, random.Near(random.Pick<Vector3>(Skins), 0.08f));
        var hair = new Material(Finish.Cloth, random.Near(random.Pick<Vector3>(Hairs), 0.1f)) { Seed = random.Bits() };
        var shoe = new Material(Finish.Matte, random.Chance(0.3f) ? new Vector3(0.45f) : new Vector3(0.03f));
        bool walking = random.Chance(0.75f),
            skirt = random.Chance(0.14f);
        float stride = walking ? random.Range(0.10f, 0.30f) * s * (random.Chance(0.5f) ? 1f : -1f) : 0.02f;

        foreach (float side in (ReadOnlySpan<float>)[-1f, 1f])
        {
            float step = side * stride,
                x = side * 0.095f * bulk;
            float lift = walking && step < 0f ? 0.05f * s : 0f;
            var hip = new Vector3(x, 0.90f * s, 0f);
            var knee = new Vector3(x, 0.50f * s + 0.3f * lift, 0.55f * step + 0.05f * s);
            var ankle = new Vector3(x, 0.10f * s + lift, step - 0.02f * s);
            var thighs = skirt ? skin : legs;
            parts.Capsule(ClassId.Person, thighs, pose, hip, knee, 0.085f * bulk);
            parts.Capsule(ClassId.Person, thighs, pose, knee, ankle, 0.060f * bulk);
            parts.Capsule(
                ClassId.Person,
                shoe,
                pose,
                ankle + new Vector3(0f, -0.045f * s, -0.03f * s),
                ankle + new Vector3(0f, -0.05f * s, 0.13f * s),
                0.05f * s
            );
            var shoulder = new Vector3(side * 0.19f * bulk, 1.38f * s, 0f);
            var elbow = new Vector3(side * 0.25f * bulk, 1.10f * s, -0.45f * step);
            var hand = new Vector3(side * 0.23f * bulk, 0.86f * s, -0.75f * step + 0.07f * s);
            parts.Capsule(ClassId.Person, coat, pose, shoulder, elbow, 0.058f * bulk);
            parts.Capsule(ClassId.Person, coat, pose, elbow, hand, 0.046f * bulk);
            parts.Ellipsoid(
                ClassId.Person,
                skin,
                pose,
                hand + new Vector3(0f, -0.06f * s, 0.01f),
                new Vector3(0.04f, 0.075f, 0.045f) * s
            );
        }
        if (skirt)
            parts.Cone(
                ClassId.Person,
                coat,
                pose,
                new Vector3(0f, 0.5f * s, 0f),
                new Vector3(0f, 1.0f * s, 0f),
                0.24f * bulk,
                0.15f * bulk
            );
        float hem = random.Chance(0.3f) ? 0.70f : 0.90f;
        parts.Ellipsoid(
            ClassId.Person,
            hem < 0.8f ? coat : legs,
            pose,
            new Vector3(0f, 0.92f * s, 0f),
            new Vector3(0.18f * bulk, 0.15f * s, 0.12f * bulk)
        );
        parts.Cone(
            ClassId.Person,
            coat,
            pose,
            new Vector3(0f, hem * s, 0f),
            new Vector3(0f, 1.36f * s, 0f),
            0.165f * bulk,
            0.185f * bulk
        );
        parts.Ellipsoid(
            ClassId.Person,
            coat,
            pose,
            new Vector3(0f, 1.36f * s, 0f),
            new Vector3(0.215f * bulk, 0.11f * s, 0.12f * bulk)
        );
        Head(parts, ClassId.Person, pose, new Vector3(0f, 1.62f * s, 0.02f * s), s, skin, hair);
        if (random.Chance(0.3f))
        {
            var bag = new Material(Finish.Cloth, random.Near(random.Pick<Vector3>(Clothes), 0.2f));
            parts.Ellipsoid(
                ClassId.Person,
                bag,
                pose,
                new Vector3(0f, 1.18f * s, -0.20f * s),
                new Vector3(0.15f, 0.22f, 0.11f) * s
            );
        }
        parts.Ground(pose, 0.12f, 0.16f, 0.35f, 0.6f);
    }

    /// <summary>Adds a rider whose hips, hands and feet are given in the vehicle's frame.</summary>
    public static void AddRider(
        Parts parts,
        CounterRandom random,
        Pose pose,
        Vector3 hip,
        Vector3 grip,
        Vector3 pedal,
        float pedalThrow,
        bool helmet,
        bool fullFace
    )
    {
        var coat = new Material(Finish.Cloth, random.Near(random.Pick<Vector3>(Clothes), 0.2f)) { Seed = random.Bits() };
        var legs = new Material(Finish.Cloth, random.Near(random.Pick<Vector3>(Trousers), 0.2f)) { Seed = random.Bits() };
        var skin = new Material(Finish.Skin, random.Near(random.Pick<Vector3>(Skins), 0.08f));
        var hair = helmet
            ? new Material(Finish.Metal, random.Near(random.Pick<Vector3>(Clothes), 0.2f))
            : new Material(Finish.Cloth, random.Near(random.Pick<Vector3>(Hairs), 0.1f));
        var neck = hip + new Vector3(0f, 0.53f, 0.42f * (grip.Z - hip.Z));
        foreach (float side in (ReadOnlySpan<float>)[-1f, 1f])
        {
            float turn = side * pedalThrow;
            var foot = pedal + new Vector3(side * 0.12f, turn, 0.4f * pedalThrow * side);
            var root = hip + new Vector3(side * 0.10f, 0f, 0f);
            var knee = 0.5f * (root + foot) + new Vector3(side * 0.04f, 0.10f, 0.20f);
            parts.Capsule(ClassId.Rider, legs, pose, root, knee, 0.085f);
            parts.Capsule(ClassId.Rider, legs, pose, knee, foot + new Vector3(0f, 0.08f, -0.05f), 0.058f);
            parts.Capsule(
                ClassId.Rider,
                hair,
                pose,
                foot + new Vector3(0f, 0.03f, -0.05f),
                foot + new Vector3(0f, 0.02f, 0.12f),
                0.045f
            );
            var shoulder = neck + new Vector3(side * 0.19f, -0.06f, 0f);
            var hand = new Vector3(side * grip.X, grip.Y, grip.Z);
            var elbow = 0.5f * (shoulder + hand) + new Vector3(side * 0.07f, -0.08f, 0f);
            parts.Capsule(ClassId.Rider, coat, pose, shoulder, elbow, 0.056f);
            parts.Capsule(ClassId.Rider, coat, pose, elbow, hand, 0.045f);
        }
        parts.Cone(ClassId.Rider, coat, pose, hip, neck + new Vector3(0f, -0.04f, 0f), 0.17f, 0.185f);
        parts.Ellipsoid(ClassId.Rider, legs, pose, hip, new Vector3(0.18f, 0.14f, 0.16f));
        parts.Ellipsoid(ClassId.Rider, coat, pose, neck + new Vector3(0f, -0.05f, 0f), new Vector3(0.21f, 0.11f, 0.13f));
        var head = neck + new Vector3(0f, 0.21f, 0.06f);
        if (fullFace)
            parts.Ellipsoid(ClassId.Rider, hair, pose, head, new Vector3(0.135f, 0.15f, 0.16f));
        else
            Head(parts, ClassId.Rider, pose, head, helmet ? 1.05f : 1f, skin, hair);
    }

    static void Head(Parts parts, byte label, Pose pose, Vector3 at, float s, Material skin, Material hair)
    {
        parts.Capsule(
            label,
            skin,
            pose,
            at + new Vector3(0f, -0.22f * s, -0.02f * s),
            at + new Vector3(0f, -0.08f * s, -0.01f * s),
            0.05f * s
        );
        parts.Ellipsoid(label, skin, pose, at, new Vector3(0.080f, 0.115f, 0.095f) * s);
        parts.Ellipsoid(
            label,
            hair,
            pose,
            at + new Vector3(0f, 0.035f * s, -0.022f * s),
            new Vector3(0.088f, 0.098f, 0.095f) * s
        );
    }
}
