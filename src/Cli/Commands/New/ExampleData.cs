using System.Globalization;
using Mtlc.Runtime.Data.Images;
using Mtlc.Runtime.Data.Samples;
using Mtlc.Runtime.Data.Synthetic;

namespace Mtlc.Cli.Commands.New;

/// <summary>A few rendered streets in the form that the template's manifest describes: a place for the user's own data.</summary>
static class ExampleData
{
    const int Training = 16;

    static readonly string[] Modalities = ["rgb", "semseg", "depth"];

    public static void Write(string folder)
    {
        var source = new SyntheticSource(Training, new(96, 192), 0);
        foreach (var modality in Modalities)
            Directory.CreateDirectory(Path.Combine(folder, modality));
        foreach (var (split, file) in new[] { (Split.Train, "train"), (Split.Validation, "val") })
        {
            var ids = Enumerable
                .Range(0, source.Count(split))
                .Select(i => string.Create(CultureInfo.InvariantCulture, $"{file}_{i:00}"))
                .ToArray();
            for (var i = 0; i < ids.Length; i++)
                Write(folder, ids[i], source.Read(split, i));
            File.WriteAllLines(Path.Combine(folder, $"{file}.txt"), ids);
        }
    }

    static void Write(string folder, string id, Sample sample)
    {
        var (height, width) = (sample.Height, sample.Width);
        new Picture(height, width, sample.Rgb).SaveJpeg(Path.Combine(folder, "rgb", $"{id}.jpg"), quality: 95);
        File.WriteAllBytes(
            Path.Combine(folder, "semseg", $"{id}.png"),
            PngWriter.Palette(height, width, sample.Classes!, Palette.Cityscapes.Rgb)
        );
        ushort[] millimetres =
        [
            .. sample.Depth!.Select(m => m * 1000 is > 0 and <= ushort.MaxValue ? (ushort)MathF.Round(m * 1000) : (ushort)0),
        ];
        File.WriteAllBytes(Path.Combine(folder, "depth", $"{id}.png"), PngWriter.Gray16(height, width, millimetres));
    }
}
