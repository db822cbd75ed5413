namespace Mtlc.Runtime.Data.Synthetic;

/// <summary>People on the pavement, in groups and alone, and some crossing the road.</summary>
static class Pedestrians
{
    public static void Add(Street street, CounterRandom random, int side)
    {
        var plan = street.Plan;
        var side_ = plan.Side(side);
        float gap = plan.District switch
        {
            District.Centre => 7f,
            District.Avenue => 11f,
            District.Residential => 20f,
            _ => 26f,
        };
        for (float v = random.Range(7.5f, 12f); v < 95f; v += random.Range(0.15f, 1.85f) * gap)
        {
            if (street.OnCrossing(v, 1f))
                continue;
            int group = random.Chance(0.3f) ? random.Integer(2, 3) : 1;
            float turn = random.Chance(0.5f) ? 0f : PortableMath.Pi;
            float across = side_.Verge + random.Range(0.75f, MathF.Max(0.8f, side_.Sidewalk - 0.6f));
            for (int i = 0; i < group; i++)
            {
                float kerb = Math.Clamp(across + 0.62f * i, side_.Verge + 0.3f, side_.Verge + side_.Sidewalk - 0.25f);
                var pose = street
                    .Beside(side, kerb, v + random.Range(-0.2f, 0.2f) + (kerb < across ? 0.7f * i : 0f))
                    .Yawed(turn + random.Range(-0.25f, 0.25f));
                People.Add(street.Parts, random, pose);
            }
        }
        if (!plan.HasCrossing || side < 0)
            return;
        float at = plan.CrossAt - plan.CrossHalfWidth - 3f;
        int crossing = plan.District is District.Centre or District.Avenue ? random.Integer(0, 4) : random.Integer(0, 1);
        for (int i = 0; i < crossing; i++)
        {
            var pose = plan.At(random.Range(-plan.LeftEdge, plan.RightEdge), at + random.Range(-1f, 1f), 0f)
                .Yawed(random.Chance(0.5f) ? 1.57f : -1.57f);
            if (plan.Median is Median.Line or Median.None)
                People.Add(street.Parts, random, pose);
        }
    }
}
