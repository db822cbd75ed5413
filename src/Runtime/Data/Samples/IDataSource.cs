using Mtlc.Compiler.Recipes;
using Mtlc.Runtime.Files;

namespace Mtlc.Runtime.Data.Samples;

/// <summary>Where samples come from. Implementations are immutable and read from any thread.</summary>
public interface IDataSource
{
    DataContract Contract { get; }

    /// <summary>Number of samples of a split; zero where the data set has no such split.</summary>
    int Count(Split split);

    string Name(Split split, int index);

    /// <summary>Reads (or renders) one sample.</summary>
    /// <exception cref="DataException">The sample's files are missing, truncated or break the data set's contract.</exception>
    Sample Read(Split split, int index);

    /// <summary>Reads the picture of a sample alone, for prediction: its labels need not exist.</summary>
    /// <exception cref="DataException">The picture is missing, truncated or breaks the data set's contract.</exception>
    Sample ReadPicture(Split split, int index) => Read(split, index) with { Classes = null, Depth = null };

    /// <summary>One of the maps of <see cref="DataContract.Maps"/>, for models that read it beside the picture.</summary>
    /// <param name="sample">What <see cref="Read"/> or <see cref="ReadPicture"/> gave.</param>
    /// <returns>Channels * height * width numbers, channel by channel, NaN where there is none.</returns>
    /// <exception cref="DataException">It is missing, truncated or of another size than the picture; or the data have no such
    /// map.</exception>
    float[] ReadMap(string map, Split split, int index, Sample sample) =>
        throw new DataException($"the data have no map '{map}'");

    /// <summary>To be called before scoring: some data sets ship a split with dummy labels.</summary>
    /// <exception cref="DataException">The split's labels are not real.</exception>
    void RequireLabels(Split split) { }
}
