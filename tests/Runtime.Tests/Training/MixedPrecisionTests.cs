using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Ops;
using Mtlc.Compiler.Targets.LibTorch;
using Mtlc.Runtime.Checkpoints;
using Mtlc.Runtime.Reports;
using Mtlc.Runtime.Torch;
using Mtlc.Runtime.Training;
using Mtlc.Tests.Torch;
using static TorchSharp.torch;

namespace Mtlc.Tests.Training;

public sealed class MixedPrecisionTests : IDisposable
{
    readonly string root = Directory.CreateTempSubdirectory("mtlc-runs").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    // Everything but a softmax, whose gradient of a mean of squares is small.
    static Graph Network()
    {
        var g = new Graphs();
        var stem = g.Add(
            "trunk.relu",
            new Relu(),
            g.Add("trunk.bn", new BatchNorm(), g.Add("trunk.conv", new Conv(8, 3, 2, Bias: false), g.Image))
        );
        var block = g.Add("trunk.add", new Add(), g.Add("trunk.block", new Conv(8, 3), stem), stem);
        var pooled = g.Add("trunk.spread", new ResizeLike(), g.Add("trunk.pool", new GlobalAvgPool(), block), block);
        var gate = g.Add(
            "trunk.gate",
            new Sigmoid(),
            g.Add("trunk.gating", new Conv(16), g.Add("trunk.concat", new Concat(), block, pooled))
        );
        var logits = g.Add("head.full", new ResizeLike(), g.Add("head.predict", new Conv(3, 3), gate), g.Image);
        return g.Predict("head", "semseg", logits).Build();
    }

    static Dictionary<string, Tensor> Gradients(Graph graph)
    {
        using var scope = NewDisposeScope();
        using var module = new GraphModule(graph, seed: 4, TestDevice.Current);
        module.train();
        using var generator = new Generator(1);
        var result = module.forward(randn(2, 3, 16, 24, generator: generator).to(TestDevice.Current))["head"];
        Assert.Equal(ScalarType.Float32, result.dtype);
        result.pow(Held(2)).mean().backward();
        return module.named_parameters().ToDictionary(p => p.name, p => p.parameter.grad!.MoveToOuterDisposeScope());
    }

    [Fact]
    [Trait("device", "any")]
    public void The_gradient_agrees_with_that_of_float32_within_the_rounding()
    {
        using var scope = NewDisposeScope();
        var exact = Gradients(Network());
        double Error(Precision precision)
        {
            var low = Gradients(MixedPrecision.Run(Network(), precision));
            Assert.Equal(exact.Keys, low.Keys);
            Assert.All(low.Values, g => Assert.Equal(ScalarType.Float32, g.dtype));
            double Norm(Func<string, Tensor> of) => Math.Sqrt(exact.Keys.Sum(name => Math.Pow(of(name).norm().item<float>(), 2)));
            return Norm(name => exact[name] - low[name]) / Norm(name => exact[name]);
        }
        // A dozen roundings on the way, each by at most half a unit in the last place, against the whole gradient: sums over a
        // map may cancel in one tensor.
        var (bf16, fp16) = (Error(Precision.Bf16), Error(Precision.Fp16));
        Assert.InRange(bf16, 1e-5, 12 * Math.Pow(2, -8));
        Assert.InRange(fp16, 1e-6, 12 * Math.Pow(2, -11));
    }

    [Fact]
    public void The_scale_follows_what_overflows()
    {
        var scale = new LossScale();
        for (var i = 1; i < LossScale.GrowthInterval; i++)
            Assert.False(scale.Update(overflowed: false));
        Assert.Equal(65536, scale.Value);
        scale.Update(overflowed: false);
        Assert.Equal((131072, 0), (scale.Value, scale.Good));
        scale.Update(overflowed: false);
        Assert.True(scale.Update(overflowed: true));
        Assert.Equal((65536, 0), (scale.Value, scale.Good)); // good steps are counted anew
        for (var i = 0; i < 16; i++)
            Assert.True(scale.Update(overflowed: true));
        Assert.Equal(LossScale.Floor, scale.Value);
        Assert.False(scale.Update(overflowed: true)); // from here on it is the training that diverges
        Assert.Equal(LossScale.Floor, scale.Value);
    }

    [Theory]
    [InlineData(Precision.Bf16)]
    [InlineData(Precision.Fp16)]
    public void A_run_learns_and_a_resumed_one_equals_one_that_never_stopped(Precision precision)
    {
        var program = TinyRun.Program(epochs: 3);
        program = program with
        {
            Train = program.Train with { Precision = precision },
            Model = program.Model with { TrainingStep = MixedPrecision.Run(program.Model.Training, precision) },
        };
        TrainOptions Options(string name, long? steps = null) =>
            new(Path.Combine(root, name), "cpu", steps, Resume: true) { Data = new TinyRun.Blocks(), Pictures = false };
        var losses = new List<double>();
        var warnings = new List<string>();
        Trainer.Run(program, Options("whole"), new() { Stepped = s => losses.Add(s.Loss), Warned = warnings.Add });
        Trainer.Run(program, Options("parts", 5));
        Trainer.Run(program, Options("parts"));

        Assert.Contains("not faster", warnings[0]);
        Assert.True(losses[^1] < 0.9 * losses[0], $"{losses[0]} {losses[^1]}");
        using var a = Last("whole");
        using var b = Last("parts");
        Assert.Equal((a.Weights.Sha256, a.OptimizerState.Sha256), (b.Weights.Sha256, b.OptimizerState.Sha256));
        Assert.All(
            a.Weights.Tensors.Where(t => t.Key != "trunk.bn.num_batches_tracked"),
            t => Assert.Equal(ScalarType.Float32, t.Value.dtype)
        );
        Assert.Equal(precision == Precision.Fp16, a.Run.Balancing.ContainsKey("loss_scale"));
        if (precision == Precision.Fp16)
            Assert.Equal(a.Run.Balancing["loss_scale"], b.Run.Balancing["loss_scale"]);
    }

    [Fact]
    public void An_overflow_of_scaled_gradients_is_skipped_until_the_scale_is_low_enough_and_is_no_divergence()
    {
        // Logits of a depth in metres and a loss times 3000: its gradients pass 65504 at the first scales.
        var program = TinyRun.Program(
            epochs: 4,
            objective: new Objective.Scaled(3000, new Objective.Term(Loss.Of("l2"), "depth", ["depth"]))
        );
        program = program with
        {
            Train = program.Train with { Precision = Precision.Fp16 },
            Model = program.Model with { TrainingStep = MixedPrecision.Run(program.Model.Training, Precision.Fp16) },
        };
        var steps = new List<StepReport>();
        var warnings = new List<string>();
        var result = Trainer.Run(
            program,
            new(root + "/a", "cpu")
            {
                Data = new TinyRun.Blocks(),
                Pictures = false,
                DivergenceBudget = 0,
            },
            new() { Stepped = steps.Add, Warned = warnings.Add }
        );

        Assert.Equal(TrainingOutcome.Completed, result.Outcome);
        var overflows = steps.TakeWhile(s => s.Skipped).Count();
        Assert.InRange(overflows, 1, 14);
        Assert.Equal(result.Skipped, steps.Count(s => s.Skipped));
        Assert.Contains(warnings, w => w.EndsWith("losses are scaled by 32768 from here on", StringComparison.Ordinal));
        using var last = Last("a");
        Assert.Equal(65536 / Math.Pow(2, result.Skipped), last.Run.Balancing["loss_scale"][0]);
        Assert.Equal(steps.Count - steps.FindLastIndex(s => s.Skipped) - 1, last.Run.Balancing["loss_scale"][1]);
        Assert.Equal(0, last.Run.SkippedInARow);
    }

    Checkpoint Last(string name) => new CheckpointFolder(Path.Combine(root, name, "checkpoints")).Newest();
}
