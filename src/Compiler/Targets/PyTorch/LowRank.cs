using System.Collections.Immutable;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Ops;
using static Mtlc.Compiler.Targets.PyTorch.Python;

namespace Mtlc.Compiler.Targets.PyTorch;

/// <summary>Matrices of low rank beside another: a module that has both, or, where the other is called as its weight alone, two
/// weights beside that.</summary>
static class LowRank
{
    public static Part.Leaf Module(string type, Adapted adapted, Node node, bool bias) =>
        new(
            type,
            [
                PyTorchOperators.Channels(node.Inputs[0].Shape.Channels),
                PyTorchOperators.Channels(node.Shape.Channels),
                new(Role.Count, "rank", adapted.Rank),
                new(Role.Value, "factor", adapted.Factor, 1),
            ],
            [.. Ranges(adapted, node).Select(r => r.Flat), .. bias ? [] : (string[])["bias=False"]]
        );

    /// <returns>null where "weight" is no part of the weight's name: `lora_a` would lie in a parameter.</returns>
    public static Operator? Beside(Adapted adapted, Node node)
    {
        const string Weight = "weight";
        if (!node.Path.EndsWith(Weight, StringComparison.Ordinal))
            return null;
        var inputs = PyTorchOperators.Channels(node.Inputs[0].Shape.Channels);
        ImmutableArray<ParameterSpec> made = adapted.Beside(node.InputShapes);
        ImmutableArray<Python> factor = adapted.Factor == 1 ? [] : [$"factor={Number.Text(adapted.Factor)}"];
        return new(
            new Part.Weight("torch.zeros", [PyTorchOperators.Channels(node.Shape.Channels), inputs], "{0}, {1}"),
            (part, x) =>
                Call(
                    "lora",
                    [
                        Call("channel_linear", x[0], part),
                        x[0],
                        .. made.Select(m => (Python)(part[..^Weight.Length] + m.Name)),
                        .. Ranges(adapted, node),
                        .. factor,
                    ]
                ),
            true
        )
        {
            Beside =
            [
                (made[0].Name, new Part.Weight("lora_start", [PyTorchOperators.Channels(adapted.Low), inputs], "{0}, {1}")),
                (
                    made[1].Name,
                    new Part.Weight(
                        "torch.zeros",
                        [PyTorchOperators.Channels(made[1].Dimensions[0]), new(Role.Count, "rank", adapted.Rank)],
                        "{0}, {1}"
                    )
                ),
            ],
        };
    }

    // In the largest parts that all ranges are made of, so that layers of another width say the same.
    static ImmutableArray<Python> Ranges(Adapted adapted, Node node)
    {
        if (adapted.On is [var all] && all.Count == node.Shape.Channels)
            return [];
        var unit = adapted.On.Aggregate(node.Shape.Channels, (u, r) => Common(Common(u, r.Start), r.Count));
        var ranges = adapted.On.Select(r => (Python)$"({r.Start / unit}, {r.Count / unit})").ToImmutableArray();
        return [new Named("on", new Bracketed("[", ranges, "]")), $"of={node.Shape.Channels / unit}"];
    }

    static int Common(int a, int b) => b == 0 ? a : Common(b, a % b);
}
