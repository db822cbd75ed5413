using System.Collections;
using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Mtlc.Compiler.Binding;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Recipes;
using Mtlc.Dsl.Text;

namespace Mtlc.Compiler.Views;

/// <summary>
/// What a program means, without any name of the user's: nodes, parameters and predictions are numbered in the order in which the
/// predictions reach them. Settings that cannot change a result (worker threads, checkpoints, sample pictures, kept features)
/// are left out. </summary>
public static class CanonicalText
{
    public static string Write(CompiledProgram program)
    {
        var model = program.Model;
        var shapes = new Dictionary<Node, string>();
        var outputs = model
            .Training.Outputs.Select(
                (output, i) =>
                    (
                        Output: output,
                        Key: $"{Kind(model.Task(output.Task))} {output.IsFinal} {Shape(output.Value, shapes)}",
                        Place: i
                    )
            )
            .OrderBy(o => o.Key, StringComparer.Ordinal)
            .ThenBy(o => o.Place)
            .Select(o => o.Output)
            .ToImmutableArray();
        var tasks = outputs.Select(o => o.Task).Distinct().Concat(model.Tasks.Select(t => t.Name)).Distinct().ToList();
        var text = new StringBuilder("mtlc-recipe/1\n");
        var numbers = Nodes(outputs, text);
        foreach (var name in tasks)
        {
            var task = model.Task(name);
            Line(text, $"task {Kind(task)} of {(task.Of is { } of ? tasks.IndexOf(of) : -1)}");
        }
        foreach (var output in outputs)
            Line(text, $"output task {tasks.IndexOf(output.Task)} node {numbers[output.Value]} {output.IsFinal}");
        var places = outputs.Select((o, i) => (o.Name, i)).ToDictionary(o => o.Name, o => o.i, StringComparer.Ordinal);
        Line(text, $"loss {Objective(model.Objective, places, tasks)}");
        foreach (var encoder in Encoders(model, numbers, program.Folder))
            Line(text, $"weights {encoder}");
        var telling = program with
        {
            Data = program.Data with { Workers = 0 },
            Train = program.Train with
            {
                Checkpoint = new(),
                Evaluate = program.Train.Evaluate with { Samples = 0 },
                KeepFeatures = TrainRecipe.UsualKeepFeatures,
                StoreFeatures = 0,
            },
        };
        foreach (var (path, value) in Settings(telling, sinceFirst: false))
            Line(text, $"{path} = {value}");
        return text.ToString();
    }

    /// <summary>Every setting of `data` and `train`, defaults included: "train.optimizer", "adam"; "train.optimizer.lr",
    /// "0.0001".</summary>
    public static IEnumerable<(string Path, string Value)> Settings(CompiledProgram program) =>
        Settings(program, sinceFirst: true);

    static IEnumerable<(string Path, string Value)> Settings(CompiledProgram program, bool sinceFirst) =>
        Settings("data", program.Data, program.Folder, sinceFirst)
            .Concat(Settings("train", program.Train, program.Folder, sinceFirst));

    /// <summary>One line a node, operands first; the same node and the same parameter keep their number wherever they are
    /// used.</summary>
    static Dictionary<Node, int> Nodes(ImmutableArray<GraphOutput> outputs, StringBuilder text)
    {
        var (nodes, parameters) = (new Dictionary<Node, int>(), new Dictionary<Parameter, int>());
        var stack = new Stack<(Node Node, int Next)>();
        foreach (var output in outputs)
        {
            stack.Push((output.Value, 0));
            while (stack.Count > 0)
            {
                var (node, next) = stack.Pop();
                if (nodes.ContainsKey(node))
                    continue;
                if (next < node.Inputs.Length)
                {
                    stack.Push((node, next + 1));
                    stack.Push((node.Inputs[next], 0));
                    continue;
                }
                nodes[node] = nodes.Count;
                var used = node.Parameters.Select(p =>
                    FormattableString.Invariant(
                        $"{(parameters.TryAdd(p, parameters.Count) ? "new " : "")}{parameters[p]}{Spec(p.Spec)}{Group(p)}"
                    )
                );
                var call = Call(node.Op, node.Inputs.Select(i => nodes[i].ToString(CultureInfo.InvariantCulture)));
                Line(text, $"{nodes[node]} = {call} {string.Join(' ', used)}{(node.IsFrozen ? " frozen" : "")}");
            }
        }
        return nodes;
    }

    /// <summary>A digest of everything a node depends on, by which predictions are put in order.</summary>
    static string Shape(Node node, Dictionary<Node, string> known)
    {
        var stack = new Stack<Node>([node]);
        while (stack.TryPeek(out var top))
        {
            var missing = top.Inputs.Where(i => !known.ContainsKey(i)).ToList();
            missing.ForEach(stack.Push);
            if (missing.Count > 0)
                continue;
            stack.Pop();
            var text = Call(top.Op, top.Inputs.Select(i => known[i])) + string.Concat(top.Parameters.Select(p => Spec(p.Spec)));
            known[top] = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        }
        return known[node];
    }

    static string Call(Op op, IEnumerable<string> inputs) =>
        $"{op.Name}({string.Join(", ", inputs.Concat(OpText.Settings(op)))})";

    // Digests were there before groups: what is trained as usual says nothing.
    static string Group(Parameter parameter) =>
        !parameter.IsTrainable || parameter.Group == ParameterGroup.Usual
            ? ""
            : $" lr {Text(parameter.Group.Rate)} decay {Text(parameter.Group.WeightDecay)}";

    static string Spec(ParameterSpec spec) =>
        FormattableString.Invariant(
            $"[{string.Join('x', spec.Dimensions)} {spec.Initializer} {spec.IsTrainable} {spec.FanIn} {spec.FanOut}]"
        );

    /// <summary>The first kinds shared these settings, so that every kind's digest names them, whether it has them or not; others
    /// follow.</summary>
    static readonly (string Name, object Default)[] FirstSettings =
    [
        ("classes", 0),
        ("ignore", (int)DataContract.Unlabelled),
        ("unit", DepthUnit.Metres),
        ("auxiliary", false),
    ];

    static string Kind(ModelTask task)
    {
        var own = Signature
            .Of(task.GetType())
            .Parameters.ToDictionary(p => p.Name, p => (Parameter: p, Value: Signature.Read(task, p)));
        var first = FirstSettings
            .Select(s => (s.Name, Value: own.Remove(s.Name, out var value) ? value.Value : s.Default))
            .ToList();
        var others = own.Where(s => !s.Value.Parameter.IsLater || !Equals(s.Value.Value, s.Value.Parameter.Default))
            .Select(s => (s.Key, s.Value.Value));
        return Pascal(task.Kind.Word) + string.Concat(first.Concat(others).Select(s => $" {s.Item1} {Text(s.Item2)}"));
    }

    /// <summary>"balanced_bce" to "BalancedBce": digests have the words of losses and kinds so.</summary>
    static string Pascal(string word) =>
        string.Concat(word.Split('_').Select(part => char.ToUpperInvariant(part[0]) + part[1..]));

    static string Objective(Objective objective, Dictionary<string, int> outputs, List<string> tasks) =>
        objective switch
        {
            Objective.Term term => string.Create(
                CultureInfo.InvariantCulture,
                $"{Pascal(term.Loss.Word)}(task {tasks.IndexOf(term.Task)}: "
                    + $"{string.Join(' ', term.Outputs.Select(o => outputs[o]).Order())})"
            ),
            Objective.Scaled scaled => $"{Text(Math.Round(scaled.Weight, 12))} * {Objective(scaled.Inner, outputs, tasks)}",
            Objective.Sum sum =>
                $"({string.Join(" + ", sum.Parts.Select(p => Objective(p, outputs, tasks)).Order(StringComparer.Ordinal))})",
            Objective.Balanced balanced =>
                $"{balanced.Scheme.Word}({string.Join(", ", balanced.Parts.Select(p => Objective(p, outputs, tasks)))}"
                    + string.Concat(
                        balanced.Settings.OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => $" {s.Key}: {Text(s.Value)}")
                    )
                    + ")",
            _ => throw new InvalidOperationException(),
        };

    static IEnumerable<string> Encoders(Model model, Dictionary<Node, int> numbers, string folder)
    {
        var first = numbers
            .GroupBy(n => n.Key.Declaration)
            .ToDictionary(g => g.Key, g => g.Min(n => n.Value), StringComparer.Ordinal);
        return model
            .Encoders.Where(e => e.Weights != "none")
            .Select(e =>
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{(e.File.IsEmpty ? e.Weights : e.File.From(folder))} at {first.GetValueOrDefault(e.Name, -1)} "
                        + $"{(e.Weights == "imagenet" ? e.Component : "")} {e.Partial}"
                )
            )
            .Order(StringComparer.Ordinal);
    }

    /// <param name="sinceFirst">Whether settings that were not there when digests began are named at their defaults too.</param>
    static IEnumerable<(string Path, string Value)> Settings(string path, object record, string folder, bool sinceFirst)
    {
        if (record.GetType().BaseType != typeof(object))
            yield return (path, Signature.Word(record.GetType()));
        foreach (var parameter in Signature.Of(record.GetType()).Parameters)
        {
            var value = Signature.Read(record, parameter);
            if (parameter.IsLater && !sinceFirst && Equals(value, parameter.Default))
                continue;
            if (
                value is not null and not string and not Enum and not Interval
                && value.GetType() is { IsClass: true } type
                && type.Namespace == typeof(DataRecipe).Namespace
            )
            {
                foreach (var inner in Settings($"{path}.{parameter.Name}", value, folder, sinceFirst))
                    yield return inner;
            }
            else
            {
                yield return ($"{path}.{parameter.Name}", value is FilePath file ? file.From(folder) : Text(value));
            }
        }
    }

    static string Text(object? value) =>
        value switch
        {
            double number => number.ToString("R", CultureInfo.InvariantCulture),
            Interval interval => $"{Text(interval.Low)}..{Text(interval.High)}",
            string text => text,
            IEnumerable list => $"[{string.Join(", ", list.Cast<object?>().Select(Text))}]",
            IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
            _ => value?.ToString() ?? "none",
        };

    static void Line(StringBuilder text, FormattableString line) => text.Append(FormattableString.Invariant(line)).Append('\n');
}
