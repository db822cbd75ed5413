using Mtlc.Compiler;
using Mtlc.Compiler.Ir;
using Mtlc.Runtime.Torch;
using static TorchSharp.torch;

namespace Mtlc.Tests.Torch;

/// <summary>`frozen: true`: a statement computes as in evaluation, and nothing of it changes.</summary>
public class FrozenTests
{
    const string Text = """
        component body(x) { return conv(x, 8, kernel: 3, stride: 2, bias: false) |> batch_norm |> relu |> dropout(rate: 0.5) }
        model small {
          task depth: depth
          encoder trunk: body
          let widened = conv_bn_relu(trunk, 8)
          aspp context: widened -> 8 { using: adapted }
          decoder head: context -> depth { convs: 1, width: 8 }
          loss: l2(depth)
        }
        component adapted(x, out) { return x + (conv(x, out) |> batch_norm) }
        """;

    [Theory]
    [InlineData("trunk")]
    [InlineData("context")]
    public void A_frozen_statement_has_no_gradient_and_keeps_its_statistics(string frozen)
    {
        using var scope = NewDisposeScope();
        var compiled = Compilation.Compile(new("small.mtl", Text), null, [$"{frozen}.frozen=true"]);
        var model = compiled.Program!.Model;
        using var module = new GraphModule(model.TrainingStep, 3);
        foreach (var (name, value) in module.Parameters.All.Where(p => p.Name.EndsWith("running_mean", StringComparison.Ordinal)))
            module.Parameters.Set(name, full_like(value, Held(0.25)));
        var before = module.Parameters.All.ToDictionary(p => p.Name, p => p.Value.clone());
        using var generator = new Generator(1);
        using var pictures = randn([2, 3, 16, 16], generator: generator);

        module.train();
        module.Randomness = new(1, 1, 1);
        var outputs = module.forward(pictures);
        outputs["head"].pow(Held(2)).sum().backward();

        Assert.DoesNotContain(module.named_parameters(), p => p.name.StartsWith(frozen + ".", StringComparison.Ordinal));
        foreach (var parameter in model.Training.Parameters.Where(p => p.Spec.IsTrainable))
        {
            var gradient = module.Parameters[parameter.Name].grad;
            // Through what is frozen gradients reach what is trained before it.
            Assert.Equal(parameter.Name.StartsWith(frozen + ".", StringComparison.Ordinal), gradient is null);
            Assert.True(gradient is null || gradient.abs().sum().item<float>() > 0, parameter.Name);
        }
        foreach (var (name, value) in module.Parameters.All.Where(p => p.Name.Contains("running", StringComparison.Ordinal)))
            Assert.Equal(name.StartsWith(frozen + ".", StringComparison.Ordinal), value.equal(before[name]).all().item<bool>());
    }

    [Fact]
    public void A_frozen_encoder_computes_as_in_evaluation()
    {
        using var scope = NewDisposeScope();
        Model Compile(params string[] sets) => Compilation.Compile(new("small.mtl", Text), null, sets).Program!.Model;
        var (free, frozen) = (Compile(), Compile("trunk.frozen=true", "context.frozen=true"));
        using var pictures = randn(2, 3, 16, 16);
        Tensor Trunk(Model model, bool training)
        {
            var value = model.Declarations.Single(d => d.Name == "trunk").Result!;
            using var module = new GraphModule(
                model.Training.With(model.Training.Nodes, [new("trunk", "depth", value, true)]),
                3
            );
            module.train(training);
            module.Randomness = new(1, 1, 1);
            return module.forward(pictures)["trunk"].detach();
        }
        Assert.True(Trunk(free, training: false).equal(Trunk(frozen, training: true)).all().item<bool>());
        Assert.False(Trunk(free, training: false).equal(Trunk(free, training: true)).all().item<bool>());
    }
}
