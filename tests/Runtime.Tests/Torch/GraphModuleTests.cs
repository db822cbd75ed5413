using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Ops;
using Mtlc.Runtime.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Mtlc.Tests.Torch;

public class GraphModuleTests
{
    // A stem, a residual block, dropout, a head at a quarter resized to the picture, and a deep-supervision head.
    static Graph Network()
    {
        var g = new Graphs();
        var stem = g.Add("trunk.conv1", new Conv(8, 3, 2, Bias: false, Init: ConvInit.Kaiming), g.Image);
        var normed = g.Add("trunk.bn1", new BatchNorm(), stem);
        var relu = g.Add("trunk.relu", new Relu(), normed);
        var block = g.Add("trunk.layer1.0.conv1", new Conv(8, 3), relu);
        var added = g.Add("trunk.layer1.0.add", new Add(), block, relu);
        var dropped = g.Add("trunk.drop", new Dropout(0.25), added);
        var early = g.Add("early.predict", new Conv(5), relu);
        var earlyFull = g.Add("early.full", new ResizeLike(), early, g.Image);
        var late = g.Add("late.predict", new Conv(5, 3), dropped);
        var lateFull = g.Add("late.full", new ResizeLike(), late, g.Image);
        return g.Predict("early", "semseg", earlyFull, isFinal: false).Predict("late", "semseg", lateFull).Build();
    }

    [Fact]
    public void Predicts_every_output_at_the_size_of_the_picture()
    {
        using var module = new GraphModule(Network());
        using var scope = NewDisposeScope();
        var result = module.forward(rand(2, 3, 17, 22));
        Assert.Equal(["early", "late"], result.Keys);
        Assert.All(result.Values, value => Assert.Equal([2, 5, 17, 22], value.shape));
    }

    [Fact]
    public void State_dict_has_the_names_of_the_graph_in_its_order()
    {
        using var module = new GraphModule(Network());
        string[] expected =
        [
            "trunk.conv1.weight",
            "trunk.bn1.weight",
            "trunk.bn1.bias",
            "trunk.bn1.running_mean",
            "trunk.bn1.running_var",
            "trunk.bn1.num_batches_tracked",
            "trunk.layer1.0.conv1.weight",
            "trunk.layer1.0.conv1.bias",
            "early.predict.weight",
            "early.predict.bias",
            "late.predict.weight",
            "late.predict.bias",
        ];
        Assert.Equal(expected, module.state_dict().Keys);
        Assert.Equal(9, module.parameters().Count());
        Assert.Equal(module.Graph.TrainableCount, module.parameters().Sum(p => p.numel()));
        Assert.Equal(ScalarType.Int64, module.get_buffer("trunk.bn1.num_batches_tracked")!.dtype);
        Assert.True(module.has_parameter("late.predict.bias"));
        Assert.False(module.has_buffer("late.predict.bias"));
    }

    [Fact]
    public void A_start_depends_on_seed_and_name_alone()
    {
        Parameter P(string name) => new(name, new ParameterSpec("weight", [4, 3], Initializer.Uniform, FanIn: 3));
        using var one = new ParameterStore([P("a"), P("b")], 7);
        using var other = new ParameterStore([P("c"), P("b"), P("a")], 7);
        using var reseeded = new ParameterStore([P("a")], 8);
        Assert.True(one["a"].equal(other["a"]).all().item<bool>());
        Assert.True(one["b"].equal(other["b"]).all().item<bool>());
        Assert.False(one["a"].equal(other["b"]).all().item<bool>());
        Assert.False(one["a"].equal(reseeded["a"]).all().item<bool>());
    }

    [Fact]
    public void Starts_are_distributed_as_declared()
    {
        ParameterSpec Spec(Initializer start) => new("weight", [64, 64, 3, 3], start, FanIn: 576, FanOut: 288);
        Initializer[] starts =
        [
            Initializer.Zeros,
            Initializer.Ones,
            Initializer.Uniform,
            Initializer.Kaiming,
            Initializer.Normal,
        ];
        using var store = new ParameterStore(starts.Select(i => new Parameter($"{i}", Spec(i))));
        Assert.Equal(0, store["Zeros"].abs().max().item<float>());
        Assert.Equal(1, store["Ones"].min().item<float>());
        Assert.InRange(store["Uniform"].abs().max().item<float>(), 0.99 / 24, 1.0 / 24);
        Assert.InRange(store["Uniform"].std().item<float>() * 24 * Math.Sqrt(3), 0.98, 1.02);
        Assert.InRange(store["Kaiming"].std().item<float>() / Math.Sqrt(2.0 / 288), 0.98, 1.02);
        Assert.InRange(store["Normal"].std().item<float>() / 0.02, 0.98, 1.02);
    }

    [Fact]
    public void Gradients_reach_every_parameter()
    {
        using var module = new GraphModule(Network(), seed: 1);
        module.train();
        using var scope = NewDisposeScope();
        var result = module.forward(rand(2, 3, 16, 16));
        result["early"].pow(Held(2)).mean().Plus(result["late"].pow(Held(2)).mean()).backward();
        Assert.All(module.named_parameters(), p => Assert.True(p.parameter.grad?.abs().sum().item<float>() > 0, p.name));
    }

    [Fact]
    public void Evaluation_leaves_the_running_statistics_and_training_moves_them()
    {
        using var module = new GraphModule(Network());
        using var scope = NewDisposeScope();
        var mean = module.get_buffer("trunk.bn1.running_mean")!;
        var batches = module.get_buffer("trunk.bn1.num_batches_tracked")!;
        module.eval();
        var first = module.forward(ones(1, 3, 16, 16))["late"];
        Assert.True(first.equal(module.forward(ones(1, 3, 16, 16))["late"]).all().item<bool>());
        Assert.Equal(0, mean.abs().max().item<float>());
        module.train();
        module.forward(ones(1, 3, 16, 16));
        Assert.NotEqual(0, mean.abs().max().item<float>());
        Assert.Equal(1, batches.item<long>());
    }

    [Theory]
    [InlineData("dropout")]
    [InlineData("drop_path")]
    public void Dropping_keeps_the_mean_and_repeats_for_the_same_step(string kind)
    {
        var g = new Graphs();
        Op op = kind == "dropout" ? new Dropout(0.25) : new DropPath(0.25);
        using var module = new GraphModule(g.Predict("y", "t", g.Add("drop", op, g.Image)).Build());
        using var scope = NewDisposeScope();
        var x = ones(2000, 3, 1, 2);
        Tensor At(long step)
        {
            module.Randomness = new RandomStream(3, step);
            return module.forward(x)["y"];
        }
        module.train();
        var y = At(5);
        At(6);
        Assert.True(y.equal(At(5)).all().item<bool>());
        Assert.False(y.equal(At(6)).all().item<bool>());
        Assert.InRange(y.mean().item<float>(), 0.95, 1.05);
        Assert.InRange(y.eq(Held(0)).to(ScalarType.Float32).mean().item<float>(), 0.22, 0.28);
        Assert.Equal(1 / 0.75, y.max().item<float>(), 5);
        var perSample = y.flatten(1).std(1).max().item<float>();
        Assert.Equal(kind == "drop_path", perSample == 0);
        module.eval();
        Assert.True(At(5).equal(x).all().item<bool>());
    }

    [Fact]
    public void Modules_on_one_store_share_their_weights()
    {
        var graph = Network();
        using var training = new GraphModule(graph);
        using var inference = new GraphModule(graph.With(graph.Nodes, [graph.Outputs[1]]), training.Parameters);
        inference.eval();
        training.eval();
        using var scope = NewDisposeScope();
        var x = rand(1, 3, 16, 16);
        using (no_grad())
            training.get_parameter("late.predict.bias")!.PlusInPlace(1);
        Assert.True(inference.forward(x)["late"].equal(training.forward(x)["late"]).all().item<bool>());
    }

    [Fact]
    public void Only_the_outputs_outlive_a_forward_pass()
    {
        using var module = new GraphModule(Network());
        module.train();
        using var x = rand(1, 3, 16, 16);
        for (var i = 0; i < 3; i++)
        {
            var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
            var result = module.forward(x);
            Assert.Equal(result.Count, DisposeScopeManager.Statistics.ThreadTotalLiveCount - before);
            foreach (var output in result.Values)
                output.Dispose();
        }
    }

    [Fact]
    public void Wrong_parameters_and_inputs_are_named()
    {
        var graph = Network();
        using var empty = new ParameterStore([]);
        Assert.Contains("trunk.conv1.weight", Assert.Throws<ArgumentException>(() => new GraphModule(graph, empty)).Message);
        using var module = new GraphModule(graph);
        Assert.Contains("[N, 3, H, W]", Assert.Throws<ArgumentException>(() => module.forward(zeros(3, 4))).Message);
    }
}
