using System.Globalization;
using Mtlc.Runtime.Data.Images;
using Mtlc.Runtime.Data.Samples;
using Mtlc.Runtime.Files;

namespace Mtlc.Runtime.Data.MiniScapes;

/// <summary>Writes any data source to disk in the layout that <see cref="MiniScapesSource"/> reads.</summary>
public static class MiniScapesWriter
{
    public const int JpegQuality = 95;

    /// <summary>
    /// Writes every sample of every split, in parallel: pictures as JPEG, labels exactly, depth as the disparity code (4 to 300
    /// m). The folder appears under its name only when it is whole. </summary>
    /// <param name="root">A folder that does not exist yet, or an empty one.</param>
    /// <param name="progress">Is told the number of samples written so far.</param>
    /// <param name="workers">Threads; 0 for the number of cores. The files do not depend on it.</param>
    /// <exception cref="DataException">The folder holds something already, or a sample of the source cannot be read.</exception>
    /// <exception cref="IOException">The disk is full or the place cannot be written to.</exception>
    public static void Write(
        IDataSource source,
        string root,
        IProgress<int>? progress = null,
        int workers = 0,
        CancellationToken cancel = default
    )
    {
        root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(root));
        if (File.Exists(root) || Directory.Exists(root) && Directory.EnumerateFileSystemEntries(root).Any())
            throw new DataException($"{root}: exists already and is not an empty folder; choose another name or remove it");
        var classes = source.Contract.ClassNames.Length;
        if (classes > 19)
            throw new DataException($"the MiniScapes layout has 19 classes; this data set has {classes}");
        var samples = Splits.All.SelectMany(s => Enumerable.Range(0, source.Count(s)).Select(i => (Split: s, Index: i))).ToList();

        var partial = $"{root}.{Guid.NewGuid():N}.partial";
        try
        {
            foreach (var split in samples.Select(s => s.Split).Distinct())
            foreach (var modality in (string[])["rgb", "semseg", "depth"])
                Directory.CreateDirectory(Path.Combine(partial, split.Folder(), modality));
            Directory.CreateDirectory(partial);
            var done = 0;
            DataParallel.ForEach(
                samples.Count,
                workers,
                cancel,
                i =>
                {
                    var (split, index) = samples[i];
                    WriteSample(Path.Combine(partial, split.Folder()), index, source.Read(split, index));
                    progress?.Report(Interlocked.Increment(ref done));
                }
            );
            if (Directory.Exists(root))
                Directory.Delete(root);
            Directory.Move(partial, root);
        }
        finally
        {
            if (Directory.Exists(partial))
                Directory.Delete(partial, recursive: true);
        }
    }

    static void WriteSample(string folder, int index, Sample sample)
    {
        var name = index.ToString(CultureInfo.InvariantCulture);
        new Picture(sample.Height, sample.Width, sample.Rgb).SaveJpeg(Path.Combine(folder, "rgb", name + ".jpg"), JpegQuality);
        if (sample.Classes is { } classes)
            File.WriteAllBytes(Path.Combine(folder, "semseg", name + ".png"), Labels(sample.Height, sample.Width, classes));
        if (sample.Depth is { } depth)
            File.WriteAllBytes(Path.Combine(folder, "depth", name + ".png"), Depth(sample.Height, sample.Width, depth));
    }

    /// <summary>Class indices as a palette PNG in the Cityscapes colours.</summary>
    internal static byte[] Labels(int height, int width, ReadOnlySpan<byte> classes) =>
        PngWriter.Palette(height, width, classes, Palette.Cityscapes.Rgb);

    /// <summary>Metres as a gray PNG of disparity codes.</summary>
    internal static byte[] Depth(int height, int width, ReadOnlySpan<float> metres)
    {
        var codes = new byte[metres.Length];
        for (var p = 0; p < codes.Length; p++)
            codes[p] = DisparityCode.Encode(metres[p]);
        return PngWriter.Gray8(height, width, codes);
    }
}
