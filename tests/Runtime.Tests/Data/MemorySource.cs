using Mtlc.Compiler.Recipes;
using Mtlc.Runtime.Data.Samples;

namespace Mtlc.Tests.Runtime.Data;

/// <summary>Samples made up on the spot: smooth pictures, every class, depths from 3 to 400 m with holes.</summary>
sealed class MemorySource(int train, int validation, int height = 12, int width = 20) : IDataSource
{
    public Func<Sample, Sample> Change { get; init; } = s => s;

    public DataContract Contract { get; } =
        new(DataContract.CityscapesClasses, 255, true, new ImageSize(height, width), new DepthStatistics(20, 15, 3, 400));

    public int Count(Split split) =>
        split switch
        {
            Split.Train => train,
            Split.Validation => validation,
            _ => 0,
        };

    public string Name(Split split, int index) => $"{split}/{index}";

    public Sample Read(Split split, int index)
    {
        var random = new Random(index * 3 + (int)split);
        var pixels = Enumerable.Range(0, height * width).ToArray();
        return Change(
            new Sample(
                Name(split, index),
                height,
                width,
                pixels.SelectMany(p => (byte[])[(byte)(p % width * 6), (byte)(60 + index), (byte)(p / width * 6)]).ToArray(),
                pixels.Select(p => (byte)((p + index) % 20 == 19 ? 255 : (p + index) % 20)).ToArray(),
                pixels.Select(_ => random.Next(6) == 0 ? float.NaN : (float)(3 * Math.Pow(133, random.NextDouble()))).ToArray()
            )
        );
    }
}
