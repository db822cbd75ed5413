using System.Collections.Frozen;
using Mtlc.Compiler.Binding;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Recipes;
using Mtlc.Dsl.Diagnostics;

namespace Mtlc.Compiler.Lowering;

/// <summary>`task NAME: KIND { }` to what the runtime knows of it.</summary>
public static class TaskLowering
{
    private static readonly FrozenDictionary<string, TaskKind> Kinds =
        Enum.GetValues<TaskKind>().ToFrozenDictionary(k => Signature.Snake(k.ToString()), StringComparer.Ordinal);

    // The settings of each kind, as constructors (see Signature).
    private sealed record SegmentationSettings([Bounds(2, 255)] int Classes, [Bounds(0, 255)] int Ignore = 255, bool Auxiliary = false);

    private sealed record DepthSettings(DepthUnit Unit = DepthUnit.Metres, bool Auxiliary = false);

    private sealed record DerivedSettings(bool Auxiliary = false);

    public static string Word(this TaskKind kind) => Signature.Snake(kind.ToString());

    public static ModelTask? Lower(TaskSymbol task, ModelSymbol model, Evaluator evaluator)
    {
        var (syntax, diagnostics) = (task.Syntax, evaluator.Diagnostics);
        if (!Kinds.TryGetValue(syntax.Kind.Text, out var kind))
        {
            diagnostics.UnknownTaskKind(syntax.Kind.Span, syntax.Kind.Text, Kinds.Keys.Order(StringComparer.Ordinal));
            return null;
        }
        if (!DerivesRightly(task, kind, model, diagnostics))
            return null;
        return kind switch
        {
            TaskKind.Segmentation => Settings<SegmentationSettings>() is { } s
                ? new(task.Name, kind, null, s.Classes, s.Ignore, DepthUnit.Metres, s.Auxiliary) : null,
            TaskKind.Depth => Settings<DepthSettings>() is { } s ? new(task.Name, kind, null, 0, 255, s.Unit, s.Auxiliary) : null,
            _ => Settings<DerivedSettings>() is { } s
                ? new(task.Name, kind, syntax.Of!.Text, 0, 255, DepthUnit.Metres, s.Auxiliary) : null,
        };

        T? Settings<T>() where T : class => StatementSettings.Build<T>(task.Settings, $"task '{task.Name}'", syntax.Name.Span, evaluator);
    }

    /// <summary>Contours come of a segmentation, normals of a depth, and nothing else is derived.</summary>
    private static bool DerivesRightly(TaskSymbol task, TaskKind kind, ModelSymbol model, DiagnosticBag diagnostics)
    {
        var (syntax, word) = (task.Syntax, kind.Word());
        TaskKind? needed = kind switch { TaskKind.Contour => TaskKind.Segmentation, TaskKind.Normals => TaskKind.Depth, _ => null };
        if (needed is null)
        {
            if (syntax.Of is null)
                return true;
            diagnostics.BadDerivation(syntax.Of.Span, $"a {word} task is not computed from another task", $"write task {task.Name}: {word}");
            return false;
        }
        var origin = needed.Value.Word();
        if (syntax.Of is null)
        {
            diagnostics.BadDerivation(syntax.Kind.Span, $"a {word} target is computed from a {origin} task: which one?", $"write task {task.Name}: {word} of TASK");
            return false;
        }
        if (!model.Tasks.TryGetValue(syntax.Of.Text, out var of))
        {
            diagnostics.NoTask(syntax.Of.Span, syntax.Of.Text, model.Name, model.Tasks.Keys.Where(t => t != task.Name));
            return false;
        }
        if (of.Syntax.Kind.Text == origin)
            return true;
        diagnostics.BadDerivation(syntax.Of.Span, $"a {word} target is computed from a {origin} task, and '{of.Name}' is a {of.Syntax.Kind.Text} task",
            $"name a {origin} task");
        return false;
    }
}
