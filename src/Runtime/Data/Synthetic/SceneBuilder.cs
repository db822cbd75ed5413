using System.Numerics;
using static Mtlc.Runtime.Data.Synthetic.PortableMath;

namespace Mtlc.Runtime.Data.Synthetic;

/// <summary>Draws a whole street from one key: the plan, then what lines it, then who is on it, then where the camera
/// stands.</summary>
static class SceneBuilder
{
    public static Scene Build(CounterRandom random)
    {
        var atmosphere = Atmosphere.Draw(random.Fork(1));
        var plan = StreetPlan.Draw(random.Fork(2));
        var parts = new Parts();
        var look = random.Fork(3);
        bool autumn = look.Chance(0.22f);
        var street = new Street(plan, atmosphere, parts, autumn);
        foreach (int side in (ReadOnlySpan<int>)[-1, 1])
        {
            Frontage.Add(street, random.Fork(10 + side), side);
            Roadside.Add(street, random.Fork(20 + side), side);
            Traffic.AddParked(street, random.Fork(30 + side), side);
            Pedestrians.Add(street, random.Fork(40 + side), side);
        }
        Roadside.AddCrossing(street, random.Fork(50));
        Roadside.AddMedian(street, random.Fork(51));
        int lane = Traffic.OwnLane(plan, random.Fork(52));
        Traffic.AddMoving(street, random.Fork(53), lane);

        var camera = random.Fork(60);
        float height = camera.Range(1.32f, 1.62f);
        var pose = plan.At(plan.Lane(1, lane) + camera.Range(-0.35f, 0.35f), 0f, height);
        pose = pose.Yawed(camera.Range(-0.05f, 0.05f) + plan.Curvature * 6f);
        float pitch = camera.Range(-0.012f, 0.030f),
            roll = camera.Range(-0.012f, 0.012f);
        var forward = pose.Front * Cos(pitch) - pose.Up * Sin(pitch);
        var up = pose.Up * Cos(pitch) + pose.Front * Sin(pitch);
        var right = pose.Right * Cos(roll) + up * Sin(roll);
        var down = pose.Right * Sin(roll) - up * Cos(roll);
        var backdrop = new Backdrop(
            camera.Range(170f, 215f),
            camera.Range(5f, 11f),
            Plants.Season(camera, autumn) * 0.75f,
            camera.Range(235f, 275f),
            camera.Range(9f, 17f),
            camera.Near(new Vector3(0.36f, 0.31f, 0.28f), 0.2f),
            camera.Bits()
        );
        float bonnet = camera.Chance(0.4f) ? camera.Range(0.035f, 0.07f) : 0f;
        return new Scene(
            plan,
            atmosphere,
            backdrop,
            [.. parts.Solids],
            [.. parts.Footprints],
            pose.Position,
            forward,
            right,
            down,
            camera.Range(0.93f, 1.08f),
            bonnet,
            camera.Near(new Vector3(0.05f), 0.6f),
            camera.Bits()
        );
    }
}

/// <summary>What the parts of a street's builder share.</summary>
sealed record Street(StreetPlan Plan, Atmosphere Atmosphere, Parts Parts, bool Autumn)
{
    /// <summary>How far along the street things are set up, in metres.</summary>
    public const float Reach = 165f;

    /// <summary>Whether v lies on the crossing street, or within a margin of it.</summary>
    public bool OnCrossing(float v, float margin) =>
        Plan.HasCrossing && MathF.Abs(v - Plan.CrossAt) < Plan.CrossHalfWidth + margin;

    /// <summary>A pose on a side, a distance beyond the kerb; x points away from the street, z along it.</summary>
    public Pose Beside(int side, float kerb, float v)
    {
        var pose = Plan.At(side * (Plan.Edge(side) + kerb), v, StreetPlan.KerbHeight);
        return side > 0 ? pose : pose with { Right = -pose.Right };
    }
}
