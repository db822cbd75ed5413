namespace Mtlc.Compiler.Recipes;

/// <summary>What is trained beside the frozen weights of an encoder: `adapt: lora { ... }`.</summary>
public abstract record AdapterRecipe;

/// <summary>
/// Low-rank adaptation (Hu et al. 2021): a projection W x of attention becomes W x + alpha / rank * B A x, where A [rank, in]
/// starts at random and B [out, rank] at 0. </summary>
/// <param name="Alpha">null: as the rank, so that the factor is 1.</param>
/// <param name="On">Which projections; those of queries and values are the paper's.</param>
[Word("lora")]
public sealed record LoraRecipe(
    [Bounds(1, 1024)] int Rank = 8,
    [Bounds(0, 1e6, Above = true)] double? Alpha = null,
    AdaptedProjections On = AdaptedProjections.Qv
) : AdapterRecipe
{
    public double Factor => (Alpha ?? Rank) / Rank;
}

/// <summary>Projections of attention: queries, keys, values, and what is made of the result.</summary>
public enum AdaptedProjections
{
    Qv,
    Qkv,
    All,
}
