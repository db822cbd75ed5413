using System.Globalization;
using Mtlc.Compiler.Recipes;
using Mtlc.Runtime.Data.Images;
using Mtlc.Runtime.Data.Samples;
using Mtlc.Runtime.Files;

namespace Mtlc.Runtime.Data;

/// <summary>What `mtlc data show` draws.</summary>
public static class DataSheet
{
    /// <summary>A contact sheet: a row a sample with its picture, its labels laid over it, its depth, and the maps that samples
    /// carry (<see cref="MappedSource.All"/>), each by its first channel.</summary>
    /// <param name="count">Samples, taken evenly over the split.</param>
    /// <param name="width">Columns are at most this many pixels wide.</param>
    /// <exception cref="DataException">The split is empty or a sample cannot be read.</exception>
    public static Picture Compose(IDataSource source, Split split, int count = 8, int width = 384)
    {
        var total = source.Count(split);
        if (total == 0)
            throw new DataException($"the split '{split.Folder()}' is empty: there is nothing to show");
        count = Math.Clamp(count, 1, total);
        var samples = Enumerable.Range(0, count).Select(i => source.Read(split, (int)((long)i * total / count))).ToList();
        DataMap[] maps = samples[0].Maps.Length > 0 ? [.. source.Contract.Maps] : [];
        var columns =
            1 + (samples.Any(s => s.Classes is not null) ? 1 : 0) + (samples.Any(s => s.Depth is not null) ? 1 : 0) + maps.Length;
        // One range for all, so that a colour means one distance on the whole sheet.
        var (near, far) = Colormap.Range([.. samples.Where(s => s.Depth is not null).Select(s => s.Depth!)]);
        var palette = Palette.For(source.Contract.ClassNames);
        var tiles = new List<Tile>();
        foreach (var sample in samples)
        {
            var row = new List<Tile>();
            var (h, w) = (sample.Height, sample.Width);
            var picture = new Picture(h, w, sample.Rgb);
            row.Add(new Tile(Shrink(picture, width), sample.Name));
            if (sample.Classes is { } classes)
                row.Add(new Tile(Shrink(picture.Overlay(classes, palette, 0.7), width), "labels"));
            if (sample.Depth is { } depth)
                row.Add(
                    new Tile(
                        Shrink(Colormap.Depth(h, w, depth, near, far), width),
                        string.Create(CultureInfo.InvariantCulture, $"depth, {near:0.#} to {far:0.#} m")
                    )
                );
            while (row.Count < columns - maps.Length)
                row.Add(new Tile(Picture.Filled(1, 1, (255, 255, 255)), "none"));
            row.AddRange(Maps(sample, maps).Select(m => new Tile(Shrink(m.Picture, width), m.Caption)));
            tiles.AddRange(row);
        }
        return ContactSheet.Compose(tiles, columns, $"{split.Folder()}: {count} of {total} samples");
    }

    // Each in the range of its own numbers, for they may be anything; the large ones bright.
    static IEnumerable<(Picture Picture, string Caption)> Maps(Sample sample, DataMap[] maps)
    {
        var (pixels, start) = (sample.Height * sample.Width, 0);
        foreach (var map in maps)
        {
            var numbers = sample.Maps[start..(start + pixels)];
            start += map.Channels * pixels;
            var known = Array.FindAll(numbers, n => !float.IsNaN(n));
            var (low, high) = known.Length == 0 ? (0, 1) : (known.Min(), known.Max());
            var shown = Array.ConvertAll(numbers, n => high > low ? 1 + (high - n) / (high - low) : n - low + 1);
            yield return (
                Colormap.Depth(sample.Height, sample.Width, shown, 1, 2),
                string.Create(CultureInfo.InvariantCulture, $"{map.Name}, {low:0.##} to {high:0.##}")
            );
        }
    }

    static Picture Shrink(Picture picture, int width) =>
        picture.Width <= width ? picture : picture.ResizeBilinear(Math.Max(1, picture.Height * width / picture.Width), width);
}
