using Mtlc.Compiler.Recipes;
using Mtlc.Runtime.Data.Samples;

namespace Mtlc.Runtime.Data.Augmentation;

/// <summary>Training samples as the network sees them in the first epoch, to be looked at.</summary>
public sealed class VariedSource(IDataSource source, AugmentRecipe recipe, long seed) : IDataSource
{
    public DataContract Contract => source.Contract;

    public int Count(Split split) => source.Count(split);

    public string Name(Split split, int index) => source.Name(split, index);

    public Sample Read(Split split, int index)
    {
        var example = Preparation.Vary(source.Read(split, index), recipe, AugmentDraw.Of(recipe, seed, 0, index));
        return new(example.Name, example.Height, example.Width, example.ToRgb(), example.Classes, example.Depth)
        {
            Maps = example.Image[(3 * example.Height * example.Width)..],
        };
    }
}
