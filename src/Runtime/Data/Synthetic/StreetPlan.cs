using System.Numerics;

namespace Mtlc.Runtime.Data.Synthetic;

/// <summary>What a street is like.</summary>
enum District : byte
{
    Centre,
    Residential,
    Avenue,
    Outskirts,
}

/// <summary>What runs between the two directions of traffic.</summary>
enum Median : byte
{
    None,
    Line,
    Grass,
    Tram,
}

/// <summary>One side of the street, from the kerb outwards, widths in metres.</summary>
sealed record SidePlan(float Verge, float Sidewalk, float Front, bool Parking, bool BicycleLane)
{
    /// <summary>Distance from the kerb to the building line.</summary>
    public float BuildingLine => Verge + Sidewalk + Front;
}

/// <summary>What the ground is at a point.</summary>
enum Zone : byte
{
    Road,
    Sidewalk,
    Grass,
    Kerb,
}

/// <summary>
/// The ground plan in street coordinates: v metres along the street, u metres to the right of its centre line. Straight, then an
/// arc, then straight again; one street may cross it. </summary>
sealed record StreetPlan
{
    /// <summary>Height of kerb, sidewalk and grass above the road.</summary>
    public const float KerbHeight = 0.13f;
    const float CornerRadius = 5f;

    public required District District { get; init; }
    public required int Lanes { get; init; }
    public required float LaneWidth { get; init; }
    public required Median Median { get; init; }
    public required float MedianWidth { get; init; }
    public required bool OneWay { get; init; }
    public required SidePlan Left { get; init; }
    public required SidePlan Right { get; init; }
    public required float Curvature { get; init; }
    public required float CurveStart { get; init; }
    public required float CurveLength { get; init; }

    /// <summary>Where the crossing street's centre line lies; not a number where there is none.</summary>
    public required float CrossAt { get; init; }
    public required float CrossHalfWidth { get; init; }
    public required uint Seed { get; init; }

    public bool HasCrossing => CrossAt > 0f;
    public bool RaisedMedian => Median == Median.Grass;

    /// <summary>u of the kerb on the right; on the left it is <c>-LeftEdge</c>.</summary>
    public float RightEdge => LanesEdge + Extra(Right);
    public float LeftEdge => (OneWay ? LaneWidth * Lanes * 0.5f : LanesEdge) + Extra(Left);

    /// <summary>u where the lanes of our direction end.</summary>
    public float LanesEdge => OneWay ? LaneWidth * Lanes * 0.5f : MedianWidth * 0.5f + Lanes * LaneWidth;

    static float Extra(SidePlan side) => (side.Parking ? 2.3f : 0f) + (side.BicycleLane ? 1.6f : 0f);

    public SidePlan Side(int side) => side < 0 ? Left : Right;

    public float Edge(int side) => side < 0 ? LeftEdge : RightEdge;

    /// <summary>u of the middle of a lane; lanes count from the centre, <paramref name="side"/> 1 is our direction.</summary>
    public float Lane(int side, int lane) =>
        OneWay ? -LanesEdge + (lane + 0.5f) * LaneWidth : side * (MedianWidth * 0.5f + (lane + 0.5f) * LaneWidth);

    float Center(float v)
    {
        float w = Math.Clamp(v - CurveStart, 0f, CurveLength);
        float bend = 0.5f * Curvature * w * w;
        return v > CurveStart + CurveLength ? bend + Curvature * CurveLength * (v - CurveStart - CurveLength) : bend;
    }

    float Slope(float v) => Curvature * Math.Clamp(v - CurveStart, 0f, CurveLength);

    public Pose At(float u, float v, float height = 0f)
    {
        float slope = Slope(v),
            inverse = 1f / MathF.Sqrt(1f + slope * slope);
        var front = new Vector3(slope * inverse, 0f, inverse);
        var right = new Vector3(inverse, 0f, -slope * inverse);
        return new Pose(new Vector3(Center(v), height, v) + right * u, right, Vector3.UnitY, front);
    }

    /// <summary>Street coordinates of a point of the ground.</summary>
    public (float U, float V) Locate(float x, float z)
    {
        if (Curvature == 0f || z < CurveStart)
            return (x, z);
        float slope = Slope(z),
            cos = 1f / MathF.Sqrt(1f + slope * slope);
        float u = (x - Center(z)) * cos;
        float v = z + u * slope * cos;
        slope = Slope(v);
        cos = 1f / MathF.Sqrt(1f + slope * slope);
        return ((x - Center(v)) / cos, v);
    }

    /// <summary>Signed distance to the kerb line in metres: negative on the carriageways, with rounded corners at the
    /// crossing.</summary>
    public float KerbDistance(float u, float v)
    {
        float main = MathF.Max(u - RightEdge, -u - LeftEdge);
        float distance = main;
        float cross = MathF.Abs(v - CrossAt) - CrossHalfWidth;
        if (HasCrossing && cross < 40f)
        {
            if (main > 0f && cross > 0f && main < CornerRadius && cross < CornerRadius)
            {
                float a = CornerRadius - main,
                    b = CornerRadius - cross;
                distance = CornerRadius - MathF.Sqrt(a * a + b * b);
            }
            else
            {
                distance = MathF.Min(main, cross);
            }
        }
        if (RaisedMedian && cross > 4f | !HasCrossing)
            distance = MathF.Max(distance, MathF.Min(0.5f * MedianWidth - 0.35f - MathF.Abs(u), HasCrossing ? cross - 4f : 9f));
        return distance;
    }

    /// <summary>What lies at a point beyond the kerb, <paramref name="kerb"/> metres from it.</summary>
    public Zone Beyond(float u, float v, float kerb)
    {
        if (kerb < 0.18f)
            return Zone.Kerb;
        float main = MathF.Max(u - RightEdge, -u - LeftEdge);
        if (main < 0f)
            return Zone.Grass;
        var side = u > 0f ? Right : Left;
        float cross = HasCrossing ? MathF.Abs(v - CrossAt) - CrossHalfWidth : 1000f;
        if (cross < 3f)
            return Zone.Sidewalk;
        if (main < side.Verge)
            return cross < 6f ? Zone.Sidewalk : Zone.Grass;
        if (main < side.Verge + side.Sidewalk)
            return Zone.Sidewalk;
        return side.Front < 0.01f ? Zone.Sidewalk : Zone.Grass;
    }

    public static StreetPlan Draw(CounterRandom random)
    {
        float kind = random.Unit();
        var district =
            kind < 0.36f ? District.Centre
            : kind < 0.62f ? District.Residential
            : kind < 0.84f ? District.Avenue
            : District.Outskirts;
        bool oneWay = district is District.Centre or District.Residential && random.Chance(0.22f);
        var median = oneWay
            ? Median.None
            : district switch
            {
                District.Avenue => random.Chance(0.55f) ? Median.Tram : Median.Grass,
                District.Centre => random.Chance(0.25f) ? Median.Tram : Median.Line,
                _ => random.Chance(0.85f) ? Median.Line : Median.None,
            };
        int lanes = district switch
        {
            District.Avenue => random.Integer(1, 2),
            District.Centre => random.Chance(0.25f) ? 2 : 1,
            _ => 1,
        };
        bool bend = random.Chance(0.45f);
        float reach = random.Range(50f, 120f);
        return new StreetPlan
        {
            District = district,
            Lanes = lanes,
            LaneWidth = random.Range(3.1f, 3.6f),
            Median = median,
            MedianWidth = median switch
            {
                Median.Tram => 6.4f,
                Median.Grass => random.Range(3f, 5f),
                _ => 0f,
            },
            OneWay = oneWay,
            Left = DrawSide(random, district),
            Right = DrawSide(random, district),
            Curvature = bend ? random.Range(0.12f, 0.42f) / reach * (random.Chance(0.5f) ? 1f : -1f) : 0f,
            CurveStart = random.Range(12f, 45f),
            CurveLength = reach,
            CrossAt = random.Chance(0.55f) ? random.Range(18f, 62f) : float.NaN,
            CrossHalfWidth = random.Range(3.2f, 5.5f),
            Seed = random.Bits(),
        };
    }

    static SidePlan DrawSide(CounterRandom random, District district) =>
        district switch
        {
            District.Centre => new(0f, random.Range(2.6f, 5f), 0f, random.Chance(0.55f), random.Chance(0.3f)),
            District.Residential => new(
                random.Chance(0.45f) ? random.Range(1.2f, 2.6f) : 0f,
                random.Range(1.6f, 2.4f),
                random.Range(3f, 6f),
                random.Chance(0.6f),
                false
            ),
            District.Avenue => new(
                random.Chance(0.6f) ? random.Range(1.6f, 3.5f) : 0f,
                random.Range(2.6f, 4.5f),
                random.Chance(0.4f) ? random.Range(3f, 6f) : 0f,
                random.Chance(0.45f),
                random.Chance(0.45f)
            ),
            _ => new(
                random.Range(1f, 4f),
                random.Range(1.5f, 2.2f),
                random.Range(3f, 9f),
                random.Chance(0.15f),
                random.Chance(0.2f)
            ),
        };
}
