using System.Collections.Immutable;
using CsCheck;
using Mtlc.Compiler;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Ops;
using Mtlc.Compiler.Passes;
using Mtlc.Compiler.Targets.LibTorch;
using Mtlc.Dsl.Text;
using Mtlc.Runtime.Torch;
using Mtlc.Tests.Torch;
using static TorchSharp.torch;

namespace Mtlc.Tests.Passes;

public class PassTests
{
    static readonly Gen<int[]> Draws = Gen.Int[0, 1 << 20].Array[20, 60];

    public static TheoryData<string> InferencePasses => [.. Pipelines.Inference.Select(p => p.Name)];

    public static TheoryData<string> TrainingPasses => [.. Pipelines.Training.Select(p => p.Name)];

    public static TheoryData<string> EveryPass =>
        [.. Pipelines.Inference.Concat(Pipelines.Training).Select(p => p.Name).Distinct()];

    public static TheoryData<string> Examples =>
        [
            .. Directory
                .GetFiles(Folder(), "*.mtl")
                .Select(p => Path.GetFileName(p))
                .Where(n => n != "recipe.mtl")
                .Order(StringComparer.Ordinal),
        ];

    static string Folder() => Path.Combine(AppContext.BaseDirectory, "examples");

    static Model Example(string name)
    {
        SourceText? Open(string path) => new(path, File.ReadAllText(Path.Combine(Folder(), path)));
        var compilation = Compilation.Compile(Open(name)!, Open);
        Assert.Empty(compilation.Diagnostics.Where(d => d.Severity == Dsl.Diagnostics.Severity.Error));
        return compilation.Program!.Model;
    }

    static Tensor Pictures(int height, int width)
    {
        using var generator = new Generator(1);
        return randn([2, 3, height, width], generator: generator);
    }

    /// <summary>Each pass and those before it, on networks made of whatever they look for.</summary>
    [Theory]
    [MemberData(nameof(InferencePasses))]
    public void Inference_passes_leave_what_random_networks_predict(string last)
    {
        var passes = Pipelines.Inference[..(Pipelines.Inference.ToList().FindIndex(p => p.Name == last) + 1)];
        Draws.Sample(
            draws =>
            {
                using var pictures = Pictures(32 + draws[0] % 3, 48);
                var graph = RandomNetwork.Build(draws);
                var before = passes[..^1].Apply(graph);
                var after = passes[^1..].Apply(before);
                Agreement.InEvaluation(graph, after, draws[0], pictures);
            },
            iter: 15,
            threads: 1
        );
        Assert.True(last == "dead-code" || FindsWork(passes[^1..], passes[..^1]), "the pass never finds anything to do");
    }

    // In networks that are the same in every run.
    static bool FindsWork(ImmutableArray<Pass> passes, ImmutableArray<Pass> before) =>
        Enumerable
            .Range(0, 50)
            .Any(seed =>
            {
                var random = new Random(seed);
                var graph = before.Apply(RandomNetwork.Build([.. Enumerable.Range(0, 60).Select(_ => random.Next(1 << 20))]));
                return !graph.Nodes.SequenceEqual(passes.Apply(graph).Nodes);
            });

    /// <summary>Each pass on a network that no other has touched.</summary>
    [Theory]
    [MemberData(nameof(EveryPass))]
    public void A_pass_alone_leaves_what_random_networks_predict(string name)
    {
        var pass = Pipelines.Inference.Concat(Pipelines.Training).First(p => p.Name == name);
        Draws.Sample(
            draws =>
            {
                using var pictures = Pictures(32, 48 + draws[0] % 3);
                var graph = RandomNetwork.Build(draws);
                var after = pass.Run(graph);
                Verifier.Check(after, name);
                Agreement.InEvaluation(graph, after, draws[0], pictures);
            },
            iter: 8,
            threads: 1
        );
        Assert.True(FindsWork([pass], []), "the pass never finds anything to do");
    }

    [Theory]
    [MemberData(nameof(TrainingPasses))]
    public void Training_passes_leave_predictions_gradients_and_statistics(string last)
    {
        var passes = Pipelines.Training[..(Pipelines.Training.ToList().FindIndex(p => p.Name == last) + 1)];
        Draws.Sample(
            draws =>
            {
                using var pictures = Pictures(32, 48);
                var graph = RandomNetwork.Build(draws);
                Agreement.InTraining(graph, passes.Apply(graph), draws[0], pictures);
            },
            iter: 10,
            threads: 1
        );
    }

    [Theory]
    [MemberData(nameof(Examples))]
    [Trait("device", "any")]
    public void The_examples_predict_the_same_with_less_arithmetic(string example)
    {
        var model = Example(example);
        var scored = model.Inference.Outputs.ToDictionary(o => o.Task, StringComparer.Ordinal);
        var source = DeadCode.Remove(
            model.Training.With(
                model.Training.Nodes,
                [
                    .. model
                        .Training.Outputs.Where(o => o.IsFinal && scored.ContainsKey(o.Task))
                        .Select(o => o with { Name = o.Task }),
                ]
            )
        );
        using var pictures = Pictures(64, 96).to(TestDevice.Current);
        Agreement.InEvaluation(source, model.Inference, 3, pictures);
        Agreement.InEvaluation(source, model.Neutral, 3, pictures);
        Assert.All(model.Neutral.Nodes, n => Assert.Equal(typeof(Conv).Namespace, n.Op.GetType().Namespace)); // none of libtorch's own
        Assert.True(model.Inference.MultiplyAdds(256, 512) < source.MultiplyAdds(256, 512));
        Assert.Subset(source.Parameters.ToHashSet(), model.Inference.Parameters.ToHashSet());
        Assert.Equal(model.Training.Parameters, model.TrainingStep.Parameters);
    }

    [Fact]
    public void Constant_weights_are_given_back_once_laid_out_and_predictions_stay()
    {
        var graph = Example("branched.mtl").Inference;
        using var scope = NewDisposeScope();
        using var gradients = no_grad();
        using var kept = Agreement.Trained(graph, 5);
        using var consumed = Agreement.Trained(graph, 5);
        using var module = new GraphModule(graph, kept);
        using var constant = new GraphModule(graph, consumed, constant: true);
        module.eval();
        foreach (var (height, width) in ((int, int)[])[(64, 96), (96, 64)])
        {
            using var pictures = Pictures(height, width);
            var (wanted, given) = (module.forward(pictures), constant.forward(pictures));
            constant.eval(); // says nothing new to what is constant
            foreach (var (name, value) in wanted)
                Assert.True(value.equal(given[name]).all().item<bool>(), name);
            // Every convolution of this network is folded or prepacked; what is left are biases.
            Assert.All(consumed.All, p => Assert.True(p.Value.dim() <= 1, p.Name));
        }
        Assert.Empty(constant.state_dict());
        Assert.Throws<ArgumentException>(() => new GraphModule(Example("branched.mtl").Training, kept, constant: true));
    }

    /// <summary>At 32x32 layer4 makes one pixel, to which its shortcut is added.</summary>
    [Fact]
    public void A_picture_may_be_as_small_as_the_output_stride()
    {
        var model = Example("baseline.mtl");
        var source = model.Training.With(model.Training.Nodes, [.. model.Training.Outputs.Select(o => o with { Name = o.Task })]);
        using var pictures = Pictures(32, 32);
        Agreement.InEvaluation(source, model.Inference, 3, pictures);
    }

    /// <summary>A refinement of depth: what is added has one channel.</summary>
    [Fact]
    public void One_channel_may_be_added_to()
    {
        var graphs = new Graphs();
        var depth = graphs.Add("depth", new Conv(1, 3), graphs.Image);
        graphs.Predict("refined", "depth", graphs.Add("refined", new Add(), graphs.Add("sharpen", new Conv(1, 3), depth), depth));
        var source = graphs.Build();
        using var pictures = Pictures(32, 32);
        Agreement.InEvaluation(source, Pipelines.Inference.Apply(source), 3, pictures);
    }
}
