using System.Collections.Immutable;
using Mtlc.Compiler;
using Mtlc.Compiler.Ir;
using Mtlc.Dsl.Text;
using Mtlc.Runtime.Checkpoints;
using Mtlc.Runtime.Data;
using Mtlc.Runtime.Torch;
using Mtlc.Runtime.Weights;
using Mtlc.Tests.Runtime.Data;
using static TorchSharp.torch;

namespace Mtlc.Tests.Weights;

/// <summary>The encoder of tests/reference/make_archives.py, written in the language, with the weights that PyTorch saved.</summary>
public sealed class EncoderWeightsLoaderTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    static string Reference(string file) => Path.Combine(AppContext.BaseDirectory, "reference", file);

    static Model Compile(string weights, string path = "program.mtl", string component = "tiny", string more = "")
    {
        var text = $$"""
            model m {
              task semseg: segmentation { classes: 19, ignore: 255 }
              encoder trunk: {{component}} { weights: "{{weights.Replace('\\', '/')}}"{{more}} }
              decoder head: trunk -> semseg { convs: 0, kernel: 1 }
              loss: cross_entropy(semseg)
            }
            component tiny(x) {
              let conv1  = conv(x, 4, kernel: 3, stride: 2, bias: false)
              let bn1    = batch_norm(conv1)
              let stem   = relu(bn1)
              let layer1 = stem |> conv(8, kernel: 3, stride: 2) |> relu |> batch_norm
              return layer1
            }
            component deeper(x) {
              let conv1  = conv(x, 4, kernel: 3, stride: 2, bias: false)
              let bn1    = batch_norm(conv1)
              let stem   = relu(bn1)
              let layer1 = stem |> conv(8, kernel: 5, stride: 2) |> relu |> batch_norm
              let layer2 = conv(layer1, 8, kernel: 3)
              return layer2
            }
            component other(x) {
              let patch = conv(x, 8, kernel: 3, stride: 4)
              return patch
            }
            """;
        var compilation = Compilation.Compile(new SourceText(path, text));
        Assert.True(compilation.Program is not null, string.Join("\n", compilation.Diagnostics.Select(d => d.Message)));
        return compilation.Program.Model;
    }

    [Theory]
    [InlineData("tiny.pth")]
    [InlineData("tiny-legacy.pth")]
    [InlineData("checkpoint.pth")]
    public void Features_are_those_that_PyTorch_computes(string file)
    {
        using var scope = NewDisposeScope();
        var model = Compile(file, Reference("program.mtl"));
        using var module = new GraphModule(model.Training);
        var loaded = Assert.Single(EncoderWeightsLoader.Load(model, module.Parameters));
        Assert.Equal(13, loaded.Loaded);
        Assert.Equal(["fc.weight", "fc.bias"], loaded.Unused);
        Assert.Empty(loaded.Missing);

        // The head passes the 8 features through as the first 8 classes, so that they come out, upsampled.
        module.Parameters.Set("head.predict.weight", eye(19, 8).view(19, 8, 1, 1));
        module.Parameters.Set("head.predict.bias", zeros(19));
        module.eval();
        var found = module.forward(tensor(Rule.Pictures(1, 8, 8), [1, 3, 8, 8]))["head"].narrow(1, 0, 8);
        var expected = tensor(
            new[]
            {
                0.0254213f, 0.4575523f, 0.14777f, 0.9212087f, 0.0417852f, 0.0417852f, 0.0417852f, 0.0417852f,
                -0.0049204f, 0.1430233f, -0.0049204f, -0.0049204f, -0.074737f, -0.074737f, -0.074737f, -0.074737f,
                -0.0809246f, -0.0809246f, -0.0809246f, -0.0809246f, 0.0376593f, -0.1278955f, -0.1278955f, -0.1278955f,
                0.3489235f, 0.1363417f, 0.1363417f, 0.2530766f, 0.1508977f, 0.2325069f, 0.03661f, 0.03661f,
            },
            [1, 8, 2, 2]);
        TensorAssert.Close(nn.functional.interpolate(expected, [8, 8], mode: InterpolationMode.Bilinear, align_corners: false), found, 1e-6);
    }

    [Fact]
    public void Safetensors_of_an_encoder_or_of_a_whole_network_are_read()
    {
        using var saved = new ParameterStore(Compile("x.pth").Training.Parameters, seed: 5);
        var whole = Path.Combine(folder.Path, "whole.safetensors");
        var part = Path.Combine(folder.Path, "part.safetensors");
        SafeTensors.Save(whole, saved.All);
        SafeTensors.Save(part, saved.All.Where(p => p.Name.StartsWith("trunk.")).Select(p => (p.Name["trunk.".Length..], p.Value)));
        foreach (var file in (string[])[whole, part])
        {
            var model = Compile(file);
            using var parameters = new ParameterStore(model.Training.Parameters, seed: 1);
            Assert.Equal(13, EncoderWeightsLoader.Load(model, parameters).Single().Loaded);
            Assert.All(saved.All.Where(p => p.Name.StartsWith("trunk.")), p => TensorAssert.Close(p.Value, parameters[p.Name], 0));
            Assert.NotEqual(TensorAssert.Values(saved["head.predict.weight"]), TensorAssert.Values(parameters["head.predict.weight"]));
        }
    }

    [Fact]
    public void What_is_missing_or_misshapen_is_listed_and_nothing_is_changed()
    {
        var model = Compile("tiny.pth", Reference("program.mtl"), "deeper");
        using var parameters = new ParameterStore(model.Training.Parameters, seed: 1);
        var before = TensorAssert.Values(parameters["trunk.conv1.weight"]);
        var message = Assert.Throws<DataException>(() => EncoderWeightsLoader.Load(model, parameters)).Message;
        Assert.Contains("tiny.pth lacks 3 of the 15 tensors of encoder 'trunk' (deeper)", message);
        Assert.Contains("layer1.0.weight ([8, 4, 3, 3] in the file, [8, 4, 5, 5] in the encoder), layer2.weight, layer2.bias", message);
        Assert.Contains("partial: true", message);
        Assert.Equal(before, TensorAssert.Values(parameters["trunk.conv1.weight"]));
    }

    [Fact]
    public void Partial_takes_what_fits_and_says_what_started_at_random()
    {
        var model = Compile("tiny.pth", Reference("program.mtl"), "deeper", ", partial: true");
        using var parameters = new ParameterStore(model.Training.Parameters, seed: 1);
        var loaded = EncoderWeightsLoader.Load(model, parameters).Single();
        Assert.Equal(12, loaded.Loaded);
        Assert.Equal(3, loaded.Missing.Length);
        Assert.Equal(Rule.Parameter("conv1.weight", [4, 3, 3, 3]), parameters["trunk.conv1.weight"].detach().data<float>().ToArray());
    }

    [Fact]
    public void A_file_of_another_network_is_refused_even_in_part()
    {
        var model = Compile("tiny.pth", Reference("program.mtl"), "other", ", partial: true");
        using var parameters = new ParameterStore(model.Training.Parameters);
        var message = Assert.Throws<DataException>(() => EncoderWeightsLoader.Load(model, parameters)).Message;
        Assert.Contains("has nothing of encoder 'trunk': other has patch.weight, patch.bias, and the file conv1.weight", message);
    }

    [Fact]
    public void Files_that_are_no_weights_are_refused_by_name()
    {
        File.WriteAllText(Path.Combine(folder.Path, "broken.pth"), "no weights");
        File.WriteAllText(Path.Combine(folder.Path, "broken.safetensors"), "no weights");
        foreach (var file in (string[])["broken.pth", "broken.safetensors", "absent.pth"])
        {
            var model = Compile(file, Path.Combine(folder.Path, "program.mtl"));
            using var parameters = new ParameterStore(model.Training.Parameters);
            Assert.Contains(file, Assert.Throws<DataException>(() => EncoderWeightsLoader.Load(model, parameters)).Message);
        }
    }

    /// <summary>Every encoder of the library takes every tensor of torchvision's classifier and leaves the classifier alone.</summary>
    [Theory]
    [InlineData("resnet18", 120)]
    [InlineData("resnet34", 216)]
    [InlineData("resnet50", 318)]
    public void Names_and_shapes_are_torchvisions(string component, int count)
    {
        var file = File.ReadLines(Reference($"{component}.names.txt")).Select(line => line.Split(' ')).Select(words => new WeightsTensor(
            words[0], [.. words[1..].Select(long.Parse)], () => throw new InvalidOperationException())).ToImmutableArray();
        var coverage = WeightsCoverage.Of("trunk", Compile("x.pth", component: component).Training.Parameters, file);
        Assert.Empty(coverage.Missing);
        Assert.Equal(["fc.weight", "fc.bias"], coverage.Unused);
        Assert.Equal(count, coverage.Found.Length);
    }
}
