using System.Collections.Immutable;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Targets.LibTorch;
using Mtlc.Runtime.Torch;
using static TorchSharp.torch;

namespace Mtlc.Bench;

/// <summary>Where the time of evaluation goes: each operation of the branched network's inference graph alone, and all of them as
/// they run.</summary>
static class EvaluationProfile
{
    const int Batch = 2,
        Rounds = 9;

    sealed record Cost(Node Node, string Kind, double Milliseconds, double Operations);

    public static void Run(int height, int width)
    {
        TorchRuntime.Start();
        using var inference = inference_mode();
        var graph = Workers.Example("branched").Model.Inference;
        using var reference = new ReferenceConvolution();
        using var store = new ParameterStore(graph.Parameters);
        using var module = new GraphModule(graph, store);
        using var picture = randn(Batch, 3, height, width);
        module.eval();
        var whole = new List<double>();
        for (var i = -2; i < Rounds; i++)
        {
            reference.Time(counts: i >= 0);
            var time = Clock.Milliseconds(() =>
            {
                using var scope = NewDisposeScope();
                module.forward(picture);
            });
            if (i >= 0)
                whole.Add(time);
        }
        var costs = graph.Nodes.Where(n => n.Inputs.Length > 0).Select(n => Measure(n, store, height, width)).ToImmutableArray();
        var (total, alone) = (Clock.Median(whole), costs.Sum(c => c.Milliseconds));
        Console.WriteLine($"\n## Evaluation, branched, batch {Batch}, {height}x{width}\n");
        Console.WriteLine(
            $"{total:F1} ms; all operations alone {alone:F1} ms; {ReferenceConvolution.Name}: {reference.Speed:F0} GFLOP/s\n"
        );
        Console.WriteLine("| operation | number | ms | share | GFLOP/s |\n| --- | --- | --- | --- | --- |");
        foreach (var group in costs.GroupBy(c => c.Kind).OrderByDescending(g => g.Sum(c => c.Milliseconds)))
        {
            var (time, work) = (group.Sum(c => c.Milliseconds), group.Sum(c => c.Operations));
            Console.WriteLine(
                $"| {group.Key} | {group.Count()} | {time:F1} | {time / alone:P1} | "
                    + $"{(work > 0 ? $"{work / time / 1e6:F0}" : "")} |"
            );
        }
    }

    static Cost Measure(Node node, ParameterStore store, int height, int width)
    {
        using var scope = NewDisposeScope();
        Tensor Noise(TensorShape shape) =>
            ChannelsLast.Of(randn(Batch, shape.Channels, shape.Height.Resolve(height), shape.Width.Resolve(width)));
        var inputs = node.Inputs.Select(i => Noise(i.Shape)).ToArray();
        var parameters = node
            .Parameters.Select(p => p.Derivation is null ? store[p.Name] : DerivedParameters.Compute(p, store))
            .ToArray();
        var (conv, relu) = FusedConv.Parts(node.Op);
        var weight = conv is null ? null : PrepackedWeight.Of(conv, parameters[0], inputs[0].shape);
        var context = new PrimitiveContext(inputs[0], Training: false, new(1, 1));
        var times = Enumerable
            .Range(0, Rounds)
            .Select(_ =>
                Clock.Milliseconds(() =>
                    (
                        weight is { } laid
                            ? laid.Run(
                                conv!,
                                relu,
                                inputs[0],
                                conv!.Bias ? parameters[1] : null,
                                inputs.Length > 1 ? inputs[1] : null
                            )
                            : Primitives.Run(node, inputs, parameters, context)
                    ).Dispose()
                )
            );
        var kind = conv is null
            ? node.Op.Name
            : $"{conv.Kernel}x{conv.Kernel}{(weight is { IsWinograd: true } ? " by Winograd" : "")}"
                + $"{(conv.Stride > 1 ? ", stride" : conv.Dilation > 1 ? ", dilated" : "")}, "
                + $"{node.Inputs[0].Shape.Channels} to {node.Shape.Channels}, {inputs[0].shape[2]}x{inputs[0].shape[3]}";
        return new(node, kind, Clock.Median(times.Skip(2)), 2.0 * Batch * node.MultiplyAdds(height, width));
    }
}
