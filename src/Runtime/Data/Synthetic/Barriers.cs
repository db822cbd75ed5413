using System.Numerics;

namespace Mtlc.Runtime.Data.Synthetic;

/// <summary>Free-standing walls and fences along the pose's front.</summary>
static class Barriers
{
    public static void AddWall(Parts parts, CounterRandom random, Pose pose, float halfLength, float height)
    {
        bool bricks = random.Chance(0.5f);
        ReadOnlySpan<Vector3> colors = bricks
            ? [new(0.30f, 0.12f, 0.075f), new(0.40f, 0.25f, 0.16f)]
            : [new(0.42f, 0.41f, 0.38f), new(0.50f, 0.46f, 0.38f), new(0.34f, 0.34f, 0.33f)];
        var material = new Material(bricks ? Finish.Brick : Finish.Concrete, random.Near(random.Pick(colors), 0.15f))
        {
            Seed = random.Bits(),
            Variant = 1,
        };
        parts.Box(
            ClassId.Wall,
            material,
            pose,
            new Vector3(0f, 0.5f * height, 0f),
            new Vector3(0.13f, 0.5f * height, halfLength)
        );
        var coping = new Material(Finish.Concrete, new Vector3(0.40f)) { Seed = random.Bits() };
        parts.Box(ClassId.Wall, coping, pose, new Vector3(0f, height + 0.05f, 0f), new Vector3(0.19f, 0.06f, halfLength));
        parts.Ground(pose, 0.13f, halfLength, 0.8f, 0.5f);
    }

    /// <summary>A fence: pickets, boards, bars or wire mesh, with posts. As annotators do, its label covers what is seen through
    /// it.</summary>
    public static void AddFence(Parts parts, CounterRandom random, Pose pose, float halfLength, float height)
    {
        int kind = random.Integer(0, 3);
        ReadOnlySpan<Vector3> woods =
        [
            new(0.62f, 0.60f, 0.56f),
            new(0.26f, 0.17f, 0.10f),
            new(0.18f, 0.13f, 0.09f),
            new(0.10f, 0.17f, 0.12f),
        ];
        var material = kind switch
        {
            0 => new Material(Finish.Planks, random.Near(random.Pick(woods), 0.1f)) { Variant = 2 },
            1 => new Material(Finish.Planks, random.Near(random.Pick(woods), 0.1f)) { Variant = 3 },
            2 => new Material(Finish.Railing, new Vector3(0.04f, 0.05f, 0.045f)),
            _ => new Material(Finish.Mesh, new Vector3(0.28f, 0.30f, 0.30f)),
        };
        material = material with { Seed = random.Bits() };
        var along = pose with { Right = pose.Front, Front = pose.Right };
        parts.Sheet(ClassId.Fence, material, along, new Vector3(0f, 0.5f * height, 0f), halfLength, 0.5f * height);
        var post = material with { Finish = Finish.Metal };
        int posts = Math.Max(2, (int)(halfLength * 2f / 2.4f));
        for (int i = 0; i <= posts; i++)
        {
            float z = -halfLength + 2f * halfLength * i / posts;
            parts.Box(
                ClassId.Fence,
                post,
                pose,
                new Vector3(0f, 0.5f * height + 0.04f, z),
                new Vector3(0.05f, 0.5f * height + 0.04f, 0.05f)
            );
        }
        parts.Ground(pose, 0.05f, halfLength, 0.35f, 0.35f);
    }
}
