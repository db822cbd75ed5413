using System.Numerics;
using static Mtlc.Runtime.Data.Synthetic.PortableMath;

namespace Mtlc.Runtime.Data.Synthetic;

/// <summary>Walls with windows: bays and floors that fill the wall exactly, shop fronts, bands, shutters, curtains, lit
/// rooms.</summary>
static class Facades
{
    static readonly Vector3 LampLight = new(1.0f, 0.66f, 0.30f);

    public static Surface Shade(Solid solid, Vector3 at, Vector3 world, int face, float pixel)
    {
        var m = solid.Material;
        var style = m.Facade!;
        if (face >> 1 == 1)
            return new Surface(new Vector3(0.16f));
        float halfWidth = face >> 1 == 0 ? solid.Size.Z : solid.Size.X;
        float s = (face >> 1 == 0 ? at.Z : at.X) + halfWidth,
            y = at.Y + solid.Size.Y;
        float bays = MathF.Max(1f, MathF.Floor(2f * halfWidth / style.BayWidth + 0.5f)),
            bay = 2f * halfWidth / bays;
        float column = MathF.Floor(s / bay),
            x = s - (column + 0.5f) * bay;
        if (style.ShopHeight > 0f && y < style.ShopHeight)
            return Shop(m, style, s, y, halfWidth, bays, pixel);
        float above = y - style.ShopHeight;
        float floor = MathF.Floor(above / style.FloorHeight),
            h = above - floor * style.FloorHeight;
        float top = 2f * solid.Size.Y - style.ShopHeight;
        bool full = (floor + 1f) * style.FloorHeight <= top + 0.05f;
        uint room = m.Seed + (uint)face;
        bool door = style.ShopHeight == 0f && floor == 0f && face == 0 && column == MathF.Floor(bays * 0.5f);
        float sill = door ? 0.05f : style.SillHeight,
            height = door ? 2.15f : style.WindowHeight;
        float dx = 0.5f * style.WindowWidth - MathF.Abs(x),
            dy = MathF.Min(h - sill, sill + height - h);
        float inside = MathF.Min(dx, dy);
        if (full && inside > 0f && (style.CurtainWall || Noise.Hash((int)column, (int)floor + 50, room) > 0.04f))
            return door
                ? Door(m, style, x, h, inside)
                : Window(m, style, x, h - sill, inside, (int)column, (int)floor, room, pixel);

        var wall = style.Bricks ? Finishes.Bricks(m.Color, face, at, world, pixel, m.Seed) : Plaster(m, world, y);
        if (full && inside > -0.14f && !style.CurtainWall)
        {
            // A light surround, and a sill that throws a shadow.
            bool lower = h < sill && h > sill - 0.14f && dx > -0.12f;
            if (lower)
                wall = m.Accent * (h > sill - 0.08f ? 1.05f : 0.6f);
            else if (dx > -0.12f)
                wall = m.Accent;
        }
        if (full && style.Shutters && dy > 0f && dx < -0.04f && dx > -0.55f && !door)
        {
            float slat = h * 14f;
            wall =
                (style.FrameColor.X > 0.3f ? new Vector3(0.07f, 0.14f, 0.10f) : new Vector3(0.22f, 0.10f, 0.06f))
                * (0.75f + 0.4f * (slat - MathF.Floor(slat)));
        }
        if (style.Bands && h < 0.14f && floor > 0f)
            wall = m.Accent * (h < 0.03f ? 0.6f : 1f);
        if (!full && top - above < 0.25f)
            wall = m.Accent;
        return new Surface(wall);
    }

    static Vector3 Plaster(Material m, Vector3 world, float y)
    {
        float stain = Noise.At(world * new Vector3(0.7f, 0.25f, 0.7f)),
            streak = Noise.At(world * new Vector3(3f, 0.3f, 3f));
        float value = 0.86f + 0.16f * stain + 0.08f * streak;
        // A plinth, and dirt that splashes up from the pavement.
        if (y < 0.6f)
            return m.Color * (value * 0.62f);
        return m.Color * (value * (0.9f + 0.1f * Saturate(0.3f * y)));
    }

    static Surface Window(
        Material m,
        FacadeStyle style,
        float x,
        float h,
        float inside,
        int column,
        int floor,
        uint room,
        float pixel
    )
    {
        float frame = style.CurtainWall ? 0.05f : 0.07f;
        float cross = style.CurtainWall
            ? 1f
            : MathF.Min(MathF.Abs(x), style.WindowHeight > 1.5f ? MathF.Abs(h - 0.68f * style.WindowHeight) : 1f);
        if (inside < frame || cross < 0.032f)
            return new Surface(style.FrameColor);
        float draw = Noise.Hash(column, floor, room),
            kind = Noise.Hash(column, floor + 100, room);
        bool lit = draw < style.LitWindows;
        var behind = new Vector3(0.022f, 0.026f, 0.032f);
        float side = 0.5f * style.WindowWidth - MathF.Abs(x);
        if (kind < 0.35f && side < 0.26f)
            behind = new Vector3(0.34f, 0.32f, 0.29f);
        else if (kind > 0.72f && h > style.WindowHeight * (0.35f + 0.6f * draw))
            behind = new Vector3(0.40f, 0.38f, 0.33f);
        // The reveal shades the glass along its top and its left.
        float reveal = Saturate(MathF.Min(style.WindowHeight - h, x + 0.5f * style.WindowWidth) / 0.22f);
        behind *= 0.35f + 0.65f * reveal;
        var glow = lit
            ? LampLight * ((0.35f + 0.55f * kind) * (behind.X > 0.1f ? 1.1f : 0.55f + 0.3f * Saturate(h)))
            : Vector3.Zero;
        return new Surface(behind) { Gloss = style.CurtainWall ? 1f : 0.75f * (0.4f + 0.6f * reveal), Emission = glow };
    }

    static Surface Door(Material m, FacadeStyle style, float x, float h, float inside)
    {
        if (inside < 0.08f)
            return new Surface(style.FrameColor);
        var color = Mix(new Vector3(0.16f, 0.07f, 0.03f), style.ShopColor + new Vector3(0.04f), 0.4f);
        bool panel = MathF.Abs(x) is > 0.1f and < 0.32f && h is > 0.3f and < 1.0f or > 1.2f and < 1.9f;
        return new Surface(panel ? color * 0.7f : color) { Gloss = 0.15f };
    }

    static Surface Shop(Material m, FacadeStyle style, float s, float y, float halfWidth, float bays, float pixel)
    {
        float fascia = style.ShopHeight - 0.75f;
        if (y > style.ShopHeight - 0.12f)
            return new Surface(m.Accent);
        if (y > fascia)
        {
            // Lettering: blocks of uneven width, as unreadable as lettering is from a car.
            float letter = s * 3.2f,
                cell = letter - MathF.Floor(letter);
            bool text =
                MathF.Abs(s - halfWidth) < 0.55f * halfWidth
                && y - fascia is > 0.18f and < 0.46f
                && cell < 0.35f + 0.45f * Noise.Hash((int)MathF.Floor(letter), 5, m.Seed)
                && Noise.Hash((int)MathF.Floor(letter), 6, m.Seed) > 0.14f;
            var ink = style.ShopColor.X + style.ShopColor.Y > 0.7f ? new Vector3(0.05f) : new Vector3(0.72f);
            var board = text ? ink : style.ShopColor;
            return new Surface(board) { Emission = style.LitWindows > 0.1f ? board * (text ? 0.9f : 0.3f) : Vector3.Zero };
        }
        float count = MathF.Max(1f, MathF.Floor(2f * halfWidth / 3.4f)),
            width = 2f * halfWidth / count;
        float pane = MathF.Floor(s / width),
            x = s - (pane + 0.5f) * width;
        float inside = MathF.Min(
            0.5f * width - 0.24f - MathF.Abs(x),
            MathF.Min(y - (Noise.Hash((int)pane, 7, m.Seed) < 0.3f ? 0.05f : 0.45f), fascia - 0.15f - y)
        );
        if (inside < 0f)
            return new Surface(m.Accent * 0.75f);
        if (inside < 0.06f)
            return new Surface(style.FrameColor * 0.5f);
        // Behind the glass: a lit back wall, and goods as blocks of colour.
        int shelf = (int)MathF.Floor(y * 2.2f),
            thing = (int)MathF.Floor(s * 3f);
        float good = Noise.Hash(thing, shelf, m.Seed);
        var inside_ =
            y < 1.7f && good > 0.42f
                ? new Vector3(
                    0.05f + 0.3f * Noise.Hash(thing, shelf + 31, m.Seed),
                    0.05f + 0.22f * Noise.Hash(thing, shelf + 57, m.Seed),
                    0.05f + 0.2f * good
                )
                : new Vector3(0.075f, 0.07f, 0.06f);
        var glow = (style.LitWindows > 0.1f ? 1.5f : 0.32f) * inside_ * LampLight + new Vector3(0.035f, 0.028f, 0.018f);
        return new Surface(inside_ * 0.5f) { Gloss = 0.8f, Emission = glow };
    }
}
