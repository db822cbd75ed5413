using System.Collections.Immutable;
using System.Globalization;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Recipes;

namespace Mtlc.Compiler.Views;

/// <summary>
/// What changed between two dumps of a training graph, statement by statement with what it costs: parameters, multiply-adds and
/// bytes of feature maps of one picture. </summary>
static class DumpDifference
{
    readonly record struct Cost(long Parameters, long MultiplyAdds, long Bytes);

    /// <returns>Lines that begin with '+', '-', '~', "= " (the totals) or a blank; empty where a text is no dump.</returns>
    public static ImmutableArray<string> Between(string before, string after, ImageSize size)
    {
        if (DumpedGraph.Read(before) is not { } first || DumpedGraph.Read(after) is not { } second)
            return [];
        var (old, now) = (Named(first), Named(second));
        var lines = new List<string>();
        foreach (var name in first.Statements.Concat(second.Statements).Select(s => s.Name).Distinct())
        {
            var (a, b) = (old.GetValueOrDefault(name), now.GetValueOrDefault(name));
            var details = a is null || b is null ? [] : Details(a, b, first, second);
            if (a is not null && b is not null && details.Count == 0)
                continue;
            var (sign, changed) = (
                a is null ? '+'
                : b is null ? '-'
                : '~',
                Costs(Of(a, first, size), Of(b, second, size))
            );
            lines.Add($"{sign} {(name.Length == 0 ? "input" : name)}: {changed}");
            lines.AddRange(details.Select(d => $"    {d}"));
        }
        foreach (var line in first.Outputs.Except(second.Outputs))
            lines.Add($"- prediction {line}");
        foreach (var line in second.Outputs.Except(first.Outputs))
            lines.Add($"+ prediction {line}");
        if (first.Name != second.Name)
            lines.Insert(0, $"~ model {first.Name} is called {second.Name}");
        lines.Add($"= {second.Name}: {Costs(Of(first, size), Of(second, size))}; one picture of {size}");
        return [.. lines];
    }

    static Dictionary<string, DumpedStatement> Named(DumpedGraph graph) =>
        graph.Statements.ToDictionary(s => s.Name, StringComparer.Ordinal);

    static List<string> Details(DumpedStatement a, DumpedStatement b, DumpedGraph first, DumpedGraph second)
    {
        var details = new List<string>();
        var (reads, readsNow) = (Reads(a, first), Reads(b, second));
        if (reads != readsNow)
            details.Add($"reads {reads} -> {readsNow}");
        if (a.Nodes[^1].Shape != b.Nodes[^1].Shape)
            details.Add($"shape {a.Nodes[^1].Shape} -> {b.Nodes[^1].Shape}");
        Compare("operations", a.Nodes.Select(Operation), b.Nodes.Select(Operation));
        Compare("parameters", Parameters(a), Parameters(b));
        if (a.IsRecomputed != b.IsRecomputed)
            details.Add(b.IsRecomputed ? "is recomputed in the backward pass" : "is no longer recomputed in the backward pass");
        if (details.Count == 0 && !a.Nodes.Select(n => n.Shape).SequenceEqual(b.Nodes.Select(n => n.Shape)))
            details.Add("the same operations, at other resolutions");
        if (details.Count == 0 && !a.Nodes.Select(Connection).SequenceEqual(b.Nodes.Select(Connection)))
            details.Add("the same operations, connected or named otherwise");
        return details;

        void Compare(string what, IEnumerable<string> before, IEnumerable<string> after)
        {
            var (old, now) = (before.ToList(), after.ToList());
            var (gone, come) = (ModelDifference.Without(old, now), ModelDifference.Without(now, old));
            if (gone.Count + come.Count > 0)
                details.Add(
                    $"{what}: "
                        + $"{ModelDifference.Listed(gone, "-")}"
                        + $"{(gone.Count > 0 && come.Count > 0 ? ", " : "")}{ModelDifference.Listed(come, "+")}"
                );
        }
    }

    static string Reads(DumpedStatement statement, DumpedGraph graph)
    {
        var owners = graph
            .Statements.SelectMany(s => s.Nodes.Select(n => (n.Name, s)))
            .DistinctBy(n => n.Name)
            .ToDictionary(n => n.Name, n => n.s.Name, StringComparer.Ordinal);
        var read = statement
            .Nodes.SelectMany(n => n.Inputs)
            .Select(i => owners.GetValueOrDefault(i, i))
            .Where(o => o != statement.Name)
            .Distinct();
        return string.Join(" + ", read.Select(o => o.Length == 0 ? "image" : o));
    }

    static string Operation(DumpedNode node) =>
        node.Settings.StartsWith("out: ", StringComparison.Ordinal)
            ? $"{node.Op}({node.Settings})"
            : FormattableString.Invariant($"{node.Op}({node.Settings}) of {node.Shape.Channels}");

    static string Connection(DumpedNode node) => $"{node.Name} = {node.Op}({string.Join(", ", node.Inputs)})";

    static IEnumerable<string> Parameters(DumpedStatement statement) =>
        statement.Nodes.SelectMany(n => n.Parameters).Select(p => p.Line).Distinct();

    static Cost Of(DumpedStatement? statement, DumpedGraph graph, ImageSize size) =>
        statement is null ? default : Of(statement.Nodes, graph, size);

    static Cost Of(DumpedGraph graph, ImageSize size) => Of([.. graph.Statements.SelectMany(s => s.Nodes)], graph, size);

    static Cost Of(ImmutableArray<DumpedNode> nodes, DumpedGraph graph, ImageSize size) =>
        new(
            nodes.SelectMany(n => n.Parameters).DistinctBy(p => p.Name).Sum(p => p.Count),
            nodes.Sum(n => n.MultiplyAdds(graph.Nodes, size.Height, size.Width)),
            nodes.Where(n => n.Op != "image").Sum(n => 4 * n.Shape.Elements(size.Height, size.Width))
        );

    static string Costs(Cost before, Cost after)
    {
        return string.Join(
            ", ",
            $"parameters {Changed(before.Parameters, after.Parameters, n => n.ToString("N0", CultureInfo.InvariantCulture))}",
            $"multiply-adds {Changed(before.MultiplyAdds, after.MultiplyAdds, Amount.Count)}",
            $"feature maps {Changed(before.Bytes, after.Bytes, Amount.Bytes)}"
        );

        static string Changed(long before, long after, Func<long, string> text) =>
            before == after
                ? text(after)
                : $"{text(before)} -> {text(after)} ({(after > before ? "+" : "-")}{text(Math.Abs(after - before))})";
    }
}
