using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Mtlc.Compiler;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Passes;
using Mtlc.Compiler.Targets.LibTorch;
using Mtlc.Dsl.Text;
using Mtlc.Runtime.Torch;
using Mtlc.Tests.Weights;
using static TorchSharp.torch;

namespace Mtlc.Tests.Networks;

/// <summary>The library's encoders against torchvision's own modules, and others written from the papers
/// (tests/reference/encoders.py, backbones.py).</summary>
public sealed class EncoderTests
{
    static readonly JsonElement Root = JsonDocument
        .Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "reference", "encoders.json")))
        .RootElement;

    public static TheoryData<string> Names => [.. Root.EnumerateObject().Select(p => p.Name)];

    public static TheoryData<string> Trained =>
        [.. Root.EnumerateObject().Where(p => p.Value.TryGetProperty("gradients", out _)).Select(p => p.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Names_shapes_and_features_are_torchvisions(string name)
    {
        var (model, expected) = (Compile(name), Root.GetProperty(name));
        var own = model.Training.Parameters.Where(p => p.Name.StartsWith("trunk.", StringComparison.Ordinal)).ToList();
        var lines = own.Select(p =>
            $"{p.Name["trunk.".Length..]} {(p.Dimensions.IsEmpty ? "scalar" : string.Join('x', p.Dimensions))}\n"
        );
        Assert.Equal(expected.GetProperty("parameters").GetInt64(), own.Where(p => p.IsTrainable).Sum(p => p.Count));
        Assert.Equal(expected.GetProperty("tensors").GetInt32(), own.Count);
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(lines.Order(StringComparer.Ordinal))));
        Assert.Equal(expected.GetProperty("state").GetString(), Convert.ToHexStringLower(digest));

        using var values = NewDisposeScope();
        // The graph as the source says it, and as every pass of inference leaves it.
        var outputs = expected
            .GetProperty("evaluation")
            .EnumerateObject()
            .Select(p => new GraphOutput(
                p.Name,
                p.Name,
                model.Declarations.Single(d => d.Name == $"at_{p.Name[2..]}").Result!,
                true
            ));
        var plain = DeadCode.Remove(model.Training.With(model.Training.Nodes, [.. outputs]));
        using var parameters = ParameterStore.Of(plain.Parameters, plain.Parameters.ToDictionary(p => p.Name, Weight), CPU);
        Evaluate(plain);
        Evaluate(Pipelines.Inference.Aggregate(plain, (graph, pass) => pass.Run(graph)));

        void Evaluate(Graph graph)
        {
            using var scope = NewDisposeScope();
            using var gradients = no_grad();
            using var module = new GraphModule(graph, parameters);
            module.eval();
            ReferenceNetwork.Agree(expected.GetProperty("evaluation"), module.forward(Pictures(name)).GetValueOrDefault, 1e-5);
        }
    }

    [Theory]
    [MemberData(nameof(Trained))]
    public void Gradients_of_training_are_torchvisions(string name)
    {
        var model = Compile(name);
        using var scope = NewDisposeScope();
        var last = model
            .Declarations.Where(d => d.Name.StartsWith("at_", StringComparison.Ordinal))
            .MaxBy(d => int.Parse(d.Name[3..], CultureInfo.InvariantCulture))!;
        var graph = model.Training.With(model.Training.Nodes, [new("last", "last", last.Result!, true)]);
        var (outputs, parameters) = DoubleRun.Train(DeadCode.Remove(graph), Pictures(name));
        var y = outputs["last"];
        (y * arange(Held(0), Held(y.numel()), Held(1), ScalarType.Float64).cos().view(y.shape)).sum().backward();
        ReferenceNetwork.Agree(Root.GetProperty(name).GetProperty("gradients"), key => parameters[key].grad, 1e-6);
    }

    static Model Compile(string name)
    {
        var divisors = Root.GetProperty(name).GetProperty("evaluation").EnumerateObject().Select(p => p.Name[2..]);
        var encoder =
            name == "mobilenet_v3_large_dilated" ? "mobilenet_v3_large { dilate: [false, false, true] }"
            : name.StartsWith("efficientnet", StringComparison.Ordinal)
            || name.StartsWith("convnext", StringComparison.Ordinal)
            || name.StartsWith("mit", StringComparison.Ordinal)
            || name.StartsWith("swin", StringComparison.Ordinal)
                ? $"{name} {{ drop: 0 }}"
            : name;
        var compilation = Compilation.Compile(
            new SourceText(
                $"{name}.mtl",
                $$"""
                model net {
                  task depth: depth
                  encoder trunk: {{encoder}}
                  {{string.Concat(divisors.Select(d => $"let at_{d} = trunk/{d}\n"))}}
                  decoder head: [{{string.Join(", ", divisors.Select(d => $"at_{d}"))}}] -> depth { using: fpn_head }
                  loss: l2(depth)
                }
                data { source: synthetic { size: 224x224 }, augment.crop: 224 }
                """
            ),
            _ => null
        );
        Assert.True(compilation.Program is not null, string.Join("\n", compilation.Diagnostics.Select(d => d.Message)));
        return compilation.Program.Model;
    }

    static Tensor Weight(Parameter parameter)
    {
        var value = ReferenceNetwork.Weight(parameter);
        return parameter.Spec.IsInteger ? value.to(ScalarType.Int64) : value;
    }

    static Tensor Pictures(string name)
    {
        var size = name.StartsWith("dinov2", StringComparison.Ordinal) ? 70 : 64;
        return tensor(Rule.Pictures(2, size, size), [2, 3, size, size]);
    }
}
