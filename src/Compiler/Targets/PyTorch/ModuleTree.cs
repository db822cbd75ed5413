using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using Mtlc.Compiler.Ir;
using Mtlc.Dsl.Diagnostics;
using static Mtlc.Compiler.Targets.PyTorch.Python;

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

    /// <summary>What one `forward` does, and the attributes that it needs.</summary>
    sealed class Division(ModuleTree tree, string root)
    {
        public List<(string Name, Part Part)> Parts { get; private set; } = [];

        public List<List<Step>> Steps { get; } = [];

        /// <param name="path">Of the nodes; the division's own path, or one below it whose parts are called one by one.</param>
        /// <param name="uses">Of each use of it, its nodes.</param>
        /// <param name="access">How its parts are reached: "self", "self.layer1".</param>
        public bool Divide(string path, List<List<Node>> uses, string access)
        {
            while (Steps.Count < uses.Count)
                Steps.Add([]);
            var depth = path.Length == 0 ? 0 : path.Split('.').Length;
            foreach (var (use, nodes) in uses.Index())
            foreach (var node in nodes.Where(n => n.Path == path))
                if (!Plain(use, node))
                    return false;
            // The root has the uses of a share one by one; below, uses go side by side.
            var groups = uses[0]
                .Where(n => n.Path != path)
                .GroupBy(n => n.Path.Split('.')[depth])
                .Select(g => (Segment: g.Key, Uses: Uses(path, uses, depth, g.Key)));
            foreach (var (segment, own) in groups.ToList())
                if (!Child(path.Length == 0 ? segment : $"{path}.{segment}", segment, own, access))
                    return false;
            return true;
        }

        static List<(int Use, List<Node> Nodes)> Uses(string path, List<List<Node>> uses, int depth, string segment)
        {
            bool IsOf(Node node) => node.Path != path && node.Path.Split('.')[depth] == segment;
            return path.Length == 0
                ? [.. uses[0].Where(IsOf).GroupBy(n => n.Use).Select(g => (0, g.ToList()))]
                : [.. uses.Select((nodes, use) => (use, nodes.Where(IsOf).ToList()))];
        }

        bool Child(string path, string segment, List<(int Use, List<Node> Nodes)> uses, string access)
        {
            var first = uses[0].Nodes;
            if (uses.Any(u => u.Nodes.Count != first.Count))
                return Refuse(first[0], "its uses differ");
            if (first.All(n => n.Parameters.Length == 0))
                return uses.All(u => u.Nodes.All(n => Plain(u.Use, n)));
            var own = first.Where(n => n.Parameters.Length > 0 && n.Path == path).ToList();
            var hasParts = first.Any(n => n.Parameters.Length > 0 && n.Path != path);
            if (own.Count > 1 || (own.Count == 1 && hasParts))
                return Refuse(own[0], "it has weights of its own and parts with weights");
            var name = Reach(access, segment);
            if (own.Count == 1)
            {
                Parts.Add((segment, tree.operators[own[0]].Part!));
                foreach (var (beside, part) in tree.operators[own[0]].Beside)
                    Parts.Add((Sibling(segment, beside), part));
                foreach (var (use, nodes) in uses)
                foreach (var node in nodes)
                    if (node.Parameters.Length > 0)
                        Kept(use, node, name, segment);
                    else if (!Plain(use, node))
                        return false;
                return true;
            }
            // What leads to a part and reads nothing of it belongs to whoever calls it.
            var rests = new List<(int Use, List<Node> Nodes)>();
            foreach (var (use, nodes) in uses)
            {
                var leading = Leading(path, nodes);
                if (!leading.All(n => Plain(use, n)))
                    return false;
                rests.Add((use, [.. nodes.Where(n => !leading.Contains(n))]));
            }
            var depth = path.Split('.').Length;
            var isNumbered = rests[0].Nodes.Where(n => n.Parameters.Length > 0).All(n => IsNumber(n.Path.Split('.')[depth]));
            if (isNumbered)
                return Sequence(path, segment, name, rests) || Pieces(path, segment, name, rests);
            if (tree.apart.Contains(path) || !rests.All(r => tree.IsConvex(r.Nodes)))
                return Pieces(path, segment, name, rests);
            var results = rests
                .SelectMany(r => tree.Results(r.Nodes).Select(n => r.Nodes.IndexOf(n)))
                .Distinct()
                .Order()
                .Select(i => rests[0].Nodes[i])
                .ToList();
            if (tree.Make(path, [.. rests.Select(r => r.Nodes)], results) is not { } bodies)
                return false;
            if (bodies.Any(b => b.Form != bodies[0].Form))
                return Refuse(first[0], "its uses differ");
            Parts.Add((segment, new Part.Made(bodies[0])));
            foreach (var ((use, _), body) in rests.Zip(bodies))
                Called(use, name, segment, body.Inputs, body.Outputs);
            return true;
        }

        static HashSet<Node> Leading(string path, List<Node> nodes)
        {
            var inside = nodes.ToHashSet();
            var leading = new HashSet<Node>();
            foreach (var node in nodes)
                if (
                    node.Path == path
                    && node.Parameters.Length == 0
                    && PyTorchOperators.Reads(node).All(i => !inside.Contains(i) || leading.Contains(i))
                )
                    leading.Add(node);
            return leading;
        }

        bool Sequence(string path, string segment, string name, List<(int Use, List<Node> Nodes)> uses)
        {
            var links = uses.Select(u => Link(path, u.Nodes)).ToList();
            if (links[0] is not { } first || links.Any(l => l?.Part.Form != first.Part.Form))
                return false;
            Parts.Add((segment, first.Part));
            foreach (var ((use, nodes), link) in uses.Zip(links))
            {
                Called(use, name, segment, [link!.Input], [link.Output]);
                if (!nodes.Where(n => !link.Nodes.Contains(n)).All(n => Plain(use, n)))
                    return false;
            }
            return true;
        }

        /// <param name="Nodes">What it computes.</param>
        sealed record Chained(Part Part, Node Input, Node Output, HashSet<Node> Nodes);

        /// <summary>Numbered parts as an nn.Sequential; null where they are none.</summary>
        Chained? Link(string path, List<Node> nodes)
        {
            var depth = path.Split('.').Length;
            var groups = nodes
                .Where(n => n.Path != path)
                .GroupBy(n => n.Path.Split('.')[depth])
                .ToDictionary(g => AsNumber(g.Key), g => g.ToList());
            if (groups.Count == 0)
                return null;
            var last = groups.Where(g => g.Value.Any(n => n.Parameters.Length > 0)).Max(g => g.Key);
            var parts = ImmutableArray.CreateBuilder<Part?>();
            Node? input = null,
                output = null;
            var computed = new HashSet<Node>();
            for (var i = 0; i <= groups.Keys.Max(); i++)
            {
                if (!groups.TryGetValue(i, out var own))
                {
                    parts.Add(null);
                    continue;
                }
                var element = Element($"{path}.{i}", own);
                if (
                    element is null
                    || (output is not null && element.Input != output)
                    || (
                        output is not null && (tree.outputs.Contains(output) || !tree.readers[output].All(element.Nodes.Contains))
                    )
                )
                {
                    if (i > last)
                        break;
                    return null;
                }
                parts.Add(element.Part);
                input ??= element.Input;
                output = element.Output;
                computed.UnionWith(element.Nodes);
            }
            while (parts[^1] is null)
                parts.RemoveAt(parts.Count - 1);
            // What others read of it is its result alone.
            return computed.All(n => n == output || (!tree.outputs.Contains(n) && tree.readers[n].All(computed.Contains)))
                ? new(new Part.Chain(parts.ToImmutable(), tree.components.GetValueOrDefault(path)), input!, output!, computed)
                : null;
        }

        Chained? Element(string path, List<Node> nodes)
        {
            if (nodes is [var only] && only.Path == path)
                return PyTorchOperators.Reads(only) is [var input] && tree.operators[only] is { IsModule: true, Part: { } part }
                    ? new(part, input, only, [only])
                    : null;
            if (nodes.All(n => n.Parameters.Length == 0) || nodes.Any(n => n.Parameters.Length > 0 && n.Path == path))
                return null;
            var depth = path.Split('.').Length;
            if (nodes.Where(n => n.Parameters.Length > 0).All(n => IsNumber(n.Path.Split('.')[depth])))
                return Link(path, nodes) is { } link && link.Nodes.Count == nodes.Count ? link : null;
            return
                Read(nodes) is [var read]
                && tree.Results(nodes) is [var result]
                && !tree.apart.Contains(path)
                && tree.IsConvex(nodes)
                && tree.Make(path, [nodes], [result]) is [var body]
                ? new(new Part.Made(body), read, result, [.. nodes])
                : null;
        }

        /// <summary>Parts that are called one by one from here.</summary>
        bool Pieces(string path, string segment, string name, List<(int Use, List<Node> Nodes)> uses)
        {
            var outer = Parts;
            Parts = [];
            // The root's uses of a share become uses side by side.
            var inner = new List<List<Node>>();
            foreach (var (use, nodes) in uses)
            {
                while (inner.Count <= use)
                    inner.Add([]);
                if (inner[use].Count > 0)
                    return Refuse(nodes[0], "its uses lie apart");
                inner[use] = nodes;
            }
            if (!Divide(path, inner, name))
                return false;
            var parts = Parts;
            Parts = outer;
            if (parts.All(p => IsNumber(p.Name)))
            {
                var last = parts.Max(p => AsNumber(p.Name));
                var numbered = parts.ToDictionary(p => AsNumber(p.Name), p => p.Part);
                ImmutableArray<Part?> all = [.. Enumerable.Range(0, last + 1).Select(i => numbered.GetValueOrDefault(i))];
                var weights = all.Count(p => p is Part.Weight);
                if ((weights != 0 && weights != all.Length) || all.Any(p => p is Part.Buffer))
                    return Refuse(uses[0].Nodes[0], "some of its numbered parts are weights, and some are not");
                Parts.Add((segment, new Part.Listed(all)));
            }
            else
                Parts.Add((segment, new Part.Several([.. parts])));
            return true;
        }

        // "in_proj_weight" and "lora_a": "in_proj_lora_a"
        static string Sibling(string weight, string name) => weight[..^"weight".Length] + name;

        bool Refuse(Node node, string reason)
        {
            if (node.Origin is { } origin)
                tree.diagnostics.NoPyTorchName(origin, node.Path, reason);
            return false;
        }

        // A class has no items: its own parts with a number for a name are asked for by that name.
        static string Reach(string access, string segment) =>
            !IsNumber(segment) ? $"{access}.{segment}"
            : access == "self" ? $"self.get_submodule(\"{segment}\")"
            : $"{access}[{segment}]";

        void Called(int use, string name, string segment, ImmutableArray<Node> inputs, ImmutableArray<Node> results) =>
            Steps[use]
                .Add(
                    new(
                        results,
                        inputs,
                        x => new Bracketed(name + "(", x, ")"),
                        $"call {name[5..]}",
                        NameOf(name[5..]),
                        results.Length == 1
                    )
                );

        void Kept(int use, Node node, string name, string segment) =>
            Steps[use]
                .Add(
                    new(
                        [node],
                        PyTorchOperators.Reads(node),
                        x => tree.operators[node].Write(name, x),
                        $"part {tree.operators[node].Write(name, Places(PyTorchOperators.Reads(node))).Flat}",
                        NameOf(name[5..])
                    )
                );

        // An operation without weights; what it keeps all the same is an attribute under a name of its own.
        bool Plain(int use, Node node)
        {
            var known = tree.operators[node];
            var below =
                root.Length == 0 ? node.Path
                : node.Path.Length > root.Length ? node.Path[(root.Length + 1)..]
                : "";
            var local = node.Name.Contains(':', StringComparison.Ordinal) || below.Length == 0 ? node.Op.Name : NameOf(below);
            var kept = "";
            if (known.Keeps)
            {
                var wanted = known.Part is Part.Field ? "heads" : node.Op.Name;
                kept = Keep(use, node, wanted, known.Part!);
            }
            var access = kept.Length == 0 ? "" : $"self.{kept}";
            var read = PyTorchOperators.Reads(node);
            var sample = known.Write(access, Places(read)).Flat;
            Steps[use].Add(new([node], read, x => known.Write(access, x), sample, local));
            return true;
        }

        static ImmutableArray<Python> Places(ImmutableArray<Node> read) => [.. read.Select((_, i) => (Python)new Text($"${i}"))];

        readonly Dictionary<string, string> keptNames = [];
        readonly Dictionary<string, int> keptCounts = [];

        // The same operation of another use has the same attribute.
        string Keep(int use, Node node, string wanted, Part part)
        {
            var place = $"{node.Path}:{node.Op.Name}";
            var count = keptCounts[$"{use} {place}"] = keptCounts.GetValueOrDefault($"{use} {place}") + 1;
            if (keptNames.TryGetValue($"{place}{count}", out var known))
                return known;
            var name = keptNames[$"{place}{count}"] = Free(wanted);
            Kepts.Add((name, part));
            return name;
        }

        /// <summary>Attributes without weights.</summary>
        public List<(string Name, Part Part)> Kepts { get; } = [];

        string Free(string wanted)
        {
            var name = wanted;
            for (var i = 2; Kepts.Any(k => k.Name == name) || IsWeight(name); i++)
                name = $"{wanted}_{i}";
            return name;
        }

        bool IsWeight(string name)
        {
            var prefix = root.Length == 0 ? name : $"{root}.{name}";
            return tree.graph.Parameters.Any(p => p.Name == prefix || p.Name.StartsWith(prefix + ".", StringComparison.Ordinal));
        }

        // "layer1[0]" -> "layer1_0", "semseg.full" -> "semseg"
        static string NameOf(string access)
        {
            string[] marks = ["get_submodule(\"", "\")", "]"];
            var plain = marks.Aggregate(access, (text, mark) => text.Replace(mark, "", StringComparison.Ordinal));
            var words = plain.Replace("[", ".", StringComparison.Ordinal).Split('.');
            if (words.Length > 1 && words[^1] == "full")
                words = words[..^1];
            var first = words.Length - 1;
            while (first > 0 && IsNumber(words[first]))
                first--;
            return string.Join("_", words[first..]);
        }
    }
}
