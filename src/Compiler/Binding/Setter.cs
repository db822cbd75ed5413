using System.Collections.Immutable;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Syntax;

namespace Mtlc.Compiler.Binding;

/// <summary>`set PATH = VALUE`: changes one setting of `data`, `train`, a statement, a task or (TASK.refine) its refinement, or
/// the value of a `let`.</summary>
public static class Setter
{
    public static void Apply(SetSyntax set, ProgramSymbols symbols, DiagnosticBag diagnostics)
    {
        var first = set.Path.Parts[0];
        if (Target(set.Path.Parts, symbols) is not var (settings, words))
        {
            var known = new[] { "data", "train" }
                .Concat(symbols.Model?.Statements.Keys ?? Enumerable.Empty<string>())
                .Concat(symbols.Model?.Tasks.Keys ?? Enumerable.Empty<string>())
                .Concat(symbols.Lets.Keys)
                .ToList();
            var meant = Suggestions.Closest(first.Text, known) is { } closest ? $"did you mean '{closest}'?" : null;
            diagnostics.CannotSet(first.Span, set.Path.ToString(), $"there is no '{first.Text}'", meant, known);
            return;
        }
        var holder = string.Join('.', set.Path.Parts.Take(words).Select(p => p.Text));
        var rest = set.Path.Parts.AsSpan()[words..];
        var isLet =
            words == 1
            && (symbols.Lets.ContainsKey(first.Text) || symbols.Model?.Statements.GetValueOrDefault(first.Text)?.Kind == "let");
        if (rest.IsEmpty && !isLet)
            diagnostics.CannotSet(
                set.Path.Span,
                set.Path.ToString(),
                "it is not a setting but holds settings",
                $"which setting of '{holder}'?"
            );
        else if (
            rest is [{ Text: "refine" } refine, ..]
            && symbols.Model?.Statements.ContainsKey(first.Text) is false
            && symbols.Model.Tasks.ContainsKey(first.Text)
        )
            diagnostics.CannotSet(
                refine.Span,
                set.Path.ToString(),
                $"task '{first.Text}' has no refinement",
                $"there is no `refine {first.Text}: ...`"
            );
        else if (isLet && rest.Length > 0 && !int.TryParse(rest[0].Text, out _))
            diagnostics.CannotSet(rest[0].Span, set.Path.ToString(), $"'{first.Text}' is a `let` and has no settings", null);
        else if (isLet && set.Value is ConfiguredSyntax configured)
            diagnostics.CannotSet(
                configured.Settings.Span,
                set.Path.ToString(),
                $"'{first.Text}' is a `let` and has no settings",
                null
            );
        else if (symbols.Lets.TryGetValue(first.Text, out var let))
            SetLet(set, let, rest, symbols, diagnostics);
        else if (settings.Set(rest, set.Value, ProgramBinder.Twice(diagnostics)) is { } misfit)
            diagnostics.CannotSet(
                misfit.Span,
                set.Path.ToString(),
                $"there is no item {misfit.Text}",
                "the setting is no list written out, or shorter"
            );
    }

    /// <summary>The settings that a path begins with, and how many of its words name them.</summary>
    static (SettingTree Settings, int Words)? Target(ImmutableArray<NameSyntax> path, ProgramSymbols symbols) =>
        path[0].Text switch
        {
            "data" => (symbols.Data.Settings, 1),
            "train" => (symbols.Train.Settings, 1),
            var task
                when path is [_, { Text: "refine" }, ..] && symbols.Model?.Refines.Find(r => r.Task == task) is { } refinement =>
                (refinement.Settings, 2),
            var name when symbols.Model?.Statements.GetValueOrDefault(name) is { } statement => (statement.Settings, 1),
            var name when symbols.Model?.Tasks.GetValueOrDefault(name) is { } task => (task.Settings, 1),
            var name when symbols.Lets.ContainsKey(name) => (new(), 1),
            _ => null,
        };

    static void SetLet(
        SetSyntax set,
        LetSyntax let,
        ReadOnlySpan<NameSyntax> rest,
        ProgramSymbols symbols,
        DiagnosticBag diagnostics
    )
    {
        var tree = new SettingTree();
        tree.Set([], let.Value);
        if (tree.Set(rest, set.Value) is { } misfit)
            diagnostics.CannotSet(
                misfit.Span,
                set.Path.ToString(),
                $"there is no item {misfit.Text}",
                "the value is no list written out, or shorter"
            );
        else
            symbols.Lets[let.Name.Text] = let with { Value = tree.Head! };
    }
}
