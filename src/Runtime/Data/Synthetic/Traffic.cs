namespace Mtlc.Runtime.Data.Synthetic;

/// <summary>Vehicles on the carriageway: parked along the kerb, ahead of the camera, coming towards it, on tracks, and
/// riders.</summary>
static class Traffic
{
    public static int OwnLane(StreetPlan plan, CounterRandom random) => random.Integer(0, plan.Lanes - 1);

    public static void AddParked(Street street, CounterRandom random, int side)
    {
        var plan = street.Plan;
        if (!plan.Side(side).Parking)
            return;
        float density = random.Range(0.35f, 0.92f);
        bool along = side > 0 || plan.OneWay;
        for (float v = random.Range(7.2f, 10f); v < 120f; v += random.Range(5.6f, 6.6f))
        {
            if (street.OnCrossing(v, 8.5f) || !random.Chance(density))
                continue;
            var pose = plan.At(side * (plan.Edge(side) - 1.12f), v);
            if (!along)
                pose = pose.Turned();
            if (random.Chance(0.035f))
            {
                Trucks.Add(street.Parts, random, pose.Moved(0f, 0f, along ? 2f : -2f), false);
                v += 4f;
            }
            else if (random.Chance(0.05f))
                TwoWheelers.AddMotorcycle(street.Parts, random, pose, ridden: false, lightsOn: false);
            else
                Cars.Add(street.Parts, random, pose, lightsOn: false, braking: false);
        }
    }

    public static void AddMoving(Street street, CounterRandom random, int ownLane)
    {
        var plan = street.Plan;
        for (int lane = 0; lane < plan.Lanes; lane++)
            AddLane(
                street,
                random,
                plan.Lane(1, lane),
                lane == ownLane ? random.Range(9f, 34f) : random.Range(7.5f, 30f),
                oncoming: false,
                lane == plan.Lanes - 1
            );
        if (!plan.OneWay)
            for (int lane = 0; lane < plan.Lanes; lane++)
                AddLane(street, random, plan.Lane(-1, lane), random.Range(8f, 36f), oncoming: true, lane == plan.Lanes - 1);
        if (plan.Median == Median.Tram)
        {
            if (random.Chance(0.6f))
                Trams.Add(street.Parts, random, plan.At(-1.6f, random.Range(24f, 70f)).Turned(), street.Atmosphere.LampsOn);
            if (random.Chance(0.35f))
                Trams.Add(street.Parts, random, plan.At(1.6f, random.Range(28f, 90f)), street.Atmosphere.LampsOn);
        }
        foreach (int side in (ReadOnlySpan<int>)[-1, 1])
            AddCyclists(street, random, side);
        if (plan.HasCrossing && random.Chance(0.5f))
            AddCrossTraffic(street, random);
    }

    static void AddLane(Street street, CounterRandom random, float u, float first, bool oncoming, bool outer)
    {
        bool lights = street.Atmosphere.LampsOn;
        float busy = random.Range(10f, 42f);
        for (float v = first; v < 130f; )
        {
            var pose = street.Plan.At(u + random.Range(-0.25f, 0.25f), v);
            if (oncoming)
                pose = pose.Turned();
            float kind = random.Unit(),
                half;
            if (street.OnCrossing(v, 3f) && random.Chance(0.7f))
                half = 1f;
            else if (kind < 0.74f)
            {
                Cars.Add(street.Parts, random, pose, lights, random.Chance(0.3f));
                half = 2.4f;
            }
            else if (kind < 0.82f)
            {
                Trucks.Add(street.Parts, random, pose.Moved(0f, 0f, oncoming ? -3f : 3f), lights);
                half = 8f;
            }
            else if (kind < 0.87f && outer)
            {
                Trucks.AddBus(street.Parts, random, pose.Moved(0f, 0f, oncoming ? -4f : 4f), lights);
                half = 10f;
            }
            else if (kind < 0.93f)
            {
                TwoWheelers.AddMotorcycle(street.Parts, random, pose, ridden: true, lights);
                half = 1.2f;
            }
            else
            {
                TwoWheelers.AddBicycle(street.Parts, random, pose.Moved(oncoming ? -1f : 1f, 0f, 0f), ridden: true);
                half = 1f;
            }
            v += 2f * half + random.Range(2.5f, busy);
        }
    }

    static void AddCyclists(Street street, CounterRandom random, int side)
    {
        var plan = street.Plan;
        bool path = plan.Side(side).BicycleLane;
        if (!random.Chance(path ? 0.8f : 0.16f))
            return;
        float u = side * (plan.Edge(side) - (plan.Side(side).Parking ? 2.3f : 0f) - (path ? 0.8f : 0.45f));
        for (float v = random.Range(8f, 26f); v < 80f; v += random.Range(5f, 40f))
        {
            var pose = plan.At(u + random.Range(-0.2f, 0.2f), v);
            TwoWheelers.AddBicycle(street.Parts, random, side < 0 && !plan.OneWay ? pose.Turned() : pose, ridden: true);
        }
    }

    static void AddCrossTraffic(Street street, CounterRandom random)
    {
        var plan = street.Plan;
        for (int i = 0; i < 2; i++)
        {
            float out_ = random.Range(plan.RightEdge + 2.5f, plan.RightEdge + 16f) * (i == 0 ? 1f : -1f);
            var pose = plan.At(out_, plan.CrossAt + (i == 0 ? -1.7f : 1.7f)).Yawed(PortableMath.Pi * 0.5f);
            if (!random.Chance(0.7f))
                continue;
            if (random.Chance(0.15f))
                TwoWheelers.AddMotorcycle(street.Parts, random, pose, ridden: true, street.Atmosphere.LampsOn);
            else
                Cars.Add(street.Parts, random, i == 0 ? pose.Turned() : pose, street.Atmosphere.LampsOn, false);
        }
    }
}
