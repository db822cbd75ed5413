using System.Runtime.CompilerServices;
using Mtlc.Compiler;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Views;
using Mtlc.Dsl.Text;
using Mtlc.Runtime.Torch;
using Mtlc.Runtime.Training.Balancing;
using TorchSharp;
using static TorchSharp.torch;

namespace Mtlc.Tests.Torch;

public class RecomputationTests
{
    const string Dropping = """
        component body(x) { return conv(x, 16, kernel: 3, bias: false) |> batch_norm |> relu |> dropout(rate: 0.3) }
        component trunk_net(x) {
          let quarter = conv(x, 8, kernel: 3, stride: 4, bias: false) |> batch_norm |> relu
          let out = quarter |> body |> drop_path(rate: 0.2)
          return out
        }
        component sharpen(x, by = 0.5) { return x + conv(x, channels(x), kernel: 3) |> dropout }
        model dropping {
          task semseg: segmentation { classes: 19 }
          task depth: depth
          encoder trunk: trunk_net
          aspp context: trunk -> 16
          attention gated: semseg_1
          decoder semseg_1: context + trunk -> semseg { width: 16 }
          decoder depth_1: context + gated + skip trunk/4 -> depth { width: 16, skip_width: 4 }
          refine depth: sharpen(by: 0.25)
          loss: cross_entropy(semseg) + l2(depth)
        }
        """;

    static string Examples([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../../examples"));

    static Model Example(string name, params string[] sets)
    {
        SourceText? Open(string path) => new(path, File.ReadAllText(Path.Combine(Examples(), path)));
        return Compilation.Compile(Open(name)!, Open, sets).Program!.Model;
    }

    static Model Compile(string text, params string[] sets)
    {
        var compiled = Compilation.Compile(new("net.mtl", text), null, sets);
        Assert.Empty(compiled.Diagnostics.Select(d => d.Message));
        return compiled.Program!.Model;
    }

    /// <summary>Gradients, buffers and predictions of a training step on noise.</summary>
    static Dictionary<string, Tensor> Step(Model model, int size, Action<Tensor, Tensor, GraphModule>? backward = null)
    {
        using var scope = NewDisposeScope();
        using var store = new ParameterStore(model.Training.Parameters, 3);
        using var module = new GraphModule(model.TrainingStep, store);
        module.train();
        module.Randomness = new(5, 11, 1);
        using var generator = new Generator(7);
        var outputs = module.forward(randn(2, 3, size, size, generator: generator));
        var first = outputs.Values.First().pow(Held(2)).mean();
        var others = outputs.Values.Skip(1).Select(o => o.pow(Held(2)).mean()).Aggregate(zeros([]), (a, b) => a.Plus(b));
        if (backward is null)
            first.Plus(others).backward();
        else
            backward(first, others, module);
        var found = new Dictionary<string, Tensor>();
        foreach (var (name, value) in outputs)
            found[$"output {name}"] = value.detach();
        foreach (var (name, parameter) in module.named_parameters())
            found[$"gradient of {name}"] = parameter.grad!.alias();
        foreach (var (name, buffer) in module.named_buffers())
            found[name] = buffer.clone();
        foreach (var value in found.Values)
            value.MoveToOuterDisposeScope();
        return found;
    }

    static void Same(Dictionary<string, Tensor> expected, Dictionary<string, Tensor> found, double tolerance = 0)
    {
        Assert.Equal(expected.Keys, found.Keys);
        foreach (var (name, value) in expected)
        {
            if (tolerance == 0 || !name.StartsWith("gradient", StringComparison.Ordinal))
                Assert.True(
                    value.equal(found[name]).all().item<bool>(),
                    $"{name} differs by {(value - found[name]).abs().max().to(ScalarType.Float32).item<float>()}"
                );
            else
                Assert.True(
                    (value - found[name]).abs().max().to(ScalarType.Float32).item<float>()
                        <= tolerance * value.abs().max().to(ScalarType.Float32).item<float>() + 1e-9,
                    name
                );
        }
    }

    public static TheoryData<string> Networks =>
        new(
            Directory
                .GetFiles(Examples(), "*.mtl")
                .Select(p => Path.GetFileName(p))
                .Where(n => n != "recipe.mtl")
                .Order(StringComparer.Ordinal)
        );

    [Theory]
    [MemberData(nameof(Networks))]
    public void A_recomputed_trunk_gives_the_same_gradients_and_statistics_to_the_last_bit(string name)
    {
        using var scope = NewDisposeScope();
        var model = Example(name, "trunk.recompute=true");
        Assert.Contains(model.TrainingStep.Nodes, n => n.IsRecomputed);
        Same(Step(Example(name), 64), Step(model, 64));
    }

    [Fact]
    public void Every_declaration_draws_the_same_numbers_and_gives_the_same_gradients()
    {
        using var scope = NewDisposeScope();
        var plain = Step(Compile(Dropping), 32);
        string[] boxes = ["trunk", "context", "gated", "semseg_1", "depth_1"];
        Same(plain, Step(Compile(Dropping, "trunk.recompute=true"), 32));
        // Where others too read what a declaration reads in several places, gradients are added in another order.
        foreach (var box in boxes)
            Same(plain, Step(Compile(Dropping, $"{box}.recompute=true"), 32), 1e-5);
        var refined = Dropping.Replace("sharpen(by: 0.25)", "sharpen(by: 0.25) { recompute: true }");
        Same(plain, Step(Compile(refined), 32));
        var all = Compile(refined, [.. boxes.Select(b => $"{b}.recompute=true")]);
        Assert.All(all.Training.Nodes.Where(n => n.Declaration.Length > 0), n => Assert.True(n.IsRecomputed, n.Name));
        Same(plain, Step(all, 32), 1e-5);
    }

    [Fact]
    public void Gradients_of_one_loss_alone_are_as_exact()
    {
        using var scope = NewDisposeScope();
        void PcGrad(Tensor first, Tensor others, GraphModule module) =>
            new PcGrad(1).Backward([first, others], new(4, [.. module.parameters()]));
        void GradNorm(Tensor first, Tensor others, GraphModule module) =>
            new GradNorm(2, alpha: 1.5, rate: 0.025).Backward([first, others], new(4, [.. module.parameters()]));
        foreach (var backward in new Action<Tensor, Tensor, GraphModule>[] { PcGrad, GradNorm })
        {
            Same(
                Step(Compile(Dropping), 32, backward),
                Step(Compile(Dropping, "trunk.recompute=true", "context.recompute=true", "depth_1.recompute=true"), 32, backward),
                1e-5
            );
        }
    }

    [Fact]
    public void Evaluation_and_inference_know_nothing_of_it()
    {
        using var scope = NewDisposeScope();
        var (plain, recomputed) = (Compile(Dropping), Compile(Dropping, "trunk.recompute=true"));
        var x = randn(1, 3, 32, 32);
        Dictionary<string, Tensor> Run(Graph graph)
        {
            using var module = new GraphModule(graph, seed: 2);
            module.eval();
            using var off = no_grad();
            return module.forward(x).ToDictionary();
        }
        Assert.Equal(TextDump.Write(plain.Inference), TextDump.Write(recomputed.Inference));
        Same(Run(plain.TrainingStep), Run(recomputed.TrainingStep));
    }

    [Fact]
    public void A_step_leaves_no_tensor_behind()
    {
        var model = Compile(Dropping, "trunk.recompute=true", "semseg_1.recompute=true");
        var live = new List<long>();
        for (var i = 0; i < 4; i++)
        {
            using (NewDisposeScope())
                Step(model, 32);
            live.Add(DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        }
        Assert.True(live[^1] <= live[1], $"{live[1]} tensors became {live[^1]}");
    }
}
