using System.Collections.Immutable;
using Mtlc.Compiler.Ir;
using static Mtlc.Compiler.Targets.PyTorch.Python;

namespace Mtlc.Compiler.Targets.PyTorch;

/// <summary>A class of the file: of all parts of one form. Numbers in which they differ are its constructor's
/// parameters.</summary>
/// <param name="Parts">Of each part that it makes, what that one keeps.</param>
/// <param name="Bodies">The same parts as bodies; none where it is an nn.Sequential.</param>
sealed record PythonClass(
    string Name,
    ImmutableArray<ImmutableArray<(string Name, Part Part)>> Parts,
    ImmutableArray<Body> Bodies,
    PythonClasses All
)
{
    /// <summary>A parameter of the constructor.</summary>
    /// <param name="Values">What each part gives it.</param>
    public sealed record Parameter(string Name, Role Role, double[] Values, double? Usual)
    {
        public string Type =>
            Role is Role.Rate || Values.Any(v => v != Math.Floor(v)) || (Role == Role.Value && Name != "groups")
                ? "float"
                : "int";
    }

    // One for each number of a part, in the order of its parts: a parameter of the class, or the number itself.
    readonly List<(string Text, bool IsUsual)> texts = [];

    public List<Parameter> Parameters { get; } = [];

    /// <summary>Of one that it makes, by what it keeps.</summary>
    public IEnumerable<Number> Arguments(int index) =>
        Parameters.Select(p => new Number(p.Role, p.Role == Role.Channels ? null : p.Name, p.Values[index], p.Usual));

    public void Resolve()
    {
        var rows = Parts.Select(p => p.SelectMany(q => All.Numbers(q.Part)).ToArray()).ToArray();
        for (var column = 0; column < rows[0].Length; column++)
        {
            var values = rows.Select(r => r[column].Value).ToArray();
            var number = rows[0][column];
            texts.Add(
                values.All(v => v.Equals(values[0]))
                    ? (Number.Text(values[0]), values[0].Equals(number.Usual))
                    : (Found(number.Role, values) ?? Made(number, values), false)
            );
        }
        Parameters.Sort((a, b) => (a.Usual is not null).CompareTo(b.Usual is not null));
    }

    string? Found(Role role, double[] values)
    {
        if (Parameters.Find(p => p.Role == role && p.Values.SequenceEqual(values)) is { } same)
            return same.Name;
        if (role != Role.Channels)
            return null;
        foreach (var known in Parameters.Where(p => p.Role == role))
            for (var factor = 2; factor <= 8; factor++)
                if (known.Values.Select(v => v * factor).SequenceEqual(values))
                    return $"{factor} * {known.Name}";
        return null;
    }

    string Made(Number number, double[] values)
    {
        var wanted = number.Role switch
        {
            Role.Channels => Channels(values),
            Role.Kernel => "kernel_size",
            Role.Heads => "heads",
            Role.Rate => "drop",
            Role.Count => number.Name ?? "window",
            _ => number.Name ?? "init",
        };
        var name = wanted;
        for (var i = 2; Parameters.Any(p => p.Name == name); i++)
            name = $"{wanted}_{i}";
        var usual = number.Role switch
        {
            Role.Kernel or Role.Stride or Role.Dilation when values.Contains(1) => 1,
            Role.Count when values.Contains(0) => 0,
            _ => (double?)null,
        };
        Parameters.Add(new(name, number.Role, values, usual));
        return name;
    }

    string Channels(double[] values)
    {
        if (Bodies.IsEmpty)
            return Parameters.Any(p => p.Role == Role.Channels) ? "out_channels" : "in_channels";
        bool Are(Func<Body, IEnumerable<Node>> nodes, int place) =>
            Bodies.Zip(values, (b, v) => nodes(b).ElementAtOrDefault(place)?.Shape.Channels == (int)v).All(equal => equal);
        return (Are(b => b.Inputs, 0), Are(b => b.Outputs, 0)) switch
        {
            (true, true) => "channels",
            (true, false) => "in_channels",
            (false, true) => "out_channels",
            _ when Are(b => b.Inputs, 1) => "skip_channels",
            _ => "width",
        };
    }

    /// <summary>What is assigned to each attribute.</summary>
    public IEnumerable<(string Name, Part Part, Python Value)> Attributes()
    {
        var next = 0;
        return [.. Parts[0].Select(p => (p.Name, p.Part, All.Write(p.Part, () => texts[next++])))];
    }
}

/// <summary>All classes of a file, those before that others are made of.</summary>
sealed class PythonClasses
{
    readonly Dictionary<string, PythonClass> byForm = new(StringComparer.Ordinal);
    readonly Dictionary<object, (PythonClass Class, int Index)> made = new(ReferenceEqualityComparer.Instance);
    readonly HashSet<string> names = [];

    public List<PythonClass> All { get; } = [];

    /// <param name="reserved">Names that no class may have.</param>
    public PythonClasses(Body root, IEnumerable<string> reserved)
    {
        names.UnionWith(reserved);
        var bodies = new List<Body>();
        Visit(root, bodies);
        var chains = bodies
            .Append(root)
            .SelectMany(b => b.Parts)
            .SelectMany(p => p.Part.All)
            .OfType<Part.Chain>()
            .Where(c => c.Component is not null && c.Parts.All(p => p is null or Part.Leaf))
            .GroupBy(c => c.Form)
            .Where(g => g.Count() > 1);
        foreach (var group in chains)
            Add(
                Pascal(group.First().Component!),
                [
                    .. group.Select(c =>
                        c.Parts.Select((p, i) => ($"{i}", p ?? new Part.Leaf("nn.Identity", [], []))).ToImmutableArray()
                    ),
                ],
                [],
                group.Key,
                group
            );
        foreach (var group in bodies.GroupBy(b => b.Form))
        {
            var first = group.First();
            var name = first.Component ?? first.Path.Split('.').Last(w => !char.IsAsciiDigit(w[0]));
            Add(Pascal(name), [.. group.Select(b => b.Parts)], [.. group], group.Key, group);
        }
        Root = Add(Pascal(root.Path.Length == 0 ? "network" : root.Path), [root.Parts], [root], root.Form, [root]);
    }

    public PythonClass Root { get; }

    // Those inside first.
    static void Visit(Body body, List<Body> into)
    {
        foreach (var part in body.Parts.SelectMany(p => p.Part.All).OfType<Part.Made>())
        {
            Visit(part.Body, into);
            into.Add(part.Body);
        }
    }

    PythonClass Add(
        string name,
        ImmutableArray<ImmutableArray<(string, Part)>> parts,
        ImmutableArray<Body> bodies,
        string form,
        IEnumerable<object> instances
    )
    {
        var free = name;
        for (var i = 2; !names.Add(free); i++)
            free = $"{name}{i}";
        var added = new PythonClass(free, parts, bodies, this);
        foreach (var (index, instance) in instances.Index())
            made[instance] = (added, index);
        added.Resolve();
        byForm[form] = added;
        All.Add(added);
        return added;
    }

    /// <summary>"conv_bn_relu" -> "ConvBnRelu".</summary>
    public static string Pascal(string name) =>
        string.Concat(name.Split('_', StringSplitOptions.RemoveEmptyEntries).Select(w => char.ToUpperInvariant(w[0]) + w[1..]));

    /// <summary>The numbers that a part's constructor takes.</summary>
    public IEnumerable<Number> Numbers(Part part) =>
        part switch
        {
            // What keeps the size follows from kernel and dilation.
            Part.Leaf leaf => leaf.Numbers.Where(n => !leaf.KeepsSize || n.Role != Role.Padding),
            Part.Weight weight => weight.Numbers,
            Part.Buffer buffer => buffer.Numbers,
            Part.Field heads => [heads.Number],
            Part.Chain chain => made.TryGetValue(chain, out var m)
                ? m.Class.Arguments(m.Index)
                : chain.Parts.OfType<Part>().SelectMany(Numbers),
            Part.Listed list => list.Parts.OfType<Part>().SelectMany(Numbers),
            Part.Several several => several.Parts.SelectMany(p => Numbers(p.Part)),
            Part.Made body => made[body.Body] is var (known, index) ? known.Arguments(index) : [],
            _ => throw new InvalidOperationException(),
        };

    /// <param name="next">The texts of <see cref="Numbers"/>, one after the other.</param>
    public Python Write(Part part, Func<(string Text, bool IsUsual)> next)
    {
        switch (part)
        {
            case Part.Leaf leaf:
                return Leaf(leaf, next);
            case Part.Weight weight:
                var dimensions = weight.Dimensions;
                for (var i = 0; i < weight.Numbers.Length - (weight.Make == "torch.full" ? 1 : 0); i++)
                    dimensions = dimensions.Replace($"{{{i}}}", next().Text, StringComparison.Ordinal);
                var tuple = dimensions.Contains(',', StringComparison.Ordinal) ? $"({dimensions})" : $"({dimensions},)";
                return Call(
                    "nn.Parameter",
                    weight.Make == "torch.full" ? Call(weight.Make, tuple, next().Text) : Call(weight.Make, dimensions)
                );
            case Part.Buffer buffer:
                return Call(buffer.Make, [.. buffer.Numbers.Select(_ => (Python)next().Text)]);
            case Part.Field:
                return next().Text;
            case Part.Chain chain when made.TryGetValue(chain, out var m):
                return Instance(m.Class, next);
            case Part.Chain chain:
                return new Bracketed("nn.Sequential(", Items(chain.Parts, next, isSpread: true), ")");
            case Part.Listed list:
                var kind = list.Parts.All(p => p is Part.Weight) ? "nn.ParameterList" : "nn.ModuleList";
                return Call(kind, new Bracketed("[", Items(list.Parts, next, isSpread: true), "]"));
            case Part.Several several:
                return new Bracketed("Parts(", [.. several.Parts.Select(p => new Named(p.Name, Write(p.Part, next)))], ")");
            case Part.Made body:
                return Instance(made[body.Body].Class, next);
            default:
                throw new InvalidOperationException();
        }
    }

    // Three or more alike are one comprehension.
    ImmutableArray<Python> Items(ImmutableArray<Part?> parts, Func<(string, bool)> next, bool isSpread)
    {
        var items = parts.Select(p => p is null ? "nn.Identity()" : Write(p, next)).ToList();
        var spread = ImmutableArray.CreateBuilder<Python>();
        for (var i = 0; i < items.Count; )
        {
            var end = i + 1;
            while (end < items.Count && items[end].Flat == items[i].Flat)
                end++;
            if (isSpread && end - i > 2 && items[i].Flat.Length <= 48)
                spread.Add($"*({items[i].Flat} for _ in range({end - i}))");
            else
                spread.AddRange(items[i..end]);
            i = end;
        }
        return spread.ToImmutable();
    }

    static Python Instance(PythonClass known, Func<(string Text, bool IsUsual)> next)
    {
        var arguments = ImmutableArray.CreateBuilder<Python>();
        foreach (var parameter in known.Parameters)
        {
            var (text, isUsual) = next();
            if (parameter.Role == Role.Channels)
                arguments.Add(text);
            else if (!isUsual)
                arguments.Add(new Named(parameter.Name, text));
        }
        return new Bracketed(known.Name + "(", arguments.ToImmutable(), ")");
    }

    static Python Leaf(Part.Leaf leaf, Func<(string Text, bool IsUsual)> next)
    {
        var arguments = ImmutableArray.CreateBuilder<Python>();
        var (kernel, place) = ("", -1);
        foreach (var number in leaf.Numbers)
        {
            if (leaf.KeepsSize && number.Role == Role.Padding)
            {
                place = arguments.Count; // known once the dilation is
                continue;
            }
            var (text, isUsual) = next();
            kernel = number.Role == Role.Kernel ? text : kernel;
            if (leaf.KeepsSize && number.Role == Role.Dilation && Padding(kernel, text) is { } padding)
                arguments.Insert(place, new Named("padding", padding));
            if (number.Name is null)
                arguments.Add(text);
            else if (!isUsual)
                arguments.Add(new Named(number.Name, text));
        }
        arguments.AddRange(leaf.Words.Select(w => (Python)w));
        return new Bracketed(leaf.Type + "(", arguments.ToImmutable(), ")");
    }

    // dilation * (kernel - 1) / 2
    static string? Padding(string kernel, string dilation) =>
        (int.TryParse(kernel, out var k), int.TryParse(dilation, out var d)) switch
        {
            (true, true) => d * (k - 1) / 2 is > 0 and var padding ? $"{padding}" : null,
            (true, false) when k == 1 => null,
            (true, false) when k == 3 => dilation,
            (true, false) => $"{dilation} * {(k - 1) / 2}",
            (false, true) when d == 1 => $"{kernel} // 2",
            _ => $"{dilation} * ({kernel} - 1) // 2",
        };
}
