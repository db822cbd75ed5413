using Mtlc.Compiler.Binding;
using Mtlc.Compiler.Ir;
using Mtlc.Dsl.Diagnostics;

namespace Mtlc.Compiler.Lowering;

/// <summary>`task NAME: KIND { }` to what the runtime knows of it.</summary>
public static class TaskLowering
{
    public static ModelTask? Lower(TaskSymbol task, ModelSymbol model, Evaluator evaluator)
    {
        var (syntax, diagnostics) = (task.Syntax, evaluator.Diagnostics);
        if (TaskKind.Find(syntax.Kind.Text) is not { } kind)
        {
            diagnostics.UnknownTaskKind(
                syntax.Kind.Span,
                syntax.Kind.Text,
                TaskKind.All.Select(k => k.Word).Order(StringComparer.Ordinal)
            );
            return null;
        }
        if (!DerivesRightly(task, kind, model, diagnostics))
            return null;
        return
            StatementSettings.Build(kind.Task, task.Settings, $"task '{task.Name}'", syntax.Name.Span, evaluator)
                is ModelTask made
            ? made with
            {
                Name = task.Name,
                Of = syntax.Of?.Text,
            }
            : null;
    }

    /// <summary>What is computed from another task names one of the right kind, and nothing else names any.</summary>
    static bool DerivesRightly(TaskSymbol task, TaskKind kind, ModelSymbol model, DiagnosticBag diagnostics)
    {
        var (syntax, word) = (task.Syntax, kind.Word);
        if (kind.Origin is null)
        {
            if (syntax.Of is null)
                return true;
            diagnostics.BadDerivation(
                syntax.Of.Span,
                $"a {word} task is not computed from another task",
                $"write task {task.Name}: {word}"
            );
            return false;
        }
        var origin = TaskKind.Of(kind.Origin).Word;
        if (syntax.Of is null)
        {
            diagnostics.BadDerivation(
                syntax.Kind.Span,
                $"a {word} target is computed from a {origin} task: which one?",
                $"write task {task.Name}: {word} of TASK"
            );
            return false;
        }
        if (!model.Tasks.TryGetValue(syntax.Of.Text, out var of))
        {
            diagnostics.NoTask(syntax.Of.Span, syntax.Of.Text, model.Name, model.Tasks.Keys.Where(t => t != task.Name));
            return false;
        }
        if (of.Syntax.Kind.Text == origin)
            return true;
        diagnostics.BadDerivation(
            syntax.Of.Span,
            $"a {word} target is computed from a {origin} task, and '{of.Name}' is a {of.Syntax.Kind.Text} task",
            $"name a {origin} task"
        );
        return false;
    }
}
