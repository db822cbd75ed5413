using System.Numerics;
using static Mtlc.Runtime.Data.Synthetic.PortableMath;

namespace Mtlc.Runtime.Data.Synthetic;

/// <summary>What every finish looks like at a point of a solid, given in the solid's own frame.</summary>
static class Finishes
{
    /// <param name="solid">The solid that was hit.</param>
    /// <param name="at">The point in the solid's frame.</param>
    /// <param name="world">The same point in the world.</param>
    /// <param name="face">The face, as <see cref="Intersection.Hit"/> numbers them.</param>
    /// <param name="pixel">Width of a pixel there, in metres.</param>
    public static Surface Shade(Solid solid, Vector3 at, Vector3 world, int face, float pixel)
    {
        var m = solid.Material;
        return m.Finish switch
        {
            Finish.Matte or Finish.Skin => new Surface(m.Color),
            Finish.Metal => new Surface(m.Color) { Gloss = 0.35f },
            Finish.Cloth => new Surface(m.Color * (0.82f + 0.36f * Noise.At(at * 11f + new Vector3(m.Seed & 255)))),
            Finish.Leaves => Leaves(solid, world, at, pixel),
            Finish.Bark => new Surface(m.Color * (0.6f + 0.8f * Noise.At(world * new Vector3(14f, 2.5f, 14f)))),
            Finish.Brick => new Surface(Bricks(m.Color, face, at, world, pixel, m.Seed)),
            Finish.Concrete => new Surface(Concrete(m, world, face, at)),
            Finish.Planks => Planks(m, at, pixel),
            Finish.Facade => Facades.Shade(solid, at, world, face, pixel),
            Finish.RoofTiles => new Surface(Tiles(m, at, pixel)),
            Finish.Awning => new Surface(m.Variant == 0 && (at.X * 2.5f - MathF.Floor(at.X * 2.5f)) < 0.5f ? m.Accent : m.Color),
            Finish.CarBody => Paintwork.Body(solid, at, face, pixel),
            Finish.CarCabin => Paintwork.Cabin(solid, at, face),
            Finish.BusBody => Paintwork.Bus(solid, at, face),
            Finish.CargoBox => Paintwork.Cargo(solid, at, face, pixel),
            Finish.Wheel => Wheel(solid, at, face),
            Finish.SpokedWheel => Spokes(solid, at, pixel),
            Finish.Glass => new Surface(new Vector3(0.02f)) { Gloss = 1f },
            Finish.Lamp => new Surface(m.Color) { Emission = m.Color * m.Glow, Gloss = 0.5f },
            Finish.SignFace => Signs.Face(solid, at),
            Finish.SignalHead => Signs.Signal(solid, at, face),
            Finish.Railing => Bars(m, at, pixel, 0.11f, 0.022f),
            Finish.Mesh => Bars(m, at, pixel, 0.055f, 0.008f),
            _ => new Surface(m.Color),
        };
    }

    static Surface Leaves(Solid solid, Vector3 world, Vector3 at, float pixel)
    {
        var m = solid.Material;
        float fine = pixel < 0.1f ? Noise.At(world * 13f) : 0.5f;
        float middle = pixel < 0.35f ? Noise.At(world * (m.Grain * 1.3f)) : 0.5f;
        float coarse = Noise.At(world * 1.1f);
        float height = Saturate(0.5f + 0.5f * at.Y / solid.Size.Y);
        float light = (0.22f + 0.85f * middle) * (0.5f + fine) * (0.75f + 0.5f * coarse) * (0.48f + 0.66f * height);
        var hue = Mix(m.Color, m.Color * new Vector3(1.35f, 1.12f, 0.7f), fine * 0.7f);
        return new Surface(hue * (1.5f * light)) { Translucent = true };
    }

    public static Vector3 Bricks(Vector3 color, int face, Vector3 at, Vector3 world, float pixel, uint seed)
    {
        // Courses of 0.075 m, stretchers of 0.24 m; their joints fade where a pixel is wider than they are.
        float along = face >> 1 == 0 ? at.Z : at.X;
        float row = MathF.Floor(world.Y / 0.075f),
            fy = world.Y / 0.075f - row;
        float a = along / 0.24f + 0.5f * ((int)row & 1);
        float column = MathF.Floor(a),
            fa = a - column;
        float sharp = Saturate(0.06f / (pixel + 0.001f) - 0.35f);
        float joint = fy < 0.16f || fa < 0.05f ? 1f : 0f;
        float tone = Noise.Hash((int)column, (int)row, seed);
        float stain = Noise.At(world * 0.8f);
        float far = Noise.Hash((int)(along * 1.7f), (int)(world.Y * 4f), seed) * 0.16f + 0.84f;
        float value = Lerp(far, 0.72f + 0.5f * tone, sharp) * (0.85f + 0.3f * stain);
        return Mix(color * value, new Vector3(0.36f, 0.34f, 0.31f), joint * sharp * 0.55f);
    }

    static Vector3 Concrete(Material m, Vector3 world, int face, Vector3 at)
    {
        float stain = Noise.At(world * new Vector3(1.2f, 0.5f, 1.2f)),
            grain = Noise.At(world * 7f);
        float value = 0.72f + 0.34f * stain + 0.16f * grain;
        if (m.Variant == 1)
        {
            // Slabs of a wall, with a joint every 2.5 m.
            float a = at.Z / 2.5f;
            if (MathF.Abs(a - MathF.Floor(a) - 0.5f) > 0.49f)
                value *= 0.6f;
        }
        return m.Color * value;
    }

    static Vector3 Tiles(Material m, Vector3 at, float pixel)
    {
        float row = MathF.Floor(at.Y / 0.24f),
            f = at.Y / 0.24f - row;
        float tone = Noise.Hash((int)MathF.Floor(at.X / 0.22f), (int)row, m.Seed),
            sharp = Saturate(0.12f / pixel - 0.3f);
        float value = Lerp(0.92f, (0.8f + 0.35f * tone) * (0.68f + 0.4f * f), sharp);
        return m.Color * (value * (0.8f + 0.4f * Noise.At(at * 0.7f)));
    }

    static Surface Planks(Material m, Vector3 at, float pixel)
    {
        bool across = m.Variant == 3;
        float width = m.Variant == 2 ? 0.13f : 0.16f;
        float a = (across ? at.Y : at.X) / width;
        float board = MathF.Floor(a),
            f = a - board;
        float tone = 0.8f + 0.4f * Noise.Hash((int)board, 3, m.Seed);
        float grain = 0.85f + 0.3f * Noise.At((across ? at.X : at.Y) * 2f, a * 4f, m.Seed);
        float gap = m.Variant == 2 ? 0.30f : 0.06f,
            sharp = Saturate(1.6f - pixel * 1.5f / (gap * width));
        bool open = f < gap;
        // Pickets have gaps one sees through, as long as a pixel can tell them apart.
        if (m.Variant == 2 && open && sharp > 0.5f && MathF.Abs(MathF.Abs(at.Y) - 0.35f) > 0.05f)
            return new Surface(m.Color) { Hole = true };
        float dark = open && m.Variant != 2 ? 1f - 0.75f * sharp : 1f - 0.25f * (1f - sharp);
        return new Surface(m.Color * (tone * grain * dark));
    }

    static Surface Bars(Material m, Vector3 at, float pixel, float spacing, float width)
    {
        // Beyond the distance where bars are thinner than a pixel, they are drawn as wide as one and blend with what is behind.
        float bar = MathF.Max(width, 0.6f * pixel);
        float a = (MathF.Abs(at.X) + MathF.Abs(at.Z)) / spacing;
        float f = MathF.Abs(a - MathF.Floor(a) - 0.5f) * spacing;
        bool rail = MathF.Abs(MathF.Abs(at.Y) - 0.42f) < 0.025f;
        bool solid = f < 0.5f * bar || rail;
        if (m.Finish == Finish.Mesh)
        {
            float b = at.Y / spacing;
            solid |= MathF.Abs(b - MathF.Floor(b) - 0.5f) * spacing < 0.5f * bar;
        }
        if (bar > 0.45f * spacing)
            solid = ((int)MathF.Floor(at.X * 97f) + (int)MathF.Floor(at.Y * 89f) & 1) == 0;
        return new Surface(m.Color) { Hole = !solid, Gloss = 0.15f };
    }

    static Surface Wheel(Solid solid, Vector3 at, int face)
    {
        var tyre = new Surface(new Vector3(0.028f));
        if (face == 0)
            return tyre;
        float r = MathF.Sqrt(at.X * at.X + at.Z * at.Z) / solid.Size.X;
        float rim = solid.Material.Variant == 1 ? 0.55f : 0.68f;
        if (r > rim)
            return tyre;
        if (r < 0.14f)
            return new Surface(solid.Material.Color * 0.8f) { Gloss = 0.4f };
        // Five to seven spokes, drawn by folding the plane.
        int spokes = solid.Material.Variant == 2 ? 3 : 5 + (int)(solid.Material.Seed % 3);
        float best = 0f;
        for (int i = 0; i < spokes; i++)
        {
            float angle = 2f * Pi * i / spokes;
            best = MathF.Max(best, (at.X * Cos(angle) + at.Z * Sin(angle)) / (r * solid.Size.X));
        }
        bool spoke = best > 0.93f || r > rim - 0.09f;
        return spoke ? new Surface(solid.Material.Color) { Gloss = 0.4f } : new Surface(new Vector3(0.02f));
    }

    static Surface Spokes(Solid solid, Vector3 at, float pixel)
    {
        float r = MathF.Sqrt(at.X * at.X + at.Y * at.Y) / solid.Size.X,
            edge = MathF.Max(0.10f, 1.1f * pixel / solid.Size.X);
        if (r > 1f - edge)
            return new Surface(r > 1f - 0.75f * edge ? new Vector3(0.02f) : new Vector3(0.25f));
        if (r < 0.09f)
            return new Surface(new Vector3(0.3f));
        float thin = 0.012f;
        bool spoke = false;
        for (int i = 0; i < 4 && pixel < 0.012f; i++)
        {
            float angle = Pi * i / 4f + 0.2f;
            spoke |= MathF.Abs(at.X * Cos(angle) + at.Y * Sin(angle)) < 0.5f * thin;
        }
        return new Surface(new Vector3(0.3f)) { Hole = !spoke };
    }
}
