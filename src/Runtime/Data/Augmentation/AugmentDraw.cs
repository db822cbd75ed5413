using Mtlc.Compiler.Recipes;
using Mtlc.Runtime.Data.Synthetic;

namespace Mtlc.Runtime.Data.Augmentation;

/// <summary>
/// The random numbers of one training sample. All are drawn whether used or not, so that switching one kind of variation on
/// leaves the others as they were.
/// </summary>
/// <param name="Zoom">Enlargement: above 1 the crop shows less of the picture.</param>
/// <param name="Tilt">Rotation in radians.</param>
/// <param name="Corners">Shift of each corner (top left, top right, bottom right, bottom left; x then y), as a share of the
/// crop.</param>
/// <param name="Top">Vertical place of the crop, 0 at the top and 1 at the bottom.</param>
/// <param name="Left">Horizontal place of the crop.</param>
public sealed record AugmentDraw(
    float Zoom,
    float Tilt,
    float[] Corners,
    float Top,
    float Left,
    bool Flip,
    float Brightness,
    float Contrast,
    float Saturation
)
{
    /// <summary>A pure function of seed, epoch and the sample's index.</summary>
    public static AugmentDraw Of(AugmentRecipe recipe, long seed, int epoch, int index)
    {
        var random = Random(seed, epoch, index);
        var zoom = recipe.Scale.Low * Math.Pow(recipe.Scale.High / recipe.Scale.Low, random.Unit());
        var tilt = Spread(recipe.Tilt) * Math.PI / 180;
        var corners = Enumerable.Range(0, 8).Select(_ => (float)Spread(recipe.Wiggle)).ToArray();
        return new(
            (float)zoom,
            (float)tilt,
            corners,
            random.Unit(),
            random.Unit(),
            random.Unit() < 0.5f && recipe.Flip,
            (float)(1 + Spread(recipe.Jitter)),
            (float)(1 + Spread(recipe.Jitter)),
            (float)(1 + Spread(recipe.Jitter))
        );

        double Spread(double largest) => largest * (2 * random.Unit() - 1);
    }

    /// <param name="index">A sample, or -1 for what concerns the epoch as a whole.</param>
    internal static CounterRandom Random(long seed, int epoch, int index) =>
        new(CounterRandom.Mix(CounterRandom.Mix(CounterRandom.Mix((ulong)seed + 0x617567) + (ulong)epoch) + (ulong)(index + 1)));
}
