using System.Collections.Immutable;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Syntax;
using Mtlc.Dsl.Text;

namespace Mtlc.Compiler.Binding;

/// <summary>A model's statements to symbols: names, what reads what, and an order in which each statement stands behind what it
/// reads.</summary>
public static class ModelBinder
{
    /// <summary>First half, before `set`: every statement under its name.</summary>
    public static void Collect(ModelSymbol model, DiagnosticBag diagnostics)
    {
        var twice = ProgramBinder.Twice(diagnostics);
        foreach (var statement in model.Syntax.Statements)
        {
            switch (statement)
            {
                case TaskSyntax task:
                    if (IsFree(task.Name, task))
                        model.Tasks.Add(task.Name.Text, new(task, SettingTree.From(task.Settings, twice)));
                    break;
                case InputSyntax { Name: var name, Settings: var settings }:
                    Add(name, settings);
                    break;
                case EncoderSyntax { Name: var name, Settings: var settings }:
                    Add(name, settings);
                    break;
                case AsppSyntax aspp:
                    if (Add(aspp.Name, aspp.Settings) is { } added)
                    {
                        if (added.Settings.Children.TryGetValue("out", out var given))
                            diagnostics.GivenTwice(given.Span!.Value, "'out'", aspp.Channels.Span);
                        added.Settings.Set([new("out", aspp.Channels.Span)], aspp.Channels);
                    }
                    break;
                case AttentionSyntax { Name: var name, Settings: var settings }:
                    Add(name, settings);
                    break;
                case DecoderSyntax { Name: var name, Settings: var settings }:
                    Add(name, settings);
                    break;
                case ShareSyntax { Name: var name, Settings: var settings }:
                    Add(name, settings);
                    break;
                case ExchangeSyntax { Name: var name, Settings: var settings }:
                    Add(name, settings);
                    break;
                case ModelLetSyntax { Let: var let }:
                    Add(let.Name, null)?.Settings.Set([], let.Value);
                    break;
                case RefineSyntax refine:
                    if (model.Refines.Find(r => r.Task == refine.Task.Text) is { } earlier)
                        diagnostics.GivenTwice(refine.Task.Span, earlier.Owner, earlier.Syntax.Task.Span);
                    else
                        model.Refines.Add(new(refine, SettingTree.From(refine.Settings, twice)));
                    break;
                case LossSyntax loss:
                    if (model.Loss is { } first)
                        diagnostics.TwoLosses(loss.Span, first.Span);
                    else
                        model.Loss = loss;
                    break;
            }

            StatementSymbol? Add(NameSyntax name, SettingsSyntax? settings)
            {
                if (!IsFree(name, statement))
                    return null;
                return model.Statements[name.Text] = new(name, statement, SettingTree.From(settings, twice));
            }
        }

        bool IsFree(NameSyntax name, StatementSyntax declared)
        {
            if (name.Text.Length == 0)
                return false;
            CheckName(name, diagnostics);
            var statement = model.Statements.GetValueOrDefault(name.Text);
            var task = model.Tasks.GetValueOrDefault(name.Text);
            // A decoder may be called like the task that it alone predicts.
            var clash =
                declared is TaskSyntax
                    ? (task is not null || (statement is not null && !DecoderOfTask(statement.Syntax, declared)))
                    : statement is not null || (task is not null && !DecoderOfTask(declared, task.Syntax));
            if (clash)
                diagnostics.DuplicateName(name.Span, name.Text, statement?.Name.Span ?? task!.Syntax.Name.Span);
            return !clash;
        }

        static bool DecoderOfTask(StatementSyntax a, StatementSyntax b) =>
            a is DecoderSyntax decoder && b is TaskSyntax task && decoder.Tasks.Any(t => t.Text == task.Name.Text);
    }

    /// <summary>Second half, after `set`: features, tasks and the order.</summary>
    public static void Resolve(ModelSymbol model, ProgramSymbols symbols, DiagnosticBag diagnostics)
    {
        var decoders = model
            .Decoders.SelectMany(d => d.Syntax.Tasks.Select(t => (Task: t.Text, d.Statement)))
            .ToLookup(d => d.Task, d => d.Statement);
        foreach (var statement in model.Statements.Values)
        {
            statement.Names = symbols.Names.Uses(statement.Settings, symbols.Names.Model);
            statement.Reads =
            [
                .. Features(statement.Syntax)
                    .Where(f => f.Name.Text != "image")
                    .Where(f => Exists(f.Name))
                    .Select(f => (f.Name.Text, f.Span)),
                .. statement
                    .Names.Where(u => u.Definition is { Kind: DefinitionKind.Statement })
                    .Select(u => (u.Name.Text, u.Name.Span)),
            ];
            var applied = statement.Syntax switch
            {
                ShareSyntax share => share.Component,
                EncoderSyntax encoder => encoder.Backbone,
                _ => null,
            };
            if (
                applied is not null
                && model.Statements.GetValueOrDefault(applied.Text) is { Syntax: ShareSyntax }
                && !symbols.IsComponent(applied.Text)
            )
                statement.Reads = statement.Reads.Add((applied.Text, applied.Span));
        }
        Exchanges.Resolve(model, diagnostics);
        foreach (var (statement, decoder) in model.Decoders)
        {
            foreach (var task in decoder.Tasks)
                HasTask(task);
            foreach (var twice in decoder.Tasks.GroupBy(t => t.Text).Where(g => g.Count() > 1))
                diagnostics.GivenTwice(twice.Last().Span, $"task '{twice.Key}'", twice.First().Span);
            if (
                model.Tasks.ContainsKey(statement.Name.Text)
                && decoders[statement.Name.Text].FirstOrDefault(d => d != statement) is { } other
            )
                diagnostics.AmbiguousDecoder(statement.Name.Span, statement.Name.Text, other.Name.Span);
        }
        foreach (var refine in model.Refines)
            HasTask(refine.Syntax.Task);
        CheckPredicted();
        if (model.Loss is null && !symbols.HasSyntaxErrors)
            diagnostics.NoLoss(model.Syntax.Name.Span, model.Name);
        model.Order = Order(model, diagnostics);

        // Every task has a decoder, unless one was lost: to an error of syntax, a name that was taken, or a misspelt task.
        void CheckPredicted()
        {
            var written = model
                .Syntax.Statements.OfType<DecoderSyntax>()
                .SelectMany(d => d.Tasks)
                .Select(t => t.Text)
                .ToHashSet(StringComparer.Ordinal);
            if (symbols.HasSyntaxErrors || written.Any(t => !model.Tasks.ContainsKey(t)))
                return;
            foreach (var task in model.Tasks.Values.Where(t => !written.Contains(t.Name)))
                diagnostics.TaskWithoutDecoder(task.Syntax.Name.Span, task.Name);
        }

        bool Exists(NameSyntax name)
        {
            if (model.Statements.ContainsKey(name.Text))
                return true;
            if (!symbols.HasSyntaxErrors || Suggestions.Closest(name.Text, model.Statements.Keys) is not null)
                diagnostics.NoBox(name.Span, name.Text, model.Name, model.Statements.Keys);
            return false;
        }

        void HasTask(NameSyntax name)
        {
            if (
                !model.Tasks.ContainsKey(name.Text)
                && (!symbols.HasSyntaxErrors || Suggestions.Closest(name.Text, model.Tasks.Keys) is not null)
            )
                diagnostics.NoTask(name.Span, name.Text, model.Name, model.Tasks.Keys);
        }
    }

    /// <summary>Words that mean something everywhere.</summary>
    internal static void CheckName(NameSyntax name, DiagnosticBag diagnostics)
    {
        if (name.Text == "image")
            diagnostics.ReservedName(name.Span, name.Text, "the picture");
        else if (name.Text == "none")
            diagnostics.ReservedName(name.Span, name.Text, "the absent argument");
    }

    internal static IEnumerable<FeatureSyntax> Features(StatementSyntax statement) =>
        statement switch
        {
            EncoderSyntax { Source: { } source } => [source],
            AsppSyntax aspp => [aspp.Source],
            AttentionSyntax attention => [attention.Source],
            DecoderSyntax decoder => decoder.Summands.Concat(decoder.Skips),
            _ => [],
        };

    /// <summary>Depth first with a stack of our own: a chain of statements may be as long as the file.</summary>
    static ImmutableArray<StatementSymbol> Order(ModelSymbol model, DiagnosticBag diagnostics)
    {
        var order = ImmutableArray.CreateBuilder<StatementSymbol>();
        var state = new Dictionary<string, (bool Done, bool Cyclic)>(StringComparer.Ordinal);
        var path = new Stack<(StatementSymbol Statement, int Next)>();
        foreach (var root in model.Statements.Values)
        {
            if (state.ContainsKey(root.Name.Text))
                continue;
            path.Push((root, 0));
            state[root.Name.Text] = default;
            while (path.TryPop(out var top))
            {
                if (top.Next == top.Statement.Reads.Length)
                {
                    var cyclic = state[top.Statement.Name.Text].Cyclic;
                    state[top.Statement.Name.Text] = (true, cyclic);
                    if (!cyclic)
                        order.Add(top.Statement);
                    continue;
                }
                path.Push(top with { Next = top.Next + 1 });
                var (name, span) = top.Statement.Reads[top.Next];
                if (!state.TryGetValue(name, out var seen))
                {
                    state[name] = default;
                    path.Push((model.Statements[name], 0));
                }
                else if (!seen.Done)
                {
                    ReportCycle(name, span);
                }
            }
        }
        return order.ToImmutable();

        void ReportCycle(string name, SourceSpan span)
        {
            var cycle = path.Select(p => p.Statement)
                .TakeWhile(b => b.Name.Text != name)
                .Reverse()
                .Prepend(model.Statements[name])
                .ToList();
            foreach (var statement in cycle)
                state[statement.Name.Text] = (state[statement.Name.Text].Done, true);
            // "a reads b" for each step, where it is written.
            var notes = cycle
                .Zip(cycle.Skip(1))
                .Select(step => new DiagnosticNote(
                    $"'{step.First.Name.Text}' reads '{step.Second.Name.Text}'",
                    step.First.Reads.First(r => r.Statement == step.Second.Name.Text).Span
                ));
            diagnostics.Cycle(span, [.. cycle.Select(b => b.Name.Text), name], notes);
        }
    }
}
