using System.Numerics;

namespace Mtlc.Runtime.Data.Synthetic;

/// <summary>Town houses, office blocks and detached houses. A building's front looks along the pose's -x axis, towards the
/// street.</summary>
static class Buildings
{
    static readonly Vector3[] Plasters =
    [
        new(0.62f, 0.55f, 0.42f),
        new(0.66f, 0.60f, 0.50f),
        new(0.58f, 0.42f, 0.28f),
        new(0.50f, 0.28f, 0.20f),
        new(0.60f, 0.50f, 0.24f),
        new(0.42f, 0.46f, 0.42f),
        new(0.44f, 0.45f, 0.50f),
        new(0.70f, 0.68f, 0.64f),
        new(0.36f, 0.33f, 0.30f),
        new(0.60f, 0.44f, 0.38f),
    ];
    static readonly Vector3[] Bricks =
    [
        new(0.30f, 0.105f, 0.065f),
        new(0.36f, 0.17f, 0.10f),
        new(0.24f, 0.12f, 0.085f),
        new(0.42f, 0.30f, 0.20f),
    ];
    static readonly Vector3[] Roofs =
    [
        new(0.27f, 0.09f, 0.05f),
        new(0.20f, 0.075f, 0.05f),
        new(0.085f, 0.085f, 0.095f),
        new(0.12f, 0.10f, 0.09f),
    ];
    static readonly Vector3[] Signs =
    [
        new(0.45f, 0.03f, 0.03f),
        new(0.03f, 0.16f, 0.35f),
        new(0.04f, 0.26f, 0.10f),
        new(0.60f, 0.42f, 0.03f),
        new(0.05f, 0.05f, 0.05f),
        new(0.60f, 0.58f, 0.52f),
    ];

    /// <summary>A block of several floors between party walls. The pose stands in the middle of its plot's front line.</summary>
    public static void AddBlock(
        Parts parts,
        CounterRandom random,
        Pose pose,
        float halfWidth,
        float depth,
        int floors,
        bool shops,
        bool lamps
    )
    {
        bool office = random.Chance(0.16f),
            bricks = !office && random.Chance(0.35f);
        float floor = office ? 3.5f : random.Range(2.9f, 3.4f),
            ground = shops ? random.Range(3.6f, 4.3f) : 0f;
        var wall = random.Near(
            office ? new Vector3(0.38f, 0.40f, 0.42f)
                : bricks ? random.Pick<Vector3>(Bricks)
                : random.Pick<Vector3>(Plasters),
            0.12f
        );
        float bay = office ? random.Range(1.5f, 2.4f) : random.Range(2.1f, 3.2f);
        var style = new FacadeStyle(
            floor,
            bay,
            office ? bay - 0.2f : random.Range(0.95f, 1.35f),
            office ? floor - 0.9f : random.Range(1.45f, 1.95f),
            office ? 0.6f : 0.85f
        )
        {
            ShopHeight = ground,
            ShopColor = random.Near(random.Pick<Vector3>(Signs), 0.2f),
            FrameColor = random.Chance(0.7f) ? new Vector3(0.62f) : new Vector3(0.07f, 0.05f, 0.04f),
            Bricks = bricks,
            Shutters = !office && random.Chance(0.15f),
            Bands = !office && random.Chance(0.6f),
            CurtainWall = office,
            LitWindows = lamps ? 0.42f : 0.02f,
        };
        float height = floors * floor + ground + random.Range(0.3f, 0.7f);
        var material = new Material(Finish.Facade, wall)
        {
            Facade = style,
            Accent = wall * 0.6f + new Vector3(0.22f),
            Seed = random.Bits(),
        };
        var own = pose.Moved(depth * 0.5f, 0f, 0f);
        parts.Box(
            ClassId.Building,
            material,
            own,
            new Vector3(0f, 0.5f * height, 0f),
            new Vector3(0.5f * depth, 0.5f * height, halfWidth)
        );
        parts.Ground(own, 0.5f * depth, halfWidth, 1.6f, 0.45f);
        var trim = new Material(Finish.Concrete, material.Accent) { Seed = material.Seed };
        if (office || random.Chance(0.3f))
        {
            parts.Box(
                ClassId.Building,
                trim,
                own,
                new Vector3(0f, height + 0.2f, 0f),
                new Vector3(0.5f * depth + 0.08f, 0.25f, halfWidth)
            );
            parts.Box(
                ClassId.Building,
                trim with
                {
                    Color = new Vector3(0.25f),
                },
                own,
                new Vector3(0.1f * depth, height + 1.2f, random.Range(-0.4f, 0.4f) * halfWidth),
                new Vector3(1.8f, 1.0f, 1.6f)
            );
        }
        else
        {
            // A pitched roof, its ridge along the street, on an overhanging cornice.
            parts.Box(
                ClassId.Building,
                trim,
                own,
                new Vector3(0f, height, 0f),
                new Vector3(0.5f * depth + 0.3f, 0.16f, halfWidth)
            );
            float rise = random.Range(2.4f, 4.2f);
            var roof = new Material(Finish.RoofTiles, random.Near(random.Pick<Vector3>(Roofs), 0.15f)) { Seed = random.Bits() };
            Gable(parts, roof, own.Moved(0f, height + 0.16f, 0f), 0.5f * depth + 0.25f, rise, halfWidth);
            var stack = new Material(Finish.Brick, random.Pick<Vector3>(Bricks)) { Seed = random.Bits() };
            parts.Box(
                ClassId.Building,
                stack,
                own,
                new Vector3(-0.5f, height + rise, random.Range(-0.6f, 0.6f) * halfWidth),
                new Vector3(0.35f, 1.1f, 0.6f)
            );
        }
        if (!office && random.Chance(0.45f))
            AddBalconies(parts, random, pose, style, halfWidth, floors);
        if (shops && random.Chance(0.5f))
            AddAwning(parts, random, pose, halfWidth, ground);
    }

    /// <summary>A detached house with a pitched roof behind a front garden.</summary>
    public static void AddHouse(Parts parts, CounterRandom random, Pose pose, float halfWidth, float depth, bool lamps)
    {
        bool bricks = random.Chance(0.45f);
        var wall = random.Near(bricks ? random.Pick<Vector3>(Bricks) : random.Pick<Vector3>(Plasters), 0.1f);
        int floors = random.Integer(1, 2);
        float floor = 2.75f,
            height = floors * floor + 0.35f;
        var style = new FacadeStyle(floor, random.Range(2.2f, 3f), random.Range(1.05f, 1.5f), random.Range(1.15f, 1.4f), 0.95f)
        {
            Bricks = bricks,
            Shutters = random.Chance(0.3f),
            FrameColor = new Vector3(0.66f),
            LitWindows = lamps ? 0.5f : 0.02f,
        };
        var material = new Material(Finish.Facade, wall)
        {
            Facade = style,
            Accent = new Vector3(0.6f),
            Seed = random.Bits(),
            Variant = 1,
        };
        var own = pose.Moved(depth * 0.5f, 0f, 0f);
        parts.Box(
            ClassId.Building,
            material,
            own,
            new Vector3(0f, 0.5f * height, 0f),
            new Vector3(0.5f * depth, 0.5f * height, halfWidth)
        );
        parts.Ground(own, 0.5f * depth, halfWidth, 1.4f, 0.5f);
        var roof = new Material(Finish.RoofTiles, random.Near(random.Pick<Vector3>(Roofs), 0.15f)) { Seed = random.Bits() };
        float rise = random.Range(2.2f, 3.6f);
        bool across = random.Chance(0.5f);
        var ridge = across ? own with { Right = own.Front, Front = own.Right } : own;
        var (span, run) = across ? (halfWidth, 0.5f * depth) : (0.5f * depth, halfWidth);
        // The gable's wall, then the tiles a little proud of it.
        Gable(
            parts,
            material with
            {
                Finish = bricks ? Finish.Brick : Finish.Concrete,
            },
            ridge.Moved(0f, height - 0.02f, 0f),
            span,
            rise,
            run
        );
        Gable(parts, roof, ridge.Moved(0f, height + 0.12f, 0f), span + 0.4f, rise + 0.25f, run - 0.2f);
        var stack = new Material(Finish.Brick, random.Pick<Vector3>(Bricks)) { Seed = random.Bits() };
        parts.Box(
            ClassId.Building,
            stack,
            own,
            new Vector3(random.Range(-0.2f, 0.2f) * depth, height + 0.8f * rise, random.Range(-0.5f, 0.5f) * halfWidth),
            new Vector3(0.32f, 1.3f, 0.4f)
        );
        if (random.Chance(0.5f))
            parts.Box(ClassId.Building, roof, pose, new Vector3(-0.7f, 2.5f, 0f), new Vector3(0.75f, 0.09f, 1.1f));
    }

    static void Gable(Parts parts, Material material, Pose pose, float halfSpan, float rise, float halfLength)
    {
        // Extrusions run along x: turn so that the ridge, along the pose's front, is the extrusion's x.
        var turned = pose with
        {
            Right = pose.Front,
            Front = pose.Right,
        };
        parts.Extrusion(ClassId.Building, material, turned, [new(-halfSpan, 0f), new(halfSpan, 0f), new(0f, rise)], halfLength);
    }

    static void AddBalconies(Parts parts, CounterRandom random, Pose pose, FacadeStyle style, float halfWidth, int floors)
    {
        var slab = new Material(Finish.Concrete, new Vector3(0.42f)) { Seed = random.Bits() };
        var rail = new Material(Finish.Railing, new Vector3(0.05f));
        float bays = MathF.Max(1f, MathF.Floor(2f * halfWidth / style.BayWidth + 0.5f)),
            bay = 2f * halfWidth / bays;
        float z = (MathF.Floor(bays * random.Range(0.2f, 0.7f)) + 0.5f) * bay - halfWidth;
        for (int i = 1; i < Math.Min(floors, 5); i++)
        {
            float y = style.ShopHeight + i * style.FloorHeight;
            parts.Box(ClassId.Building, slab, pose, new Vector3(-0.55f, y, z), new Vector3(0.55f, 0.08f, 0.48f * bay));
            parts.Box(ClassId.Building, rail, pose, new Vector3(-1.08f, y + 0.55f, z), new Vector3(0.02f, 0.5f, 0.48f * bay));
        }
    }

    static void AddAwning(Parts parts, CounterRandom random, Pose pose, float halfWidth, float ground)
    {
        var cloth = new Material(Finish.Awning, random.Near(random.Pick<Vector3>(Signs), 0.15f))
        {
            Accent = new Vector3(0.62f),
            Variant = random.Integer(0, 1),
        };
        var out_ = pose with { Right = pose.Front, Front = -pose.Right };
        float reach = random.Range(1.1f, 1.7f),
            y = ground - 1.0f;
        parts.Extrusion(
            ClassId.Building,
            cloth,
            out_.Moved(random.Range(-0.2f, 0.2f) * halfWidth, 0f, 0f),
            [new(0f, y - 0.1f), new(reach, y - 0.75f), new(reach + 0.02f, y - 0.5f), new(0f, y + 0.15f)],
            halfWidth * random.Range(0.4f, 0.75f)
        );
    }
}
