using System.Collections.Immutable;
using Mtlc.Compiler.Ir;
using static Mtlc.Compiler.Targets.PyTorch.Python;

namespace Mtlc.Compiler.Targets.PyTorch;

// A part divided into parts.
sealed partial class ModuleTree
{
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
