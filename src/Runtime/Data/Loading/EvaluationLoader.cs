using System.Collections.Concurrent;
using Mtlc.Compiler.Recipes;
using Mtlc.Runtime.Data.Augmentation;
using Mtlc.Runtime.Data.Samples;
using Mtlc.Runtime.Files;
using Mtlc.Runtime.Machine;

namespace Mtlc.Runtime.Data.Loading;

/// <summary>A split in its own order, whole pictures at their own size, batches of equal sizes.</summary>
public sealed class EvaluationLoader(IDataSource source, Split split, DataRecipe recipe, int batch)
{
    readonly ConcurrentDictionary<string, string> corrupt = new(StringComparer.Ordinal);

    public int Samples => source.Count(split);

    /// <summary>Samples that could not be read and were left out, with the reason.</summary>
    public IReadOnlyDictionary<string, string> Corrupt => corrupt;

    public IEnumerable<IReadOnlyList<Example>> Read() => Read(Enumerable.Range(0, Samples));

    /// <summary>Some samples by their indices, in the order given.</summary>
    public IEnumerable<IReadOnlyList<Example>> Read(IEnumerable<int> indices)
    {
        var cores = MachineLimits.Current.Cores;
        var pending = new List<Example>();
        foreach (var example in ReadAhead.Run(indices, Load, recipe.WorkersOn(cores), recipe.Ahead(cores, batch)))
        {
            if (example is null)
                continue;
            if (
                pending.Count == batch
                || (pending.Count > 0 && (pending[0].Height, pending[0].Width) != (example.Height, example.Width))
            )
            {
                yield return pending;
                pending = [];
            }
            pending.Add(example);
        }
        if (pending.Count > 0)
            yield return pending;
    }

    Example? Load(int index)
    {
        try
        {
            return Preparation.Whole(source.Read(split, index));
        }
        catch (DataException e) when (recipe.Corrupt == CorruptPolicy.Skip)
        {
            corrupt.TryAdd(source.Name(split, index), e.Message);
            return null;
        }
    }
}
