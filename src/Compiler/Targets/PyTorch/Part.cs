using System.Collections.Immutable;
using System.Globalization;
using Mtlc.Compiler.Ir;

namespace Mtlc.Compiler.Targets.PyTorch;

/// <summary>What an argument of a constructor counts: those of one role that are always equal are one parameter of a
/// class.</summary>
enum Role
{
    Channels,
    Kernel,
    Stride,
    Dilation,
    Padding,
    Heads,
    Rate,
    Count,
    Value,
}

/// <summary>A number that a constructor takes.</summary>
/// <param name="Name">null where it is known by its place.</param>
/// <param name="Usual">What the constructor takes where nothing is said.</param>
sealed record Number(Role Role, string? Name, double Value, double? Usual = null)
{
    public static string Text(double value) =>
        value == Math.Floor(value) && Math.Abs(value) < 1e15
            ? value.ToString("0", CultureInfo.InvariantCulture)
            : value.ToString("R", CultureInfo.InvariantCulture).Replace("E", "e", StringComparison.Ordinal);
}

/// <summary>What is made once and keeps weights: an attribute of a class, or a part of one.</summary>
abstract record Part
{
    /// <summary>A module of PyTorch's, or one of the file's own helpers.</summary>
    /// <param name="Words">Arguments that are no numbers: "bias=False".</param>
    /// <param name="KeepsSize">Whether padding follows from kernel and dilation.</param>
    public sealed record Leaf(string Type, ImmutableArray<Number> Numbers, ImmutableArray<string> Words, bool KeepsSize = false)
        : Part;

    /// <summary>A tensor that is trained by itself.</summary>
    /// <param name="Make">"torch.zeros", or "torch.full", whose value is the last number.</param>
    /// <param name="Dimensions">"1, {0}, 1, 1": the first numbers in their places.</param>
    public sealed record Weight(string Make, ImmutableArray<Number> Numbers, string Dimensions) : Part;

    /// <summary>A tensor that is kept and not trained, as a helper makes it.</summary>
    public sealed record Buffer(string Make, ImmutableArray<Number> Numbers) : Part;

    /// <summary>A number that `forward` reads.</summary>
    public sealed record Field(Number Number) : Part;

    /// <summary>nn.Sequential; null where another library has something without parameters.</summary>
    public sealed record Chain(ImmutableArray<Part?> Parts, string? Component) : Part;

    /// <summary>nn.ModuleList or nn.ParameterList: parts that are called one by one.</summary>
    public sealed record Listed(ImmutableArray<Part?> Parts) : Part;

    /// <summary>Named parts that are called one by one.</summary>
    public sealed record Several(ImmutableArray<(string Name, Part Part)> Parts) : Part;

    /// <summary>A class of the file.</summary>
    public sealed record Made(Body Body) : Part;

    /// <summary>Itself and what lies in it, but for what classes of the file have in them.</summary>
    public IEnumerable<Part> All =>
        this switch
        {
            Chain chain => chain.Parts.OfType<Part>().SelectMany(p => p.All).Prepend(this),
            Listed list => list.Parts.OfType<Part>().SelectMany(p => p.All).Prepend(this),
            Several several => several.Parts.SelectMany(p => p.Part.All).Prepend(this),
            _ => [this],
        };

    /// <summary>What it is, its numbers aside.</summary>
    public string Form =>
        this switch
        {
            Leaf leaf => $"{leaf.Type}({string.Join(", ", leaf.Numbers.Select(n => n.Role))}; {string.Join(", ", leaf.Words)}; "
                + $"{leaf.KeepsSize})",
            Weight weight => $"{weight.Make}{weight.Dimensions}",
            Buffer buffer => buffer.Make,
            Field number => $"field {number.Number.Role}",
            Chain chain => $"{chain.Component}({string.Join(", ", chain.Parts.Select(p => p?.Form ?? "-"))})",
            Listed list => $"list({string.Join(", ", list.Parts.Select(p => p?.Form ?? "-"))})",
            Several several => $"several({string.Join(", ", several.Parts.Select(p => $"{p.Name}: {p.Part.Form}"))})",
            Made made => made.Body.Form,
            _ => throw new InvalidOperationException(),
        };
}

/// <summary>One line of a `forward`.</summary>
/// <param name="Results">What it assigns.</param>
/// <param name="Arguments">What it reads.</param>
/// <param name="Write">Its expression, given its arguments'.</param>
/// <param name="Form">What it does, its arguments aside.</param>
/// <param name="IsCheap">Whether it may stand within another expression.</param>
sealed record Step(
    ImmutableArray<Node> Results,
    ImmutableArray<Node> Arguments,
    Func<ImmutableArray<Python>, Python> Write,
    string Form,
    string Name,
    bool IsCheap = true
);

/// <summary>A part of the network that has parts of its own and a `forward`.</summary>
/// <param name="Path">Where it stands, by which its weights are named.</param>
/// <param name="Component">The component of the language that it came of; null for none.</param>
/// <param name="Statement">The statement that it belongs to.</param>
sealed record Body(
    string Path,
    string? Component,
    string Statement,
    ImmutableArray<(string Name, Part Part)> Parts,
    ImmutableArray<Step> Steps,
    ImmutableArray<Node> Inputs,
    ImmutableArray<Node> Outputs
)
{
    /// <summary>Two of one form are of one class.</summary>
    public string Form { get; } = FormOf(Component, Parts, Steps, Inputs, Outputs);

    static string FormOf(
        string? component,
        ImmutableArray<(string Name, Part Part)> parts,
        ImmutableArray<Step> steps,
        ImmutableArray<Node> inputs,
        ImmutableArray<Node> outputs
    )
    {
        var numbers = new Dictionary<Node, int>();
        int Number(Node node) => numbers.TryGetValue(node, out var known) ? known : numbers[node] = numbers.Count;
        foreach (var input in inputs)
            Number(input);
        var lines = steps.Select(s =>
            $"{string.Join(",", s.Arguments.Select(Number))}>{s.Form}>{string.Join(",", s.Results.Select(Number))}"
        );
        var text = string.Join(" ", lines);
        return $"{component}{{{string.Join("; ", parts.Select(p => $"{p.Name}={p.Part.Form}"))}|{text}|"
            + $"{string.Join(",", outputs.Select(Number))}}}";
    }
}
