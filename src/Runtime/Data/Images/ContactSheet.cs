namespace Mtlc.Runtime.Data.Images;

/// <summary>One picture of a contact sheet and what is written above it.</summary>
public sealed record Tile(Picture Picture, string Caption = "");

/// <summary>Pictures in a grid on white, captions above each: the report's figures 7, 8 and 10.</summary>
public static class ContactSheet
{
    const int Gap = 6;

    /// <summary>Lays tiles out row by row. A column is as wide as its widest picture, a row as high as its highest.</summary>
    /// <param name="columns">Tiles a row, at least 1.</param>
    /// <param name="title">A line above everything.</param>
    public static Picture Compose(IReadOnlyList<Tile> tiles, int columns, string? title = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        columns = Math.Max(1, Math.Min(columns, tiles.Count));
        var rows = (tiles.Count + columns - 1) / columns;
        var widths = new int[columns];
        var heights = new int[rows];
        var captions = new int[rows];
        for (var i = 0; i < tiles.Count; i++)
        {
            var (row, column) = (i / columns, i % columns);
            widths[column] = Math.Max(widths[column], tiles[i].Picture.Width);
            heights[row] = Math.Max(heights[row], tiles[i].Picture.Height);
            if (tiles[i].Caption.Length > 0)
                captions[row] = CaptionFont.GlyphHeight;
        }
        var head = title is null ? 0 : CaptionFont.GlyphHeight + Gap;
        var sheet = Picture.Filled(
            Gap + head + heights.Sum() + captions.Sum() + rows * Gap,
            Gap + widths.Sum() + columns * Gap,
            (255, 255, 255)
        );
        if (title is not null)
            CaptionFont.Draw(sheet, Fit(title, sheet.Width - 2 * Gap), Gap, Gap);
        for (int row = 0, top = Gap + head; row < rows; top += captions[row] + heights[row] + Gap, row++)
        {
            var left = Gap;
            for (var column = 0; column < columns && row * columns + column < tiles.Count; column++)
            {
                var tile = tiles[row * columns + column];
                CaptionFont.Draw(sheet, Fit(tile.Caption, widths[column]), top, left);
                sheet.Paste(tile.Picture, top + captions[row], left);
                left += widths[column] + Gap;
            }
        }
        return sheet;
    }

    /// <summary>Cuts a text to the width in pixels, keeping both ends: the end of a file name tells the most.</summary>
    static string Fit(string text, int width)
    {
        var room = Math.Max(0, width / CaptionFont.GlyphWidth);
        if (text.Length <= room)
            return text;
        return room < 5 ? text[..room] : $"{text[..((room - 2) / 2)]}..{text[^((room - 1) / 2)..]}";
    }
}
