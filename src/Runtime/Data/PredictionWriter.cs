using System.Globalization;
using System.IO.Compression;
using Mtlc.Runtime.Data.Images;
using Mtlc.Runtime.Data.MiniScapes;
using Mtlc.Runtime.Data.Samples;
using Mtlc.Runtime.Files;

namespace Mtlc.Runtime.Data;

/// <summary>Predictions as files, in the forms that the course and the Cityscapes benchmark take.</summary>
public static class PredictionWriter
{
    /// <summary>
    /// MiniScapes: `semseg/N.png` (palette PNG in the Cityscapes colours) and `depth/N.png` (gray PNG of disparity codes) under
    /// <paramref name="folder"/>, which is created as needed. A modality that is null is left out.
    /// </summary>
    /// <param name="classes">Height * Width class indices.</param>
    /// <param name="metres">Height * Width metres.</param>
    /// <returns>The files written.</returns>
    public static IReadOnlyList<string> WriteMiniScapes(
        string folder,
        int index,
        int height,
        int width,
        byte[]? classes,
        float[]? metres
    )
    {
        var file = index.ToString(CultureInfo.InvariantCulture) + ".png";
        List<string> written = [];
        if (classes is not null)
            written.Add(Write(Path.Combine(folder, "semseg", file), MiniScapesWriter.Labels(height, width, classes)));
        if (metres is not null)
            written.Add(Write(Path.Combine(folder, "depth", file), MiniScapesWriter.Depth(height, width, metres)));
        return written;
    }

    /// <summary>Cityscapes: `{id}_pred_labelIds.png` under <paramref name="folder"/>, a gray PNG of label ids; 255 becomes 0,
    /// unlabeled.</summary>
    /// <param name="id">`{city}_{seq}_{frame}`.</param>
    /// <param name="classes">Height * Width train ids, 0..18.</param>
    /// <returns>The file written.</returns>
    public static string WriteCityscapes(string folder, string id, int height, int width, byte[] classes) =>
        Write(
            Path.Combine(folder, id + "_pred_labelIds.png"),
            PngWriter.Gray8(height, width, Array.ConvertAll(classes, ToLabelId))
        );

    static byte ToLabelId(byte trainId) => trainId < LabelMap.LabelIdOfClass.Length ? LabelMap.LabelIdOfClass[trainId] : (byte)0;

    /// <summary>16-bit gray PNG of a depth, 0 where there is none; beyond 65535 units the largest number.</summary>
    /// <param name="beyond">How many pixels are farther than that.</param>
    public static byte[] Depth(int height, int width, ReadOnlySpan<float> metres, DepthPng unit, out int beyond)
    {
        var numbers = new ushort[metres.Length];
        beyond = 0;
        for (var p = 0; p < numbers.Length; p++)
        {
            var rounded = Math.Round(metres[p] * (double)unit.PerMetre);
            numbers[p] = float.IsFinite(metres[p]) && metres[p] > 0 ? (ushort)Math.Clamp(rounded, 1, ushort.MaxValue) : (ushort)0;
            if (float.IsFinite(metres[p]) && rounded > ushort.MaxValue)
                beyond++;
        }
        return PngWriter.Gray16(height, width, numbers);
    }

    /// <summary>
    /// Packs every file under a folder into a zip archive, names relative to it, in ordinal order and dated 1980-01-01: the same
    /// files always give the same bytes. The archive appears under its name only when it is whole.
    /// </summary>
    /// <exception cref="DataException">There is no file to pack.</exception>
    public static void Pack(string folder, string archive) =>
        Pack(folder, archive, Directory.Exists(folder) ? Directory.GetFiles(folder, "*", SearchOption.AllDirectories) : []);

    /// <summary>Packs these files under a folder and no others.</summary>
    /// <exception cref="DataException">There is no file to pack.</exception>
    public static void Pack(string folder, string archive, IEnumerable<string> written)
    {
        var (root, target) = (Path.GetFullPath(folder), Path.GetFullPath(archive));
        var files = written
            .Select(Path.GetFullPath)
            .Where(f => f != target)
            .Select(f => (Path: f, Name: Path.GetRelativePath(root, f).Replace('\\', '/')))
            .OrderBy(f => f.Name, StringComparer.Ordinal)
            .ToList();
        if (files.Count == 0)
            throw new DataException($"{root}: no files to pack into {archive}");
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        var partial = target + ".partial";
        try
        {
            using (var zip = new ZipArchive(File.Create(partial), ZipArchiveMode.Create))
                foreach (var (path, name) in files)
                {
                    var entry = zip.CreateEntry(name, CompressionLevel.Optimal);
                    entry.LastWriteTime = new DateTimeOffset(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);
                    using var into = entry.Open();
                    using var from = RegularFile.OpenRead(path);
                    from.CopyTo(into);
                }
            File.Move(partial, target, overwrite: true);
        }
        finally
        {
            File.Delete(partial);
        }
    }

    static string Write(string path, byte[] content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
        return path;
    }
}
