using Mtlc.Runtime.Files;

namespace Mtlc.Runtime.Prediction;

/// <summary>The pictures that a user names, file by file or as folders.</summary>
static class InputPictures
{
    static readonly string[] Extensions = [".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif"];

    /// <summary>A picture that is named twice, or by two links, counts once; hidden files of folders do not count.</summary>
    /// <returns>Path, and a name that no other has: the file's without its extension, with a number where that is
    /// taken.</returns>
    /// <exception cref="DataException">A path does not exist, or a folder has no picture.</exception>
    public static IReadOnlyList<(string Path, string Name)> Find(IReadOnlyList<string> paths)
    {
        var found = new OrderedDictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var path in paths.SelectMany(Expand))
        {
            if (RegularFile.IdentityOf(path) is { } identity && !seen.Add(identity))
                continue;
            var stem = Path.GetFileNameWithoutExtension(path);
            var name = stem;
            for (var copy = 2; !found.TryAdd(name, path); copy++)
                name = FormattableString.Invariant($"{stem}-{copy}");
        }
        return [.. found.Select(f => (f.Value, f.Key))];
    }

    static IEnumerable<string> Expand(string path)
    {
        if (RegularFile.OtherKindOf(path) is { } kind and not "a folder")
            throw new DataException($"{path}: {kind}, not a picture or folder");
        if (File.Exists(path))
            return [path];
        if (!Directory.Exists(path))
            throw new DataException($"{path}: no such picture or folder");
        var pictures = Directory
            .GetFiles(path)
            .Where(f => !HiddenFiles.IsHidden(f) && Extensions.Contains(Path.GetExtension(f), StringComparer.OrdinalIgnoreCase))
            .Order(StringComparer.Ordinal)
            .ToArray();
        return pictures.Length > 0
            ? pictures
            : throw new DataException($"{path}: no pictures in this folder ({string.Join(", ", Extensions)})");
    }
}
