using System.Collections.Immutable;
using Mtlc.Compiler.Ir;

namespace Mtlc.Compiler.Views;

public enum DeclarationChange
{
    Same,
    Added,
    Removed,
    Changed,
}

/// <summary>A declaration in one of two models, or in both.</summary>
/// <param name="Before">Trainable parameters in the first model; 0 where it is not there.</param>
/// <param name="After">In the second.</param>
/// <param name="Details">What changed, in words: "shape 256 x H/32 x W/32 -> 256 x H/16 x W/16".</param>
public sealed record DeclarationDifference(
    string Name,
    string Kind,
    DeclarationChange Change,
    long Before,
    long After,
    ImmutableArray<string> Details
);

/// <summary>What differs between two models, declaration by declaration as they are named in the source.</summary>
public sealed record ModelDifference(ImmutableArray<DeclarationDifference> Declarations, ImmutableArray<string> Tasks)
{
    public static ModelDifference Between(Model first, Model second, Recipes.ImageSize size)
    {
        var (before, after) = (Summary.Of(first, size), Summary.Of(second, size));
        var (old, now) = (
            before.Declarations.ToDictionary(d => d.Name, StringComparer.Ordinal),
            after.Declarations.ToDictionary(d => d.Name, StringComparer.Ordinal)
        );
        var names = before.Declarations.Select(d => d.Name).Concat(after.Declarations.Select(d => d.Name)).Distinct();
        var differences = names.Select(name =>
            (old.GetValueOrDefault(name), now.GetValueOrDefault(name)) switch
            {
                (null, { } added) => new DeclarationDifference(
                    name,
                    added.Kind,
                    DeclarationChange.Added,
                    0,
                    added.Parameters,
                    []
                ),
                ({ } removed, null) => new DeclarationDifference(
                    name,
                    removed.Kind,
                    DeclarationChange.Removed,
                    removed.Parameters,
                    0,
                    []
                ),
                var (a, b) => Compare(a!, b!, first, second),
            }
        );
        var tasks = first
            .Tasks.Where(t => !second.Tasks.Contains(t))
            .Select(t => $"- {Text(t)}")
            .Concat(second.Tasks.Where(t => !first.Tasks.Contains(t)).Select(t => $"+ {Text(t)}"));
        return new([.. differences], [.. tasks]);
    }

    static DeclarationDifference Compare(DeclarationSummary a, DeclarationSummary b, Model first, Model second)
    {
        var details = new List<string>();
        if (a.Kind != b.Kind)
            details.Add($"{a.Kind} -> {b.Kind}");
        if (!a.Inputs.SequenceEqual(b.Inputs))
            details.Add($"reads {string.Join(" + ", a.Inputs)} -> {string.Join(" + ", b.Inputs)}");
        if (!a.Tasks.SequenceEqual(b.Tasks))
            details.Add($"predicts {string.Join(", ", a.Tasks)} -> {string.Join(", ", b.Tasks)}");
        if (a.Shape != b.Shape)
            details.Add($"shape {a.Shape} -> {b.Shape}");
        var (operations, others) = (Operations(first, a.Name), Operations(second, b.Name));
        var (gone, come) = (Without(operations, others), Without(others, operations));
        if (gone.Count + come.Count > 0)
            details.Add($"operations: {Listed(gone, "-")}{(gone.Count > 0 && come.Count > 0 ? ", " : "")}{Listed(come, "+")}");
        return new(
            a.Name,
            b.Kind,
            details.Count == 0 ? DeclarationChange.Same : DeclarationChange.Changed,
            a.Parameters,
            b.Parameters,
            [.. details]
        );
    }

    static List<string> Operations(Model model, string declaration) =>
        [
            .. model
                .Training.Nodes.Where(n => n.Declaration == declaration)
                .Select(n =>
                    $"{n.Op.Name}({string.Join(", ", OpText.Settings(n.Op))})"
                    + $"{(n.Inputs.Length > 0 ? $" of {n.Inputs[0].Shape.Channels}" : "")}"
                ),
        ];

    /// <summary>What is left of a list after each of another has taken one of its like.</summary>
    internal static List<string> Without(List<string> from, List<string> taken)
    {
        var left = from.ToList();
        taken.ForEach(t => left.Remove(t));
        return left;
    }

    internal static string Listed(List<string> operations, string sign)
    {
        const int most = 4;
        var kinds = operations
            .GroupBy(o => o)
            .Select(g => $"{sign}{(g.Count() > 1 ? FormattableString.Invariant($"{g.Count()} x ") : "")}{g.Key}")
            .ToList();
        return string.Join(", ", kinds.Take(most))
            + (kinds.Count > most ? FormattableString.Invariant($", {sign}{kinds.Count - most} more kinds") : "");
    }

    static string Text(ModelTask task) => $"task {task.Name}: {task.FullDescription}";
}
