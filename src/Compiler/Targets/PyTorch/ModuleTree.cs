using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using Mtlc.Compiler.Ir;
using Mtlc.Dsl.Diagnostics;

namespace Mtlc.Compiler.Targets.PyTorch;

/// <summary>
/// From the flat graph back to parts within parts: nodes are named by paths, and weights must keep those names. What lies below a
/// path and can be called at once is a part with a `forward`; parts with numbers, each of which reads the one before, are an
/// nn.Sequential; what is interleaved with other parts is called piece by piece from outside. </summary>
sealed partial class ModuleTree
{
    readonly Graph graph;
    readonly DiagnosticBag diagnostics;
    readonly ImmutableDictionary<string, string> components;
    readonly Dictionary<Node, int> places = [];
    readonly ILookup<Node, Node> readers;
    readonly HashSet<Node> outputs;
    readonly Dictionary<Node, Operator> operators = [];

    // Parts that cannot be called at once although nothing outside lies between their own.
    readonly HashSet<string> apart = [];

    ModuleTree(Model model, DiagnosticBag diagnostics)
    {
        (graph, this.diagnostics, components) = (model.Training, diagnostics, model.Components);
        foreach (var (place, node) in graph.Nodes.Index())
            places[node] = place;
        readers = graph
            .Nodes.SelectMany(n => PyTorchOperators.Reads(n).Select(i => (Input: i, Reader: n)))
            .ToLookup(e => e.Input, e => e.Reader);
        outputs = [.. graph.Outputs.Select(o => o.Value)];
    }

    /// <returns>The whole network; null after errors.</returns>
    public static Body? Of(Model model, DiagnosticBag diagnostics)
    {
        var tree = new ModuleTree(model, diagnostics);
        return tree.Translate() ? tree.Whole(model.Name) : null;
    }

    bool Translate()
    {
        var isWhole = true;
        var frozen = Frozen(graph);
        foreach (var node in graph.Nodes.Where(n => !IsGiven(n)))
        {
            // A module computes as in evaluation wholly or not at all.
            var isHalfFrozen =
                node.Op is Ops.BatchNorm or Ops.Dropout or Ops.DropPath
                && node.IsFrozen != frozen.Any(f => node.Path == f || node.Path.StartsWith(f + ".", StringComparison.Ordinal));
            if (!isHalfFrozen && PyTorchOperators.Of(node) is { } known)
                operators[node] = known;
            else if (node.Origin is { } origin)
                diagnostics.NoPyTorchModule(origin, node.Op.Name);
            isWhole &= operators.ContainsKey(node);
            foreach (var part in node.Path.Split('.').Where(p => Taken.Contains(p) && node.Parameters.Length > 0))
            {
                if (node.Origin is { } place)
                    diagnostics.NoPyTorchName(place, node.Path, $"'{part}' means something else in a PyTorch module");
                isWhole = false;
            }
        }
        return isWhole;
    }

    /// <summary>Paths below which every parameter but adapters is frozen, and above which not; that of a parameter itself where
    /// no module has it to itself.</summary>
    public static ImmutableArray<string> Frozen(Graph graph)
    {
        var trained = new HashSet<string>(StringComparer.Ordinal);
        foreach (var parameter in graph.Parameters.Where(p => !p.IsFrozen && p.Role != ParameterRole.Adapter))
            for (var end = parameter.Name.IndexOf('.', StringComparison.Ordinal); end >= 0; )
            {
                trained.Add(parameter.Name[..end]);
                end = parameter.Name.IndexOf('.', end + 1);
            }
        return [.. graph.Parameters.Where(p => p.IsFrozen).Select(Outermost).Distinct()];

        string Outermost(Parameter parameter)
        {
            var end = parameter.Name.IndexOf('.', StringComparison.Ordinal);
            while (end >= 0 && trained.Contains(parameter.Name[..end]))
                end = parameter.Name.IndexOf('.', end + 1);
            return end < 0 ? parameter.Name : parameter.Name[..end];
        }
    }

    static bool IsGiven(Node node) => node.Op is Ops.Image or GivenMap;

    // The picture first, then maps in the order of the source. A network may read maps alone; it is handed the picture all the same.
    ImmutableArray<Node> Given() => [.. graph.Nodes.Where(IsGiven).OrderBy(n => n.Op is GivenMap)];

    Body? Whole(string name)
    {
        while (true)
        {
            var count = apart.Count;
            List<Node> nodes = [.. graph.Nodes.Where(n => !IsGiven(n))];
            if (Make("", [nodes], [.. graph.Outputs.Select(o => o.Value).Distinct()], Given()) is { } bodies)
                return bodies[0];
            if (apart.Count == count)
                return null;
        }
    }

    /// <summary>A part with a `forward`, as each of its uses sees it; null where it cannot be made, or after errors.</summary>
    /// <param name="results">Of the first use, what others read.</param>
    List<Body>? Make(string path, List<List<Node>> uses, List<Node> results, ImmutableArray<Node> inputs = default)
    {
        var bodies = new List<Body>();
        var division = new Division(this, path);
        if (!division.Divide(path, uses, "self"))
            return null;
        var kept = results.Select(r => uses[0].IndexOf(r)).ToList();
        foreach (var (use, nodes) in uses.Index())
        {
            if (Ordered(division.Steps[use], path) is not { } steps)
                return null;
            var own = nodes.ToHashSet();
            ImmutableArray<Node> read = inputs.IsDefault
                ? [.. steps.SelectMany(s => s.Arguments).Where(a => !own.Contains(a)).Distinct()]
                : inputs;
            ImmutableArray<Node> made = path.Length == 0 ? [.. results] : [.. kept.Select(k => nodes[k])];
            bodies.Add(
                new(
                    path,
                    components.GetValueOrDefault(path),
                    nodes[0].Declaration,
                    [.. division.Parts, .. division.Kepts],
                    steps,
                    read,
                    made
                )
            );
        }
        return bodies;
    }

    // Each step after those whose results it reads, else as in the source.
    ImmutableArray<Step>? Ordered(List<Step> steps, string path)
    {
        var maker = new Dictionary<Node, Step>();
        foreach (var step in steps)
        foreach (var result in step.Results)
            maker[result] = step;
        var waits = steps.ToDictionary(
            s => s,
            s => s.Arguments.Select(a => maker.GetValueOrDefault(a)).OfType<Step>().ToHashSet()
        );
        var ordered = ImmutableArray.CreateBuilder<Step>();
        var left = steps.OrderBy(s => s.Results.Max(r => places[r])).ToList();
        while (left.Count > 0)
        {
            if (left.Find(s => waits[s].Count == 0) is not { } next)
            {
                // Two parts that wait for each other: they are called piece by piece.
                foreach (var step in left.Where(s => s.Form.StartsWith("call ", StringComparison.Ordinal)))
                {
                    var part = step.Form[5..]
                        .Replace("[", ".", StringComparison.Ordinal)
                        .Replace("]", "", StringComparison.Ordinal);
                    apart.Add(path.Length == 0 ? part : $"{path}.{part}");
                }
                return null;
            }
            left.Remove(next);
            ordered.Add(next);
            foreach (var step in left)
                waits[step].Remove(next);
        }
        return ordered.ToImmutable();
    }

    // Whether nothing outside lies between what is inside.
    bool IsConvex(List<Node> nodes)
    {
        var inside = nodes.ToHashSet();
        var seen = new HashSet<Node>();
        var open = new Stack<Node>(nodes.SelectMany(n => readers[n]).Where(r => !inside.Contains(r)));
        while (open.TryPop(out var node))
        {
            if (!seen.Add(node))
                continue;
            foreach (var reader in readers[node])
            {
                if (inside.Contains(reader))
                    return false;
                open.Push(reader);
            }
        }
        return true;
    }

    List<Node> Results(List<Node> nodes)
    {
        var inside = nodes.ToHashSet();
        return [.. nodes.Where(n => outputs.Contains(n) || readers[n].Any(r => !inside.Contains(r)))];
    }

    static ImmutableArray<Node> Read(List<Node> nodes)
    {
        var inside = nodes.ToHashSet();
        return [.. nodes.SelectMany(n => PyTorchOperators.Reads(n)).Where(i => !inside.Contains(i)).Distinct()];
    }

    [GeneratedRegex(@"^\d+$")]
    private static partial Regex Digits();

    public static bool IsNumber(string text) => Digits().IsMatch(text);

    static int AsNumber(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    // Words of Python, and attributes that a module has already.
    static readonly HashSet<string> Taken =
    [
        .. "and as assert async await break class continue def del elif except finally for from global if import in is lambda".Split(
            ' '
        ),
        .. "nonlocal not or pass raise return try while with yield True False None training forward train eval type half float".Split(
            ' '
        ),
        .. "double to cpu cuda apply modules children parameters buffers state_dict zero_grad compile share_memory requires_grad_".Split(
            ' '
        ),
    ];
}
