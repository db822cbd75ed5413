using System.Collections.Immutable;

namespace Mtlc.Compiler.Ir;

/// <summary>A way to weigh several losses. The runtime does it in a `LossBalancer` of the same word.</summary>
/// <param name="Settings">Numbers above 0 that it takes by name, with their defaults: those of its paper.</param>
public sealed record BalancingScheme(string Word, params ImmutableArray<(string Name, double Default)> Settings)
{
    public static ImmutableArray<BalancingScheme> All { get; } =
    [
        new("uncertainty"),
        new("dwa", ("temperature", 2)),
        new("geometric"),
        new("random"),
        new("gradnorm", ("alpha", 1.5), ("rate", 0.025)),
        new("pcgrad") { KeepsGradients = true },
    ];

    /// <summary>Whether it takes the gradients of the losses one by one and keeps them to the end of a step.</summary>
    public bool KeepsGradients { get; init; }

    /// <summary>The scheme of a word, or null.</summary>
    public static BalancingScheme? Find(string word) => All.FirstOrDefault(s => s.Word == word);

    /// <exception cref="KeyNotFoundException">There is none of that word.</exception>
    public static BalancingScheme Of(string word) =>
        Find(word) ?? throw new KeyNotFoundException($"there is no balancing scheme '{word}'");
}
