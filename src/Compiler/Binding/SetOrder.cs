using System.Collections.Immutable;
using Mtlc.Dsl.Syntax;

namespace Mtlc.Compiler.Binding;

/// <summary>
/// The order in which assignments lose nothing: one that replaces a setting with all below it (`set train.optimizer = sgd`) comes
/// before those that were made below it (`set train.optimizer.lr = 0.5`). What it gives itself (`sgd { lr: 0.1 }`) is a setting
/// of the same name, of which the later one counts. </summary>
public static class SetOrder
{
    /// <param name="sets">As they were written: the files', then a sweep's, then the command line's.</param>
    public static ImmutableArray<SetSyntax> Of(IEnumerable<SetSyntax> sets)
    {
        var ordered = new List<SetSyntax>();
        foreach (var set in sets)
        {
            var below = ordered.FindAll(earlier => IsAbove(set.Path, earlier.Path));
            ordered.RemoveAll(below.Contains);
            ordered.Add(set);
            foreach (var earlier in below)
            {
                var own = Given(set, earlier.Path);
                if (own.Any(o => o.Path.Parts.Length <= earlier.Path.Parts.Length))
                    continue; // the same setting, given again
                ordered.Add(earlier);
                ordered.AddRange(own);
            }
        }
        return [.. ordered];
    }

    /// <summary>Whether an assignment to a path replaces what was assigned to another.</summary>
    public static bool IsAbove(PathSyntax path, PathSyntax other) =>
        path.Parts.Length < other.Parts.Length && StartsWith(other, path);

    /// <summary>What an assignment's own value gives of a setting below it: the setting itself, one that holds it, or some of
    /// those that it holds.</summary>
    public static ImmutableArray<SetSyntax> Given(SetSyntax set, PathSyntax below) =>
        set.Value switch
        {
            ListSyntax list
                when int.TryParse(below.Parts[set.Path.Parts.Length].Text, out var index) && index < list.Items.Length =>
            [
                new(below, list.Items[index], set.Span),
            ],
            ConfiguredSyntax configured =>
            [
                .. configured
                    .Settings.Items.Select(item => new SetSyntax(
                        new([.. set.Path.Parts, .. item.Key.Parts], item.Key.Span),
                        item.Value,
                        item.Span
                    ))
                    .Where(own => StartsWith(own.Path, below) || StartsWith(below, own.Path)),
            ],
            _ => [],
        };

    static bool StartsWith(PathSyntax path, PathSyntax start) =>
        path.Parts.Length >= start.Parts.Length && start.Parts.Zip(path.Parts).All(p => p.First.Text == p.Second.Text);
}
