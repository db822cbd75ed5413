using System.Collections.Immutable;

namespace Mtlc.Compiler.Ir;

/// <summary>A loss of the language. The runtime computes it in a `PixelLoss` of the same word.</summary>
/// <param name="Fits">Targets that it compares with.</param>
/// <param name="Kept">Maps as large as the prediction that its backward pass needs.</param>
public sealed record Loss(string Word, TargetForm Fits, int Kept)
{
    public static ImmutableArray<Loss> All { get; } =
    [
        new("cross_entropy", TargetForm.Classes, Kept: 1), // the logarithms of all classes
        new("l1", TargetForm.Values, Kept: 3), // the residual, its mask and what was made of it
        new("l2", TargetForm.Values, Kept: 3),
        new("balanced_bce", TargetForm.Chances, Kept: 3),
    ];

    /// <summary>The loss of a word, or null.</summary>
    public static Loss? Find(string word) => All.FirstOrDefault(l => l.Word == word);

    /// <exception cref="KeyNotFoundException">There is none of that word.</exception>
    public static Loss Of(string word) => Find(word) ?? throw new KeyNotFoundException($"there is no loss '{word}'");
}
