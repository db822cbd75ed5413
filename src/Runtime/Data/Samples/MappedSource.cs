using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Recipes;

namespace Mtlc.Runtime.Data.Samples;

/// <summary>A source whose samples carry the maps that a model reads beside the picture, in the model's order.</summary>
public sealed class MappedSource : IDataSource
{
    readonly IDataSource source;
    readonly string[] maps;

    MappedSource(IDataSource source, IEnumerable<string> maps) => (this.source, this.maps) = (source, [.. maps]);

    /// <summary>The source itself for a model that reads pictures alone.</summary>
    public static IDataSource Of(IDataSource source, Model model) =>
        model.Maps.IsEmpty || source is MappedSource ? source : new MappedSource(source, model.Maps.Select(m => m.Name));

    /// <summary>With every map that there is.</summary>
    public static IDataSource All(IDataSource source) => new MappedSource(source, source.Contract.Maps.Select(m => m.Name));

    public DataContract Contract => source.Contract;

    public int Count(Split split) => source.Count(split);

    public string Name(Split split, int index) => source.Name(split, index);

    public void RequireLabels(Split split) => source.RequireLabels(split);

    public Sample Read(Split split, int index) => WithMaps(split, index, source.Read(split, index));

    public Sample ReadPicture(Split split, int index) => WithMaps(split, index, source.ReadPicture(split, index));

    public float[] ReadMap(string map, Split split, int index, Sample sample) => source.ReadMap(map, split, index, sample);

    Sample WithMaps(Split split, int index, Sample sample) =>
        sample with
        {
            Maps = Joined(Array.ConvertAll(maps, m => source.ReadMap(m, split, index, sample))),
        };

    /// <summary>Maps one behind the other.</summary>
    public static float[] Joined(float[][] maps)
    {
        if (maps is [var only])
            return only;
        var all = new float[maps.Sum(m => m.Length)];
        var start = 0;
        foreach (var map in maps)
        {
            map.CopyTo(all, start);
            start += map.Length;
        }
        return all;
    }
}
