using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using Mtlc.Compiler.Ir;

namespace Mtlc.Compiler.Views;

/// <summary>A graph as <see cref="TextDump"/> wrote it, perhaps long ago: enough of it to say what changed since.</summary>
sealed partial record DumpedGraph(string Name, ImmutableArray<DumpedStatement> Statements, ImmutableArray<string> Outputs)
{
    /// <summary>Every node; of two with one name, which no dump of ours has, the first.</summary>
    public IReadOnlyDictionary<string, DumpedNode> Nodes { get; } =
        Statements.SelectMany(s => s.Nodes).DistinctBy(n => n.Name).ToDictionary(n => n.Name, StringComparer.Ordinal);

    /// <returns>null for a text that is no such dump.</returns>
    public static DumpedGraph? Read(string text)
    {
        var lines = text.ReplaceLineEndings("\n").Split('\n');
        if (Head().Match(lines[0]) is not { Success: true } head)
            return null;
        var statements = new Dictionary<string, List<DumpedNode>>(StringComparer.Ordinal);
        var (recomputed, outputs) = (new HashSet<string>(StringComparer.Ordinal), new List<string>());
        var (section, inOutputs) = ("", false);
        foreach (var line in lines.Skip(1).Where(l => l.Length > 0))
        {
            if (line == "# outputs")
                inOutputs = true;
            else if (Section().Match(line) is { Success: true } found)
                (section, _) = (
                    found.Groups["name"].Value,
                    found.Groups["again"].Success && recomputed.Add(found.Groups["name"].Value)
                );
            else if (inOutputs)
                outputs.Add(line);
            else if (!Add(statements, section, line))
                return null;
        }
        return new(
            head.Groups["name"].Value,
            [.. statements.Select(s => new DumpedStatement(s.Key, recomputed.Contains(s.Key), [.. s.Value]))],
            [.. outputs]
        );
    }

    static bool Add(Dictionary<string, List<DumpedNode>> statements, string section, string line)
    {
        if (!statements.TryGetValue(section, out var nodes))
            statements[section] = nodes = [];
        if (ParameterLine().Match(line) is { Success: true } parameter && nodes.Count > 0)
        {
            var dimensions = parameter.Groups["dimensions"].Value;
            nodes[^1]
                .Parameters.Add(
                    new(
                        parameter.Groups["name"].Value,
                        dimensions.Length == 0
                            ? 1
                            : dimensions.Split(", ").Aggregate(1L, (p, d) => p * long.Parse(d, CultureInfo.InvariantCulture)),
                        line.Trim()
                    )
                );
            return true;
        }
        if (NodeLine().Match(line) is not { Success: true } node || Shape(node.Groups["shape"].Value) is not { } shape)
            return false;
        // Names of nodes have colons too, but none with a blank behind it.
        var arguments = node.Groups["arguments"].Value;
        var settings = FirstSetting().Match(arguments) is { Success: true } found ? found.Index : arguments.Length;
        nodes.Add(
            new(
                node.Groups["name"].Value,
                node.Groups["op"].Value,
                [.. arguments[..settings].Split(", ", StringSplitOptions.RemoveEmptyEntries)],
                arguments[settings..],
                shape
            )
        );
        return true;
    }

    static TensorShape? Shape(string text) =>
        text.Split(" + ") is [var map, .. var tokens]
        && map.Split(" x ") is [var channels, var height, var width]
        && int.TryParse(channels, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
        && Extent(height) is { } h
        && Extent(width) is { } w
            ? new(count, h, w) { Tokens = tokens is [var carried] ? Number(carried) : 0 }
            : null;

    static Extent? Extent(string text) =>
        ExtentText().Match(text) is not { Success: true } match ? null
        : match.Groups["axis"].Success
            ? Ir
                .Extent.Fraction(Number(match.Groups["times"].Value), Number(match.Groups["over"].Value))
                .In(Number(match.Groups["multiple"].Value))
        : Ir.Extent.Pixels(Number(text));

    static int Number(string digits) => digits.Length == 0 ? 1 : int.Parse(digits, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^graph (?<name>.+): \d+ nodes, [\d,]+ parameters$")]
    private static partial Regex Head();

    [GeneratedRegex(@"^# (?<name>[^,]+)(?<again>, recomputed in the backward pass)?(?:, frozen)?$")]
    private static partial Regex Section();

    [GeneratedRegex(@"^(?<name>\S+) = (?<op>\w+)\((?<arguments>.*)\): (?<shape>\S+ x \S+ x \S+(?: \+ \d{1,6})?)$")]
    private static partial Regex NodeLine();

    [GeneratedRegex(@"(?<=^|, )\w+: ")]
    private static partial Regex FirstSetting();

    [GeneratedRegex(@"^  (?<name>\S+) \[(?<dimensions>(?:\d{1,9}(?:, )?){0,8})\] .+$")]
    private static partial Regex ParameterLine();

    [GeneratedRegex(@"^(?:(?<times>\d{0,6})(?<axis>[HW])(?:/(?<over>[1-9]\d{0,5}))?(?:\^(?<multiple>[1-9]\d{0,3}))?|\d{1,6})$")]
    private static partial Regex ExtentText();
}

/// <summary>The nodes of one statement of the model.</summary>
sealed record DumpedStatement(string Name, bool IsRecomputed, ImmutableArray<DumpedNode> Nodes);

/// <param name="Settings">"out: 64, kernel: 7"; those that differ from their defaults.</param>
sealed partial record DumpedNode(string Name, string Op, ImmutableArray<string> Inputs, string Settings, TensorShape Shape)
{
    public List<DumpedParameter> Parameters { get; } = [];

    /// <summary>Of what has weights, each of which meets every place once, and of attention, in which every position meets every
    /// other.</summary>
    /// <param name="maps">Every node of the graph by its name.</param>
    public long MultiplyAdds(IReadOnlyDictionary<string, DumpedNode> maps, int height, int width)
    {
        return Op switch
        {
            "conv" or "linear" => Weights * Places(Shape),
            "conv_transpose" => Weights * Places(Map(0)),
            "window_attend" => Places(Shape) * (Map(1).Channels + Map(2).Channels) * WindowOf(Settings),
            "attend" => Places(Shape) * (Map(1).Elements(height, width) + Map(2).Elements(height, width)),
            _ => 0,
        };

        long Places(TensorShape shape) => shape.WithChannels(1).Elements(height, width);

        TensorShape Map(int input) => input < Inputs.Length && maps.TryGetValue(Inputs[input], out var map) ? map.Shape : Shape;
    }

    // Positions of a window.
    static long WindowOf(string settings) =>
        WindowText().Match(settings) is { Success: true } found
        && int.TryParse(found.Groups["size"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            ? (long)size * size
            : 0;

    [GeneratedRegex(@"(?<=^|, )window: (?<size>\d{1,4})")]
    private static partial Regex WindowText();

    long Weights => Parameters is [var weight, ..] ? weight.Count : 0;
}

/// <param name="Line">As it stands in the dump, name, dimensions and start.</param>
sealed record DumpedParameter(string Name, long Count, string Line);
