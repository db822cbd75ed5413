using System.Collections.Immutable;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Ops;
using Mtlc.Runtime.Torch;
using static TorchSharp.torch;

namespace Mtlc.Bench;

/// <summary>How much of the machine's arithmetic a training step uses, and where its time goes.</summary>
static class Roof
{
    const int Batch = 2,
        Height = 256,
        Width = 256,
        Rounds = 7;

    sealed record Cost(string Kind, string Declaration, long MultiplyAdds, double Forward, double Backward);

    public static void Run()
    {
        TorchRuntime.Start();
        var program = Workers.Example("branched");
        var step = Workers.Training(randn(Batch, 3, Height, Width), program);
        using var a = randn(2048, 2048);
        using var b = randn(2048, 2048);
        using var convolution = new ReferenceConvolution();
        using var gradients = no_grad();
        // All in alternation: the roof is that of the moment.
        var (product, training) = (new List<double>(), new List<double>());
        for (var i = -2; i < Rounds; i++)
        {
            var one = Clock.Milliseconds(() => a.mm(b).Dispose());
            convolution.Time(counts: i >= 0);
            using (enable_grad())
            {
                if (Clock.Milliseconds(step) is var three && i < 0)
                    continue;
                else
                    training.Add(three);
            }
            product.Add(one);
        }
        var graph = program.Model.TrainingStep;
        var work = 6.0 * Batch * graph.MultiplyAdds(Height, Width);
        var (gemm, conv) = (2 * Math.Pow(2048, 3) / Clock.Median(product) / 1e6, convolution.Speed);
        var reached = work / Clock.Median(training) / 1e6;
        Line($"\n## Roof: training step, branched, batch {Batch}, {Height}x{Width}\n");
        Line($"matrix product of 2048: {gemm:F0} GFLOP/s; {ReferenceConvolution.Name}: {conv:F0} GFLOP/s");
        Line(
            $"training step {Clock.Median(training):F0} ms, {work / 1e9:F0} GFLOP (3 times those of the forward pass after "
                + $"passes): {reached:F0} GFLOP/s, "
                + $"{reached / gemm:P0} of the matrix product's, {reached / conv:P0} of the convolution's"
        );
        using (enable_grad())
            Profile(graph, Clock.Median(training), gemm);
    }

    // Each operation alone, forward and backward, on noise of its operands' shapes: what a profiler of libtorch would show, which
    // TorchSharp lacks.
    static void Profile(Graph graph, double step, double gemm)
    {
        using var store = new ParameterStore(graph.Parameters);
        var costs = graph.Nodes.Where(n => n.Inputs.Length > 0).Select(n => Measure(n, store)).ToImmutableArray();
        Table("operation", costs.GroupBy(c => c.Kind), step, gemm);
        Table("declaration", costs.GroupBy(c => c.Declaration), step, gemm);
        Line(
            $"\nall operations alone: {costs.Sum(c => c.Forward + c.Backward):F0} ms of a step of {step:F0} ms; the rest is "
                + $"losses, optimizer, sums of gradients and what "
                + "one operation leaves in the cache for the next, which may be negative"
        );
    }

    static void Table(string title, IEnumerable<IGrouping<string, Cost>> groups, double step, double gemm)
    {
        Line(
            $"\n| {title} | forward ms | backward ms | share of the step | GFLOP/s, of the matrix product's |\n| --- | --- | "
                + $"--- | --- | --- |"
        );
        foreach (var group in groups.OrderByDescending(g => g.Sum(c => c.Forward + c.Backward)))
        {
            var (forward, backward) = (group.Sum(c => c.Forward), group.Sum(c => c.Backward));
            var speed = 6.0 * group.Sum(c => c.MultiplyAdds) / (forward + backward) / 1e6;
            Line(
                $"| {(group.Key.Length == 0 ? "(picture)" : group.Key)} | {forward:F1} | {backward:F1} | "
                    + $"{(forward + backward) / step:P1} | {(speed > 1 ? $"{speed:F0}, {speed / gemm:P0}" : "")} |"
            );
        }
    }

    static Cost Measure(Node node, ParameterStore store)
    {
        using var scope = NewDisposeScope();
        Tensor Noise(TensorShape shape) =>
            rand(Batch, shape.Channels, shape.Height.Resolve(Height), shape.Width.Resolve(Width)).requires_grad_(true);
        var inputs = node.Inputs.Select(i => Noise(i.Shape)).ToArray();
        var parameters = node
            .Parameters.Select(p => p.Derivation is null ? store[p.Name] : DerivedParameters.Compute(p, store))
            .ToArray();
        var context = new PrimitiveContext(inputs[0], Training: true, new(1, 1));
        var (forward, backward) = (new List<double>(), new List<double>());
        for (var i = 0; i < 4; i++)
        {
            Tensor y = null!;
            // A derived weight's own derivative is not the operation's.
            var own = Array.ConvertAll(
                parameters,
                p => p.is_floating_point() && p.requires_grad ? p.detach().requires_grad_(true) : p
            );
            forward.Add(Clock.Milliseconds(() => y = Primitives.Run(node, inputs, own, context)));
            using var gradient = ones_like(y);
            backward.Add(y.requires_grad ? Clock.Milliseconds(() => y.backward([gradient])) : 0);
            foreach (var leaf in inputs)
                leaf.grad = null;
        }
        var kind = node.Op is Conv conv
            ? $"conv {conv.Kernel}x{conv.Kernel}{(conv.Stride > 1 ? ", stride" : conv.Dilation > 1 ? ", dilated" : "")}"
            : node.Op.Name;
        return new(
            kind,
            node.Declaration,
            Batch * node.MultiplyAdds(Height, Width),
            Clock.Median(forward.Skip(1)),
            Clock.Median(backward.Skip(1))
        );
    }

    static void Line(string text) => Console.WriteLine(text);
}
