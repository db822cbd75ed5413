using System.Collections.Immutable;
using Mtlc.Compiler;
using Mtlc.Compiler.Ir;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Runtime.Data;
using Mtlc.Runtime.Data.Samples;
using Mtlc.Runtime.Files;

namespace Mtlc.Runtime.Prediction;

/// <summary>What a network reads beside pictures that a user names: for each input a folder, in which the file of a picture has
/// the picture's name, or, of an only picture, the file.</summary>
sealed class PictureMaps
{
    static readonly string[] Extensions = [".npy", ".pfm", ".png"];

    readonly ImmutableArray<(InputMap Map, string Place, MapReader Read)> maps;

    /// <param name="places">By the input's name.</param>
    /// <exception cref="DataException">The network reads something that is not given, or does not read what is.</exception>
    public PictureMaps(CompiledProgram program, ImmutableDictionary<string, string> places, int pictures)
    {
        string[] read = [.. program.Model.Maps.Select(m => m.Name)];
        foreach (var name in places.Keys.Where(n => !read.Contains(n)).Order(StringComparer.Ordinal))
        {
            var meant = Suggestions.Closest(name, read) is { } closest ? $"; did you mean '{closest}'?" : "";
            throw new DataException(
                read.Length == 0
                    ? $"--input {name}: the network reads pictures alone"
                    : $"--input {name}: the network has no such input{meant} (it reads {string.Join(", ", read)})"
            );
        }
        foreach (var name in read.Where(n => !places.ContainsKey(n)))
            throw new DataException(
                $"the network reads '{name}' beside each picture: name the folder of its files with --input {name}=DIR"
            );
        foreach (var (name, place) in places)
        {
            if (!Path.Exists(place))
                throw new DataException($"--input {name}={place}: no such folder or file");
            if (pictures > 1 && !Directory.Exists(place))
                throw new DataException($"--input {name}={place}: one file for {pictures} pictures; name a folder");
        }
        maps = [.. program.Model.Maps.Select(m => (m, places[m.Name], DataSources.ReaderOf(program.Data.Source, m.Name)))];
    }

    /// <summary>As <see cref="Sample.Maps"/>.</summary>
    /// <exception cref="DataException">A file is missing, unreadable or of another size than the picture.</exception>
    public float[] Read(string picture, int height, int width) =>
        MappedSource.Joined([
            .. maps.Select(m =>
            {
                var path = Find(m.Place, picture);
                var map = m.Read(path, height, width);
                return map.Length == m.Map.Channels * height * width
                    ? map
                    : throw new DataException(
                        $"{path}: {map.Length / (height * width)} channels, and input '{m.Map.Name}' has {m.Map.Channels}"
                    );
            }),
        ]);

    static string Find(string place, string picture)
    {
        if (!Directory.Exists(place))
            return place;
        var stem = Path.Combine(place, Path.GetFileNameWithoutExtension(picture));
        return Extensions.Select(e => stem + e).FirstOrDefault(File.Exists)
            ?? throw new DataException($"{stem}: no file of that name for {picture} ({string.Join(", ", Extensions)})");
    }
}
