using System.Collections.Immutable;
using Mtlc.Compiler.Binding;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Ops;
using Mtlc.Compiler.Recipes;
using Mtlc.Dsl.Text;

namespace Mtlc.Compiler.Lowering;

/// <summary>Low-rank matrices beside the projections of an encoder's attention (LoRA, Hu et al. 2021).</summary>
static class AttentionAdapters
{
    /// <param name="rank">Where the rank is written.</param>
    /// <param name="setting">Where `adapt` is written.</param>
    public static void Add(string encoder, LoraRecipe lora, SourceSpan rank, SourceSpan setting, Evaluator evaluator)
    {
        var (builder, diagnostics) = (evaluator.Builder, evaluator.Diagnostics);
        var found = Projections(builder.Own(encoder), lora.On);
        if (found.Count == 0)
        {
            diagnostics.BadStatement(
                setting,
                $"encoder '{encoder}' has no attention",
                "low-rank matrices are put beside what attention's queries, keys and values are made by",
                "an encoder of transformer blocks has it: dinov2_vits14, swin_t, mit_b0"
            );
            return;
        }
        var frozen = found.Where(f => f.Node.Parameters[0].IsFrozen).ToList();
        if (frozen.Count == 0)
            diagnostics.AdaptedAndTrained(setting, $"encoder '{encoder}'");
        foreach (var (node, on) in frozen.Count == 0 ? found : frozen)
        {
            var most = on.Select(r => r.Count).Append(node.Inputs[0].Shape.Channels).Min();
            if (lora.Rank > most)
            {
                diagnostics.OutOfBounds(rank, "'rank' of lora", $"at most {most}, the width of '{node.Name}'", lora.Rank);
                return;
            }
            builder.Adapt(node, new(node.Op, lora.Rank, lora.Factor, on), setting);
        }
    }

    /// <summary>Matrices that attention reads, in order, each with its outputs that are adapted.</summary>
    static List<(Node Node, ImmutableArray<ChannelRange> On)> Projections(ImmutableArray<Node> nodes, AdaptedProjections on)
    {
        var own = nodes.ToHashSet();
        var readers = nodes.SelectMany(n => n.Inputs, (n, i) => (Input: i, Reader: n)).ToLookup(e => e.Input, e => e.Reader);
        int[] operands = on == AdaptedProjections.Qv ? [0, 2] : [0, 1, 2];
        return
        [
            .. nodes
                .Where(n => n.Op is Attend or WindowAttend)
                .SelectMany(n =>
                    operands
                        .Select(o => Before(n.Inputs[o], new(0, n.Inputs[o].Shape.Channels)))
                        .Append(on == AdaptedProjections.All ? After(n, readers) : null)
                )
                .OfType<(Node Node, ChannelRange On)>()
                .Where(p => own.Contains(p.Node))
                .Distinct()
                .GroupBy(p => p.Node, p => p.On)
                .Select(g => (g.Key, g.OrderBy(r => r.Start).ThenBy(r => r.Count).ToImmutableArray())),
        ];
    }

    /// <summary>The matrix that made some channels, whatever was added to them, turned or scaled since.</summary>
    static (Node, ChannelRange)? Before(Node node, ChannelRange on) =>
        Adapted.Takes(node.Op) ? (node, on)
        : node.Op is Slice slice ? Before(node.Inputs[0], new(slice.Start + on.Start, on.Count))
        : Carried(node) is { } from ? Before(from, on)
        : null;

    /// <summary>The matrix that is next applied to a result that nothing else reads.</summary>
    static (Node, ChannelRange)? After(Node node, ILookup<Node, Node> readers) =>
        readers[node].ToList() is not [var next] ? null
        : Adapted.Takes(next.Op) ? (next, new(0, next.Shape.Channels))
        : Carried(next) == node ? After(next, readers)
        : null;

    // The one operand whose channels its own are, in their order.
    static Node? Carried(Node node) =>
        node.Op is Conv or ConvTranspose or Linear or Attend or WindowAttend ? null
        : node.Inputs.Where((x, i) => node.Op.ReadsValues(i) && x.IsBatched && x.Shape.Channels == node.Shape.Channels).ToList()
            is [var only]
            ? only
        : null;
}
