using System.Collections.Immutable;
using Mtlc.Compiler.Recipes;
using Mtlc.Runtime.Data.Images;
using Mtlc.Runtime.Files;

namespace Mtlc.Runtime.Data.Samples;

/// <summary>What each number in a label picture means: a class index, 255 for "no label", or nothing at all.</summary>
sealed class LabelMap
{
    public const byte Ignore = DataContract.Unlabelled;

    const short Illegal = -1;

    readonly short[] classes = new short[65536];
    readonly string legal;

    LabelMap(string legal) => this.legal = legal;

    /// <summary>Every number that is legal, and the class that it means.</summary>
    public IEnumerable<(int Number, int Class)> Meanings =>
        classes.Index().Where(c => c.Item != Illegal).Select(c => (c.Index, (int)c.Item));

    /// <summary>Indices are the classes themselves.</summary>
    public static LabelMap Identity(int count, params IEnumerable<int> ignored)
    {
        var map = new LabelMap($"the classes are 0 to {count - 1}");
        for (var i = 0; i < map.classes.Length; i++)
            map.classes[i] = i < count ? (short)i : Illegal;
        foreach (var i in ignored)
            map.classes[i] = Ignore;
        return map;
    }

    /// <summary>Only the listed numbers are legal.</summary>
    public static LabelMap Listed(IEnumerable<KeyValuePair<int, int>> classOf, params IEnumerable<int> ignored)
    {
        var map = new LabelMap("the map lists no class for it");
        Array.Fill(map.classes, Illegal);
        foreach (var (number, index) in classOf)
            map.classes[number] = (short)index;
        foreach (var i in ignored)
            map.classes[i] = Ignore;
        return map;
    }

    /// <summary>
    /// Cityscapes' label ids (Cordts et al. 2016, `labels.py`): of 0 to 33 the 19 evaluated ones become train ids and the others
    /// are unlabelled, as is -1, a licence plate, in a byte. Instance ids (26001 is the second car) and whatever else the table
    /// does not have are illegal. </summary>
    /// <param name="ignored">More numbers that mean "no label".</param>
    public static LabelMap CityscapesLabelIds(params IEnumerable<int> ignored)
    {
        var map = new LabelMap(
            $"Cityscapes' label ids are 0 to {LastLabelId}, and 255 for -1; instance ids and train ids are other files"
        );
        Array.Fill(map.classes, Illegal);
        foreach (var id in Enumerable.Range(0, LastLabelId + 1).Append(byte.MaxValue).Concat(ignored))
            map.classes[id] = Ignore;
        for (var i = 0; i < LabelIdOfClass.Length; i++)
            map.classes[LabelIdOfClass[i]] = (short)i;
        return map;
    }

    const int LastLabelId = 33;

    /// <summary>The label id of each train id, for submissions (Cordts et al. 2016, `labels.py`).</summary>
    public static readonly ImmutableArray<byte> LabelIdOfClass =
    [
        7,
        8,
        11,
        12,
        13,
        17,
        19,
        20,
        21,
        22,
        23,
        24,
        25,
        26,
        27,
        28,
        31,
        32,
        33,
    ];

    /// <summary>Reads a palette or gray PNG whose numbers (palette indices, gray values) are the labels.</summary>
    /// <returns>Height * Width class indices, 255 where unlabelled.</returns>
    /// <exception cref="DataException">Unreadable, of another size than the picture, in colour, or a number that is no
    /// class.</exception>
    public byte[] Read(string path, int height, int width)
    {
        var png = PngReader.Read(path);
        Sizes.Check(path, png.Height, png.Width, height, width);
        if (!png.IsIndexed)
            throw new DataException(
                $"{path}: labels must be a palette or gray PNG whose numbers are classes; "
                    + $"this one has colours ({png.Color})"
            );
        var labels = png.Bytes ?? new byte[height * width];
        for (var p = 0; p < labels.Length; p++)
        {
            var number = png.Words is { } words ? words[p] : labels[p];
            var label = classes[number];
            if (label == Illegal)
                throw new DataException(
                    $"{path}: label {number} at row {p / width}, column {p % width} is out of range: {legal}"
                );
            labels[p] = (byte)label;
        }
        return labels;
    }
}

static class Sizes
{
    /// <exception cref="DataException">A label file is not as large as its picture.</exception>
    public static void Check(string path, int height, int width, int pictureHeight, int pictureWidth)
    {
        if ((height, width) != (pictureHeight, pictureWidth))
            throw new DataException(
                $"{path}: {height}x{width} pixels, " + $"but its picture has {pictureHeight}x{pictureWidth} (height x width)"
            );
    }
}
