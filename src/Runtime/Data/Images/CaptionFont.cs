namespace Mtlc.Runtime.Data.Images;

/// <summary>
/// A fixed-width bitmap font for captions. It is part of the program because a server or container often has no font at all, and
/// because pictures then come out the same everywhere. Glyphs are drawn from DejaVu Sans Mono by `caption-font.py`.
/// </summary>
static class CaptionFont
{
    public const int GlyphWidth = 8,
        GlyphHeight = 16;

    static readonly PngImage Sheet = LoadSheet();

    static PngImage LoadSheet()
    {
        using var stream = typeof(CaptionFont).Assembly.GetManifestResourceStream("caption-font.png")!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return PngReader.Decode(bytes, "caption-font.png");
    }

    /// <summary>Draws one line in black, in place, clipped at the border; a character without a glyph becomes "?".</summary>
    public static void Draw(Picture picture, string text, int top, int left)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            var glyph = rune.Value switch
            {
                >= 32 and < 128 => rune.Value - 32,
                >= 160 and < 256 => rune.Value - 64,
                0x2026 => '.' - 32,
                0x2013 or 0x2014 => '-' - 32,
                _ => '?' - 32,
            };
            for (var y = 0; y < GlyphHeight && top + y < picture.Height; y++)
            for (var x = 0; x < GlyphWidth && left + x < picture.Width; x++)
            {
                var coverage = Sheet.Bytes![(glyph / 16 * GlyphHeight + y) * Sheet.Width + glyph % 16 * GlyphWidth + x];
                foreach (ref var channel in picture.Rgb.AsSpan(((top + y) * picture.Width + left + x) * 3, 3))
                    channel = (byte)(channel * (255 - coverage) / 255);
            }
            left += GlyphWidth;
        }
    }
}
