using System.Collections.Immutable;

namespace Mtlc.Dsl.Parsing;

/// <summary>Words that the grammar does not have, for what a message says could stand somewhere: who knows their meaning hands
/// them in.</summary>
/// <param name="TaskKinds">Behind `task NAME:`.</param>
public sealed record Vocabulary(ImmutableArray<string> TaskKinds)
{
    public static Vocabulary Empty { get; } = new([]);
}
