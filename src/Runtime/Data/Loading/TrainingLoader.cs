using System.Collections.Concurrent;
using Mtlc.Compiler.Recipes;
using Mtlc.Runtime.Data.Augmentation;
using Mtlc.Runtime.Data.Samples;
using Mtlc.Runtime.Files;
using Mtlc.Runtime.Machine;

namespace Mtlc.Runtime.Data.Loading;

/// <summary>
/// The batches of training. Which samples step s sees, and every pixel of them, is a pure function of (seed, s): it depends
/// neither on the number of workers nor on where reading began, so that a resumed run goes on exactly. </summary>
public sealed class TrainingLoader
{
    readonly IDataSource source;
    readonly DataRecipe recipe;
    readonly int batch,
        samples;
    readonly long seed;
    readonly ConcurrentDictionary<string, string> corrupt = new(StringComparer.Ordinal);

    /// <param name="batch">Samples a step.</param>
    /// <exception cref="DataException">There are fewer training samples than a step takes.</exception>
    public TrainingLoader(IDataSource source, DataRecipe recipe, int batch, long seed)
    {
        (this.source, this.recipe, this.batch, this.seed) = (source, recipe, batch, seed);
        samples = source.Count(Split.Train);
        if (samples < batch)
            throw new DataException(
                $"the training split has {samples} samples, which do not fill one step of {batch}; set train.batch or "
                    + $"train.accumulate lower"
            );
    }

    public int Samples => samples;

    /// <summary>The last incomplete step is dropped.</summary>
    public long StepsPerEpoch => samples / batch;

    /// <summary>Samples that could not be read and were replaced by their successors in the epoch, with the reason.</summary>
    public IReadOnlyDictionary<string, string> Corrupt => corrupt;

    /// <summary>Examples of steps <paramref name="first"/>, first + 1, ..., last - 1, a step at a time.</summary>
    public IEnumerable<IReadOnlyList<Example>> Read(long first, long last)
    {
        var cores = MachineLimits.Current.Cores;
        var examples = ReadAhead.Run(
            Places(first, last),
            place => Load(place.Order, place.Epoch, place.Position),
            recipe.WorkersOn(cores),
            recipe.Ahead(cores, batch)
        );
        return examples.Chunk(batch);
    }

    IEnumerable<(EpochOrder Order, int Epoch, int Position)> Places(long first, long last)
    {
        EpochOrder? order = null;
        for (var step = first; step < last; step++)
        {
            var (epoch, within) = ((int)(step / StepsPerEpoch), (int)(step % StepsPerEpoch));
            if (order is null || within == 0)
                order = new(seed, epoch, samples);
            for (var i = 0; i < batch; i++)
                yield return (order, epoch, within * batch + i);
        }
    }

    Example Load(EpochOrder order, int epoch, int position)
    {
        for (var tried = 0; ; tried++)
        {
            var index = order[(position + tried) % samples];
            try
            {
                var draw = AugmentDraw.Of(recipe.Augment, seed, epoch, index);
                return Preparation.Vary(source.Read(Split.Train, index), recipe.Augment, draw);
            }
            catch (DataException e) when (recipe.Corrupt == CorruptPolicy.Skip && tried + 1 < samples)
            {
                corrupt.TryAdd(source.Name(Split.Train, index), e.Message);
            }
        }
    }
}
