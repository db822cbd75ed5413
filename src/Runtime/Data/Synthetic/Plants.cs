using System.Numerics;
using static Mtlc.Runtime.Data.Synthetic.PortableMath;

namespace Mtlc.Runtime.Data.Synthetic;

/// <summary>Trees, bushes and hedges. A trunk belongs to its tree: both are vegetation.</summary>
static class Plants
{
    static readonly Vector3[] Greens =
    [
        new(0.10f, 0.19f, 0.035f),
        new(0.08f, 0.15f, 0.04f),
        new(0.14f, 0.22f, 0.04f),
        new(0.07f, 0.13f, 0.05f),
        new(0.18f, 0.24f, 0.06f),
    ];
    static readonly Vector3[] Autumn =
    [
        new(0.40f, 0.22f, 0.03f),
        new(0.34f, 0.11f, 0.03f),
        new(0.38f, 0.30f, 0.05f),
        new(0.16f, 0.18f, 0.04f),
    ];

    /// <summary>The leaves of a whole street: some streets are in autumn.</summary>
    public static Vector3 Season(CounterRandom random, bool autumn) =>
        random.Near(autumn && random.Chance(0.75f) ? random.Pick<Vector3>(Autumn) : random.Pick<Vector3>(Greens), 0.18f);

    public static void AddTree(Parts parts, CounterRandom random, Pose pose, float height, Vector3 color, bool far)
    {
        var bark = new Material(Finish.Bark, random.Near(new Vector3(0.11f, 0.085f, 0.065f), 0.25f)) { Seed = random.Bits() };
        var leaves = new Material(Finish.Leaves, color)
        {
            Grain = far ? 1.8f : random.Range(3.8f, 5.2f),
            Density = random.Range(0.74f, 0.82f),
            EdgeSharpness = far ? 2.2f : random.Range(1.0f, 1.5f),
            Seed = random.Bits(),
        };
        float trunk = height * random.Range(0.26f, 0.36f),
            radius = 0.018f * height + 0.05f;
        int kind = random.Integer(0, 5);
        var foot = pose.Position;
        parts.Cone(
            ClassId.Vegetation,
            bark,
            pose,
            new Vector3(0f, -0.1f, 0f),
            new Vector3(random.Range(-0.2f, 0.2f), kind == 0 ? 0.8f * height : trunk + 0.22f * height, random.Range(-0.2f, 0.2f)),
            radius,
            radius * 0.55f
        );
        parts.Ground(pose, radius, radius, 1.4f, 0.35f);
        if (kind == 0)
        {
            // A conifer: flat skirts that get narrower.
            int tiers = far ? 5 : 9;
            for (int i = 0; i < tiers; i++)
            {
                float f = i / (float)(tiers - 1),
                    r = Lerp(0.25f, 0.045f, f) * height;
                parts.Leaves(
                    ClassId.Vegetation,
                    leaves with
                    {
                        Color = color * 0.62f,
                    },
                    foot + new Vector3(0f, Lerp(0.20f, 0.93f, f) * height, 0f),
                    new Vector3(r, 0.9f * height / tiers, r)
                );
            }
            return;
        }
        float crown = height - trunk,
            spread = kind == 1 ? 0.34f * crown : 0.52f * crown;
        var centre = foot + new Vector3(0f, trunk + 0.5f * crown, 0f);
        if (far)
        {
            parts.Leaves(ClassId.Vegetation, leaves, centre, new Vector3(spread, 0.5f * crown, spread));
            parts.Leaves(
                ClassId.Vegetation,
                leaves,
                centre + new Vector3(random.Range(-0.5f, 0.5f), random.Range(-0.4f, 0.1f), random.Range(-0.5f, 0.5f)) * spread,
                new Vector3(spread * 0.8f, 0.34f * crown, spread * 0.8f)
            );
            return;
        }
        if (kind >= 3)
        {
            // Two boughs that leave the trunk under the crown.
            foreach (float side in (ReadOnlySpan<float>)[-1f, 1f])
                parts.Capsule(
                    ClassId.Vegetation,
                    bark,
                    pose,
                    new Vector3(0f, trunk, 0f),
                    new Vector3(side * 0.55f * spread, trunk + 0.45f * crown, random.Range(-0.4f, 0.4f) * spread),
                    radius * 0.5f
                );
        }
        parts.Leaves(ClassId.Vegetation, leaves, centre, new Vector3(spread * 0.72f, 0.46f * crown, spread * 0.72f));
        int blobs = kind == 1 ? 5 : 7;
        float turn = random.Range(0f, 6.28f);
        for (int i = 0; i < blobs; i++)
        {
            float angle = turn + i * 2.4f,
                ring = random.Range(0.40f, 0.62f) * spread;
            float lift = Lerp(-0.30f, 0.34f, i / (float)(blobs - 1)) * crown;
            float r = random.Range(0.36f, 0.50f) * spread * (lift > 0.2f * crown ? 0.85f : 1f);
            var at = centre + new Vector3(Cos(angle) * ring, lift, Sin(angle) * ring);
            parts.Leaves(
                ClassId.Vegetation,
                leaves with
                {
                    Color = color * random.Range(0.86f, 1.14f),
                },
                at,
                new Vector3(r, r * random.Range(0.72f, 0.95f), r)
            );
        }
    }

    public static void AddBush(Parts parts, CounterRandom random, Pose pose, float size, Vector3 color)
    {
        var leaves = new Material(Finish.Leaves, color * 0.85f)
        {
            Grain = 5.5f,
            Density = 0.70f,
            EdgeSharpness = 1.8f,
            Seed = random.Bits(),
        };
        int blobs = random.Integer(1, 3);
        for (int i = 0; i < blobs; i++)
        {
            float r = size * random.Range(0.7f, 1f);
            var at = pose.At(random.Range(-0.6f, 0.6f) * size, 0.55f * r, random.Range(-0.6f, 0.6f) * size);
            parts.Leaves(ClassId.Vegetation, leaves, at, new Vector3(r, r * 0.8f, r));
        }
        parts.Ground(pose, 0.5f * size, 0.5f * size, 0.7f, 0.6f);
    }

    /// <summary>A clipped hedge along the pose's front.</summary>
    public static void AddHedge(Parts parts, CounterRandom random, Pose pose, float halfLength, float height, Vector3 color)
    {
        var leaves = new Material(Finish.Leaves, color * 0.8f)
        {
            Grain = 5f,
            Variant = 1,
            Seed = random.Bits(),
        };
        parts.Box(
            ClassId.Vegetation,
            leaves,
            pose,
            new Vector3(0f, 0.5f * height, 0f),
            new Vector3(0.35f, 0.5f * height, halfLength)
        );
        parts.Ground(pose, 0.35f, halfLength, 0.7f, 0.55f);
    }
}
