using System.Numerics;
using static Mtlc.Runtime.Data.Synthetic.PortableMath;

namespace Mtlc.Runtime.Data.Synthetic;

/// <summary>
/// Which points see the sun, and how much ambient light reaches the ground. The sun's rays are parallel, so solids are binned by
/// their silhouettes on a plane that faces it: a point asks only what lies in its own column of light. </summary>
sealed class Shadows
{
    const float FootCell = 2f;
    readonly Vector3 sun,
        across,
        upward;
    readonly Caster[] casters = [];
    readonly CellLists? columns;
    readonly Footprint[] feet;
    readonly CellLists ground;

    /// <param name="Solid">What throws the shadow.</param>
    /// <param name="Sun">The direction to the sun in its unit frame.</param>
    /// <param name="Top">How far towards the sun it reaches.</param>
    readonly record struct Caster(Solid Solid, Vector3 Sun, float Top, Silhouette Outline);

    public Shadows(Scene scene)
    {
        sun = scene.Atmosphere.SunDirection;
        across = Normalize(Cross(Vector3.UnitY, sun));
        upward = Cross(sun, across);
        feet = [.. scene.Footprints];
        var outlines = feet.Select(f => new Silhouette(
                f.Center.X - f.Reach,
                f.Center.Z - f.Reach,
                f.Center.X + f.Reach,
                f.Center.Z + f.Reach
            ))
            .ToArray();
        ground = new CellLists(-64f, -10f, FootCell, 64, 100, outlines);
        if (!scene.Atmosphere.CastsShadows)
            return;

        // The one that reaches farthest towards the sun first: a list ends where the rest lies behind the point.
        casters = [.. scene.Solids.Where(s => !IsOpen(s)).Select(Cast).OrderByDescending(c => c.Top)];
        var shapes = casters.Select(c => c.Outline).ToArray();
        float left = shapes.Min(s => s.Left),
            right = shapes.Max(s => s.Right),
            top = shapes.Min(s => s.Top),
            bottom = shapes.Max(s => s.Bottom);
        float cell = MathF.Max(0.8f, MathF.Max(right - left, bottom - top) / 240f);
        columns = new CellLists(left, top, cell, (int)((right - left) / cell) + 1, (int)((bottom - top) / cell) + 1, shapes);
    }

    Caster Cast(Solid solid)
    {
        Span<Vector2> points = stackalloc Vector2[8];
        float top = float.MinValue;
        for (int i = 0; i < 8; i++)
        {
            var corner = solid.Corner(i);
            points[i] = new Vector2(Dot(corner, across), Dot(corner, upward));
            top = MathF.Max(top, Dot(corner, sun));
        }
        return new Caster(solid, solid.ToUnitDirection(sun), top, new Silhouette(points, 0.01f));
    }

    /// <summary>Wire and spokes throw no shadow worth drawing.</summary>
    static bool IsOpen(Solid solid) => solid.Material.Finish is Finish.Mesh or Finish.SpokedWheel or Finish.Railing;

    /// <summary>Whether something stands between a point, moved a little off its surface, and the sun.</summary>
    public bool Blocked(Vector3 p)
    {
        int cell = columns!.Cell(Dot(p, across), Dot(p, upward));
        if (cell < 0)
            return false;
        float height = Dot(p, sun);
        for (int i = columns.Starts[cell]; i < columns.Starts[cell + 1]; i++)
        {
            ref readonly var caster = ref casters[columns.Items[i]];
            if (caster.Top < height)
                return false;
            if (Intersection.Hit(caster.Solid, caster.Solid.ToUnit(p), caster.Sun, 0.01f, 300f, out _) < 300f)
                return true;
        }
        return false;
    }

    /// <summary>The share of ambient light that reaches a point of the ground.</summary>
    public float GroundLight(Vector3 p)
    {
        int cell = ground.Cell(p.X, p.Z);
        if (cell < 0)
            return 1f;
        float light = 1f;
        for (int i = ground.Starts[cell]; i < ground.Starts[cell + 1]; i++)
            light *= feet[ground.Items[i]].Light(p);
        return light;
    }
}
