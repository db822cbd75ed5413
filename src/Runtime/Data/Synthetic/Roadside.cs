namespace Mtlc.Runtime.Data.Synthetic;

/// <summary>Between the kerb and the building line: street trees, lamps, signs, bollards, parked two-wheelers; and signals at the
/// crossing.</summary>
static class Roadside
{
    public static void Add(Street street, CounterRandom random, int side)
    {
        var plan = street.Plan;
        var side_ = plan.Side(side);
        bool green = side_.Verge > 1f;
        float treeStep = random.Range(7f, 14f),
            lampStep = random.Range(24f, 34f);
        if (
            random.Chance(
                green ? 0.85f
                : side_.Sidewalk > 3.2f ? 0.5f
                : 0f
            )
        )
        {
            float height = random.Range(5.5f, 10f);
            var color = Plants.Season(random, street.Autumn);
            for (float v = random.Range(9f, 14f); v < 150f; v += treeStep)
            {
                if (street.OnCrossing(v, 6f) || random.Chance(0.12f))
                    continue;
                Plants.AddTree(
                    street.Parts,
                    random,
                    street.Beside(side, green ? 0.5f * side_.Verge : 0.9f, v),
                    height * random.Range(0.85f, 1.12f),
                    random.Near(color, 0.08f),
                    v > 62f
                );
            }
        }
        float lampHeight = random.Range(5.5f, 8.5f);
        if (side > 0 || random.Chance(0.4f))
        {
            for (float v = random.Range(11f, 20f); v < 150f; v += lampStep)
            {
                if (street.OnCrossing(v, 2f))
                    continue;
                var pose = street.Beside(side, 0.55f, v + 2.5f);
                StreetFurniture.AddLamp(
                    street.Parts,
                    random,
                    pose with
                    {
                        Right = -pose.Right,
                    },
                    lampHeight,
                    random.Range(1.2f, 2.2f),
                    street.Atmosphere.LampsOn
                );
            }
        }
        for (float v = random.Range(9f, 22f); v < 110f; v += random.Range(11f, 34f))
        {
            if (street.OnCrossing(v, 1f))
                continue;
            var pose = Facing(street, side, 0.42f, v);
            if (plan.District is District.Avenue or District.Outskirts && random.Chance(0.2f))
                StreetFurniture.AddBoard(street.Parts, random, Facing(street, side, 1.6f, v));
            else
                StreetFurniture.AddSign(street.Parts, random, pose, random.Integer(0, 6));
        }
        if (random.Chance(0.25f) && side_.Verge == 0f)
        {
            float start = random.Range(8f, 30f);
            for (int i = 0; i < 7; i++)
                if (!street.OnCrossing(start + 1.7f * i, 0.5f))
                    StreetFurniture.AddBollard(street.Parts, street.Beside(side, 0.35f, start + 1.7f * i));
        }
        AddParkedTwoWheelers(street, random, side);
    }

    static void AddParkedTwoWheelers(Street street, CounterRandom random, int side)
    {
        var side_ = street.Plan.Side(side);
        for (float v = random.Range(8f, 30f); v < 70f; v += random.Range(16f, 45f))
        {
            if (street.OnCrossing(v, 5f) || !random.Chance(0.62f))
                continue;
            bool motor = random.Chance(0.36f);
            int count = random.Integer(1, motor ? 2 : 4);
            float at = side_.Verge > 0f ? side_.Verge + 0.5f : 1.0f;
            for (int i = 0; i < count; i++)
            {
                var pose = street.Beside(side, at, v + 0.85f * i).Yawed(random.Range(0.5f, 1.4f));
                if (motor)
                    TwoWheelers.AddMotorcycle(street.Parts, random, pose, ridden: false, lightsOn: false);
                else
                    TwoWheelers.AddBicycle(street.Parts, random, pose, ridden: false);
            }
        }
    }

    public static void AddCrossing(Street street, CounterRandom random)
    {
        var plan = street.Plan;
        if (!plan.HasCrossing)
            return;
        bool signals = plan.District is District.Centre or District.Avenue ? random.Chance(0.85f) : random.Chance(0.3f);
        float near = plan.CrossAt - plan.CrossHalfWidth - 4.2f,
            far = plan.CrossAt + plan.CrossHalfWidth + 4.2f;
        if (!signals)
        {
            StreetFurniture.AddSign(street.Parts, random, Facing(street, 1, 0.45f, near), random.Chance(0.5f) ? 4 : 3);
            return;
        }
        int phase = random.Integer(0, 2);
        float arm = random.Chance(0.5f) ? 0.6f * plan.RightEdge : 0f;
        StreetFurniture.AddTrafficLight(street.Parts, Facing(street, 1, 0.5f, near), phase, arm);
        StreetFurniture.AddTrafficLight(street.Parts, Facing(street, -1, 0.5f, near), phase, 0f);
        StreetFurniture.AddTrafficLight(
            street.Parts,
            Facing(street, 1, 0.5f, far),
            phase,
            random.Chance(0.3f) ? 0.6f * plan.RightEdge : 0f
        );
        StreetFurniture.AddTrafficLight(street.Parts, Facing(street, -1, 0.5f, far), phase, 0f);
    }

    public static void AddMedian(Street street, CounterRandom random)
    {
        if (!street.Plan.RaisedMedian)
            return;
        var color = Plants.Season(random, street.Autumn);
        bool trees = random.Chance(0.6f),
            hedge = !trees || random.Chance(0.3f),
            fence = random.Chance(0.25f);
        for (float v = 9f; v < 140f; v += 9f)
        {
            if (street.OnCrossing(v, 11f))
                continue;
            var pose = street.Plan.At(0f, v, StreetPlan.KerbHeight);
            if (trees)
                Plants.AddTree(street.Parts, random, pose, random.Range(5f, 8f), random.Near(color, 0.1f), v > 60f);
            if (fence)
                Barriers.AddFence(street.Parts, random.Fork(1), pose, 4.5f, 1.0f);
            else if (hedge)
                Plants.AddHedge(street.Parts, random, pose, 4.2f, 0.8f, color);
        }
    }

    /// <summary>A pose beside the road that faces the traffic of that place, here always the camera's direction.</summary>
    static Pose Facing(Street street, int side, float kerb, float v)
    {
        var pose = street.Beside(side, kerb, v);
        // x to the camera's right on both sides: faces are not mirrored, and on the right an arm along -x reaches over the road.
        return pose with { Front = -pose.Front, Right = pose.Right * side };
    }
}
