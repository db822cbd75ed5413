using Mtlc.Compiler;
using Mtlc.Compiler.Ops;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Runtime.Checkpoints;
using Mtlc.Runtime.Export;
using Mtlc.Runtime.Files;
using Mtlc.Runtime.Torch;
using Mtlc.Runtime.Training;
using Mtlc.Runtime.Weights;
using Mtlc.Tests.Passes;
using Mtlc.Tests.Torch;
using static TorchSharp.torch;

namespace Mtlc.Tests.Training;

/// <summary>`adapt: lora` in training: what is trained, resumed, loaded and exported.</summary>
public sealed class AdapterTests : IDisposable
{
    readonly string root = Directory.CreateTempSubdirectory("mtlc-adapters").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    const string Text = """
        component body(x) { return mit(x, [8, 16, 40, 64], [1, 1, 1, 1], 0.5) }
        model small {
          task depth: depth
          encoder trunk: body { frozen: true, adapt: lora { rank: 2, alpha: 6, on: all } }
          decoder depth: trunk/4 -> depth { convs: 0, kernel: 1 }
          loss: l2(depth)
        }
        train { optimizer: adamw { lr: 1e-2 }, batch: 4, epochs: 2, seed: 5 }
        data { source: synthetic { scenes: 16, size: 32x64, seed: 1 }, augment: { crop: 32 } }
        """;

    static CompiledProgram Program(params string[] sets)
    {
        var compilation = Compilation.Compile(new("small.mtl", Text), null, sets);
        Assert.Empty(compilation.Diagnostics.Select(d => d.Message));
        return compilation.Program!;
    }

    static bool IsAdapter(string name) =>
        name.EndsWith("lora_a", StringComparison.Ordinal) || name.EndsWith("lora_b", StringComparison.Ordinal);

    /// <summary>Two ranges of three outputs: y = W x + b, and beside the first and the third 3/2 B A x.</summary>
    [Fact]
    public void It_computes_and_differentiates_what_the_paper_writes()
    {
        using var scope = NewDisposeScope();
        TorchRuntime.Start();
        var g = new Graphs();
        var y = g.Add("y", new Adapted(new Linear(6), 2, 1.5, [new(0, 2), new(4, 2)]), g.Image);
        var graph = g.Predict("y", "depth", y).Build();
        using var module = new GraphModule(graph, 4);
        using var generator = new Generator(2);
        using (no_grad())
            module.Parameters["y.lora_b"].normal_(0, 1, generator);
        using var x = randn([2, 3, 4, 5], generator: generator);
        using var weights = randn([2, 6, 4, 5], generator: generator);
        (module.forward(x)["y"] * weights).sum().backward();

        var p = module.Parameters.All.ToDictionary(
            v => v.Name,
            v => v.Value.detach().to(ScalarType.Float64).requires_grad_(true)
        );
        var (a, b) = (p["y.lora_a"], p["y.lora_b"]);
        var delta = cat(
            [b.narrow(0, 0, 2).mm(a.narrow(0, 0, 2)), zeros([2, 3], ScalarType.Float64), b.narrow(0, 2, 2).mm(a.narrow(0, 2, 2))],
            0
        );
        var whole = p["y.weight"].Plus(delta * Held(1.5));
        var expected = einsum("oi,nihw->nohw", whole, x.to(ScalarType.Float64)).Plus(p["y.bias"].view(1, 6, 1, 1));
        (expected * weights.to(ScalarType.Float64)).sum().backward();

        Close(expected, module.forward(x)["y"]);
        foreach (var (name, value) in p)
            Close(value.grad!, module.Parameters[name].grad!);

        static void Close(Tensor wanted, Tensor given) =>
            Assert.True(
                (wanted - given.to(ScalarType.Float64)).abs().max().item<double>() < 1e-5 * wanted.abs().max().item<double>()
            );
    }

    [Fact]
    public void It_starts_from_the_encoder_as_it_is_and_evaluates_what_it_trained()
    {
        using var scope = NewDisposeScope();
        var (plain, adapted) = (Program("trunk.adapt=none").Model, Program().Model);
        using var pictures = randn(2, 3, 32, 64);
        using (var before = new GraphModule(plain.Training, 3))
        using (var after = new GraphModule(adapted.TrainingStep, 3))
        {
            before.train();
            after.train(); // stochastic depth is off in what is frozen
            Assert.True(before.forward(pictures)["depth"].equal(after.forward(pictures)["depth"]).all().item<bool>());
        }
        Agreement.InEvaluation(adapted.Training, adapted.Inference, 3, pictures);
        Agreement.InTraining(adapted.Training, adapted.TrainingStep, 3, pictures);
    }

    [Theory]
    [InlineData("recompute=false")]
    [InlineData("recompute=true")]
    public void A_run_trains_adapters_and_the_head_alone_and_resumes_to_the_bit(string set)
    {
        var program = Program($"trunk.{set}");
        TrainOptions Options(string name, long? steps = null, bool resume = false) =>
            new(Path.Combine(root, name), TestDevice.Name, steps, resume);
        Trainer.Run(program, Options("whole"));
        Trainer.Run(program, Options("parts", steps: 3));
        Trainer.Run(program, Options("parts", resume: true));
        using var whole = new CheckpointFolder(Path.Combine(root, "whole", "checkpoints")).Newest();
        using var parts = new CheckpointFolder(Path.Combine(root, "parts", "checkpoints")).Newest();
        foreach (var (a, b) in new[] { (whole.Weights, parts.Weights), (whole.OptimizerState, parts.OptimizerState) })
        {
            Assert.Equal(a.Tensors.Keys, b.Tensors.Keys);
            Assert.All(a.Tensors, t => Assert.True(t.Value.equal(b.Tensors[t.Key]).all().item<bool>(), t.Key));
        }
        using var start = new ParameterStore(program.Model.Training.Parameters, program.Train.Seed);
        foreach (var (name, value) in start.All)
        {
            var same = value.equal(whole.Weights.Tensors[name]).all().item<bool>();
            Assert.True(same != (IsAdapter(name) || name.StartsWith("depth.", StringComparison.Ordinal)), name);
        }
    }

    /// <summary>A file of the encoder alone, of an adapted one, and of one that lacks something of its adapters.</summary>
    [Fact]
    public void Weights_are_read_as_strictly_as_without_adapters()
    {
        using var scope = NewDisposeScope();
        TorchRuntime.Start();
        var path = Path.Combine(root, "w.safetensors");
        var model = Program($"trunk.weights=\"{path.Replace('\\', '/')}\"").Model;
        using var saved = Agreement.Trained(model.Training, 9);
        List<(string Name, Tensor Value)> all = [.. saved.All.Where(p => p.Name.StartsWith("trunk.", StringComparison.Ordinal))];
        var plain = all.Where(p => !IsAdapter(p.Name)).ToList();

        var loaded = Load(plain);
        Assert.Equal(plain.Count, loaded.Loaded.Loaded);
        Assert.True(loaded.Store["trunk.block1.0.attn.q.lora_b"].abs().max().item<float>() == 0);
        loaded = Load(all);
        Assert.Equal((all.Count, 0), (loaded.Loaded.Loaded, loaded.Loaded.Unused.Length));
        Assert.All(all, p => Assert.True(p.Value.equal(loaded.Store[p.Name]).all().item<bool>(), p.Name));
        var lacking = Assert.Throws<DataException>(() => Load(all[..^1].Where(p => p.Name != "trunk.block1.0.attn.q.lora_a")));
        Assert.Contains("trunk.block1.0.attn.q.lora_a", lacking.Message, StringComparison.Ordinal);
        lacking = Assert.Throws<DataException>(() => Load(plain.Where(p => p.Name != "trunk.block1.0.attn.q.weight")));
        Assert.Contains("lacks 1 of", lacking.Message, StringComparison.Ordinal);

        (LoadedWeights Loaded, ParameterStore Store) Load(IEnumerable<(string, Tensor)> tensors)
        {
            SafeTensors.Save(path, tensors);
            var store = new ParameterStore(model.Training.Parameters, 5);
            return (EncoderWeightsLoader.Load(model, store).Single(), store);
        }
    }

    [Fact]
    public void Its_ONNX_file_computes_the_same_without_an_operator_more()
    {
        var (plain, adapted) = (Path.Combine(root, "plain.onnx"), Path.Combine(root, "adapted.onnx"));
        OnnxExporter.Run(Program("trunk.adapt=none"), null, new(plain), new DiagnosticBag());
        var certificate = OnnxExporter.Run(Program(), null, new(adapted), new DiagnosticBag())!.Certificate!;
        Assert.True(certificate.IsKept);
        Assert.Equal(
            OnnxFile.Read(plain).Graph.Node.Select(n => n.OpType),
            OnnxFile.Read(adapted).Graph.Node.Select(n => n.OpType)
        );
    }
}
