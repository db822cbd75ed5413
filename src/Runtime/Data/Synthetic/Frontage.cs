namespace Mtlc.Runtime.Data.Synthetic;

/// <summary>What stands along the building line: blocks, houses with gardens, parks, walls and fences, plot by plot.</summary>
static class Frontage
{
    enum Plot
    {
        Block,
        House,
        Park,
        Wall,
        Fence,
    }

    public static void Add(Street street, CounterRandom random, int side)
    {
        float v = random.Range(-14f, -4f),
            line = street.Plan.Side(side).BuildingLine;
        int typical = random.Integer(4, 5);
        while (v < Street.Reach)
        {
            var plot = Draw(street.Plan.District, random);
            float width = plot switch
            {
                Plot.Block => random.Range(9f, 19f),
                Plot.House => random.Range(13f, 20f),
                _ => random.Range(14f, 30f),
            };
            float start = v,
                end = v + width;
            if (street.Plan.HasCrossing)
            {
                float near = street.Plan.CrossAt - street.Plan.CrossHalfWidth - 4f,
                    far = street.Plan.CrossAt + street.Plan.CrossHalfWidth + 4f;
                if (start >= near && start < far)
                {
                    v = far;
                    continue;
                }
                if (start < near && end > near)
                {
                    end = near;
                    width = end - start;
                }
                if (width < 6f)
                {
                    v = far;
                    continue;
                }
            }
            var pose = street.Beside(side, line + 0.02f, 0.5f * (start + end));
            AddPlot(street, random, pose, plot, 0.5f * width, start, typical, side);
            v = end + (plot == Plot.Block ? 0f : random.Range(0f, 2f));
        }
        AddSideStreet(street, random, side, line);
    }

    static Plot Draw(District district, CounterRandom random)
    {
        float x = random.Unit();
        return district switch
        {
            District.Centre => x < 0.90f ? Plot.Block
            : x < 0.95f ? Plot.Park
            : Plot.Fence,
            District.Residential => x < 0.68f ? Plot.House
            : x < 0.78f ? Plot.Block
            : x < 0.86f ? Plot.Park
            : x < 0.93f ? Plot.Wall
            : Plot.Fence,
            District.Avenue => x < 0.62f ? Plot.Block
            : x < 0.80f ? Plot.Park
            : x < 0.91f ? Plot.Wall
            : Plot.Fence,
            _ => x < 0.18f ? Plot.House
            : x < 0.28f ? Plot.Block
            : x < 0.60f ? Plot.Park
            : x < 0.80f ? Plot.Wall
            : Plot.Fence,
        };
    }

    static void AddPlot(Street street, CounterRandom random, Pose pose, Plot plot, float half, float start, int typical, int side)
    {
        var parts = street.Parts;
        bool lamps = street.Atmosphere.LampsOn,
            far = start > 85f;
        float front = street.Plan.Side(side).Front;
        switch (plot)
        {
            case Plot.Block:
                int floors = Math.Max(2, typical - (street.Plan.District == District.Centre ? 0 : 1) + random.Integer(-1, 1));
                Buildings.AddBlock(
                    parts,
                    random,
                    pose,
                    half,
                    random.Range(10f, 15f),
                    floors,
                    front < 0.1f && random.Chance(0.7f),
                    lamps
                );
                break;
            case Plot.House:
                Buildings.AddHouse(
                    parts,
                    random,
                    pose.Moved(random.Range(0f, 2f), 0f, 0f),
                    MathF.Min(half - 1.8f, random.Range(4.2f, 6f)),
                    random.Range(8f, 10f),
                    lamps
                );
                break;
            default:
                AddGreen(street, random, pose.Moved(2f, 0f, 0f), half, random.Integer(3, 6), far);
                if (random.Chance(0.5f))
                    Buildings.AddBlock(
                        parts,
                        random,
                        pose.Moved(random.Range(16f, 24f), 0f, 0f),
                        half,
                        12f,
                        random.Integer(2, 5),
                        false,
                        lamps
                    );
                break;
        }
        if (plot == Plot.Wall)
            Barriers.AddWall(parts, random, pose.Moved(-0.2f, 0f, 0f), half, random.Range(1.5f, 3.2f));
        if (plot == Plot.Fence)
            Barriers.AddFence(parts, random, pose.Moved(-0.2f, 0f, 0f), half, random.Range(1.3f, 2.1f));
        if (front > 1f)
            AddGarden(street, random, pose.Moved(-front + 0.35f, 0f, 0f), half, front, plot == Plot.House, far);
    }

    static void AddGarden(Street street, CounterRandom random, Pose pose, float half, float front, bool house, bool far)
    {
        var parts = street.Parts;
        float kind = random.Unit(),
            gap = house ? 1.2f : 0f;
        if (kind < 0.28f)
            Barriers.AddFence(parts, random, pose, half - gap, random.Range(0.85f, 1.25f));
        else if (kind < 0.52f)
            Plants.AddHedge(parts, random, pose, half - gap, random.Range(0.8f, 1.5f), Plants.Season(random, false));
        else if (kind < 0.68f)
            Barriers.AddWall(parts, random, pose, half - gap, random.Range(0.6f, 1.15f));
        int bushes = far ? 1 : random.Integer(1, 4);
        for (int i = 0; i < bushes; i++)
            Plants.AddBush(
                parts,
                random,
                pose.Moved(random.Range(0.9f, front - 0.9f), 0f, random.Range(-0.9f, 0.9f) * half),
                random.Range(0.5f, 1.0f),
                Plants.Season(random, street.Autumn)
            );
        if (random.Chance(0.4f))
            Plants.AddTree(
                parts,
                random,
                pose.Moved(0.5f * front, 0f, random.Range(-0.8f, 0.8f) * half),
                random.Range(4.5f, 8.5f),
                Plants.Season(random, street.Autumn),
                far
            );
    }

    static void AddGreen(Street street, CounterRandom random, Pose pose, float half, int trees, bool far)
    {
        for (int i = 0; i < trees; i++)
        {
            var spot = pose.Moved(random.Range(0.5f, 11f), 0f, (2f * (i + random.Range(0.2f, 0.8f)) / trees - 1f) * half);
            Plants.AddTree(
                street.Parts,
                random,
                spot,
                random.Range(7f, 13f),
                Plants.Season(random, street.Autumn),
                far || i % 2 == 1
            );
            if (random.Chance(0.6f))
                Plants.AddBush(
                    street.Parts,
                    random,
                    pose.Moved(random.Range(0f, 6f), 0f, random.Range(-1f, 1f) * half),
                    random.Range(0.8f, 1.6f),
                    Plants.Season(random, street.Autumn)
                );
        }
    }

    /// <summary>Blocks along the crossing street, so that one sees into a street and not out of the town.</summary>
    static void AddSideStreet(Street street, CounterRandom random, int side, float line)
    {
        if (!street.Plan.HasCrossing)
            return;
        var plan = street.Plan;
        float v = plan.CrossAt + plan.CrossHalfWidth + 4f;
        for (float out_ = 14f; out_ < 70f; out_ += 15f)
        {
            var pose = street.Beside(side, line + out_ + 7.5f, v);
            // The front line looks towards the crossing street, that is against v.
            var facing = pose with
            {
                Right = pose.Front,
                Front = pose.Right,
            };
            if (plan.District is District.Centre or District.Avenue)
                Buildings.AddBlock(
                    street.Parts,
                    random,
                    facing,
                    7.5f,
                    11f,
                    random.Integer(3, 5),
                    false,
                    street.Atmosphere.LampsOn
                );
            else if (random.Chance(0.6f))
                Buildings.AddHouse(street.Parts, random, facing.Moved(3f, 0f, 0f), 5f, 8.5f, street.Atmosphere.LampsOn);
            else
                AddGreen(street, random, facing.Moved(1f, 0f, 0f), 7f, 3, true);
        }
    }
}
