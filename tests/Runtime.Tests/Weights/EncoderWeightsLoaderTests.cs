using System.Collections.Immutable;
using Mtlc.Compiler;
using Mtlc.Compiler.Ir;
using Mtlc.Dsl.Text;
using Mtlc.Runtime.Checkpoints;
using Mtlc.Runtime.Files;
using Mtlc.Runtime.Torch;
using Mtlc.Runtime.Weights;
using Mtlc.Tests.Runtime.Data;
using static TorchSharp.torch;

namespace Mtlc.Tests.Weights;

/// <summary>The encoder of tests/reference/make_archives.py, written in the language, with the weights that PyTorch
/// saved.</summary>
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
                0.0254213f,
                0.4575523f,
                0.14777f,
                0.9212087f,
                0.0417852f,
                0.0417852f,
                0.0417852f,
                0.0417852f,
                -0.0049204f,
                0.1430233f,
                -0.0049204f,
                -0.0049204f,
                -0.074737f,
                -0.074737f,
                -0.074737f,
                -0.074737f,
                -0.0809246f,
                -0.0809246f,
                -0.0809246f,
                -0.0809246f,
                0.0376593f,
                -0.1278955f,
                -0.1278955f,
                -0.1278955f,
                0.3489235f,
                0.1363417f,
                0.1363417f,
                0.2530766f,
                0.1508977f,
                0.2325069f,
                0.03661f,
                0.03661f,
            },
            [1, 8, 2, 2]
        );
        TensorAssert.Close(
            nn.functional.interpolate(expected, [8, 8], mode: InterpolationMode.Bilinear, align_corners: false),
            found,
            1e-6
        );
    }

    [Fact]
    public void Safetensors_of_an_encoder_or_of_a_whole_network_are_read()
    {
        using var saved = new ParameterStore(Compile("x.pth").Training.Parameters, seed: 5);
        var whole = Path.Combine(folder.Path, "whole.safetensors");
        var part = Path.Combine(folder.Path, "part.safetensors");
        SafeTensors.Save(whole, saved.All);
        SafeTensors.Save(
            part,
            saved.All.Where(p => p.Name.StartsWith("trunk.")).Select(p => (p.Name["trunk.".Length..], p.Value))
        );
        foreach (var file in (string[])[whole, part])
        {
            var model = Compile(file);
            using var parameters = new ParameterStore(model.Training.Parameters, seed: 1);
            Assert.Equal(13, EncoderWeightsLoader.Load(model, parameters).Single().Loaded);
            Assert.All(
                saved.All.Where(p => p.Name.StartsWith("trunk.")),
                p => TensorAssert.Close(p.Value, parameters[p.Name], 0)
            );
            Assert.NotEqual(
                TensorAssert.Values(saved["head.predict.weight"]),
                TensorAssert.Values(parameters["head.predict.weight"])
            );
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
        Assert.Contains(
            "layer1.0.weight ([8, 4, 3, 3] in the file, [8, 4, 5, 5] in the encoder), layer2.weight, layer2.bias",
            message
        );
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
        Assert.Equal(
            Rule.Parameter("conv1.weight", [4, 3, 3, 3]),
            parameters["trunk.conv1.weight"].detach().data<float>().ToArray()
        );
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

    /// <summary>`mtlc check` says before training what training will say.</summary>
    [Theory]
    [InlineData("tiny.pth", "tiny", "")]
    [InlineData("tiny-legacy.pth", "tiny", "")]
    [InlineData("checkpoint.pth", "tiny", "")]
    [InlineData("tiny.pth", "deeper", "")]
    [InlineData("tiny.pth", "deeper", ", partial: true")]
    [InlineData("tiny.pth", "other", ", partial: true")]
    [InlineData("program.mtl", "tiny", "")]
    [InlineData("whole.safetensors", "tiny", "")]
    [InlineData("whole.safetensors", "deeper", ", partial: true")]
    [InlineData("cut.safetensors", "tiny", "")]
    [InlineData("cut.pth", "tiny", "")]
    [InlineData("cut-legacy.pth", "tiny", "")]
    [InlineData("empty.pth", "tiny", "")]
    [InlineData("empty.safetensors", "tiny", "")]
    [InlineData("folder", "tiny", "")]
    public void Names_and_shapes_alone_tell_what_loading_will(string file, string component, string more)
    {
        using (var saved = new ParameterStore(Compile("x.pth").Training.Parameters, seed: 5))
            SafeTensors.Save(Path.Combine(folder.Path, "whole.safetensors"), saved.All);
        foreach (var reference in (string[])["tiny.pth", "tiny-legacy.pth", "checkpoint.pth"])
            File.Copy(Reference(reference), Path.Combine(folder.Path, reference));
        foreach (
            var (whole, cut) in new[]
            {
                ("whole.safetensors", "cut.safetensors"),
                ("tiny.pth", "cut.pth"),
                ("tiny-legacy.pth", "cut-legacy.pth"),
            }
        )
            folder.File(cut, File.ReadAllBytes(Path.Combine(folder.Path, whole))[..^1]);
        foreach (var other in (string[])["program.mtl", "empty.pth", "empty.safetensors"])
            folder.File(other, other.StartsWith("empty", StringComparison.Ordinal) ? "" : "model m { }");
        Directory.CreateDirectory(Path.Combine(folder.Path, "folder"));

        var model = Compile(file, Path.Combine(folder.Path, "program.mtl"), component, more);
        using var parameters = new ParameterStore(model.Training.Parameters);
        var loaded = Record.Exception(() => EncoderWeightsLoader.Load(model, parameters));
        var foreseen = Record.Exception(() => new WeightsCheck().Foresee(model, model.Encoders.Single()));
        Assert.Equal((loaded?.GetType(), loaded?.Message), (foreseen?.GetType(), foreseen?.Message));
        if (loaded is null)
            Assert.Equal(
                $"{EncoderWeightsLoader.Load(model, parameters).Single()}",
                $"{new WeightsCheck().Foresee(model, model.Encoders.Single())}"
            );
        else
            Assert.IsType<DataException>(loaded);
    }

    [Fact]
    public void Numbers_are_not_read_for_names_and_shapes()
    {
        var bytes = File.ReadAllBytes(Reference("tiny.pth"));
        var first = TorchArchive.Read(bytes)[0].Tensors.First(t => t.Count > 8).ToFloats()[0];
        var place = bytes.AsSpan().IndexOf(BitConverter.GetBytes(first));
        bytes[place] ^= 1;
        var path = folder.File("damaged.pth", bytes);
        Assert.Contains("its checksum differs", Assert.Throws<DataException>(() => WeightsFile.Open(path)).Message);
        Assert.Equal(
            TorchArchive.Read(File.ReadAllBytes(Reference("tiny.pth")))[0].Tensors.Select(t => t.ToString()),
            WeightsFile.ReadHeader(path)[0].Tensors.Select(t => $"{t.Name} [{string.Join(", ", t.Dimensions)}]")
        );
        Assert.Throws<InvalidOperationException>(() => WeightsFile.ReadHeader(path)[0].Tensors[0].Load());
    }

    [Fact]
    public void Weights_that_are_elsewhere_are_nothing_to_say()
    {
        var cache = new WeightsCache(folder.Path, [], () => throw new InvalidOperationException("a check connects to no server"));
        var model = Compile("absent.pth", Path.Combine(folder.Path, "program.mtl"));
        Assert.Null(new WeightsCheck(cache).Foresee(model, model.Encoders.Single()));
        var official = model.Encoders.Single() with { Component = "resnet18", Weights = "imagenet" };
        Assert.Null(new WeightsCheck(cache).Foresee(model, official));
        File.Copy(Reference("tiny.pth"), Path.Combine(folder.Path, "resnet18-f37072fd.pth"));
        Assert.Equal(13, new WeightsCheck(cache).Foresee(model, official)!.Loaded);
    }

    /// <summary>Every encoder of the library takes every tensor of torchvision's classifier and leaves the classifier
    /// alone.</summary>
    [Theory]
    [InlineData("resnet18", 120)]
    [InlineData("resnet34", 216)]
    [InlineData("resnet50", 318)]
    public void Names_and_shapes_are_torchvisions(string component, int count)
    {
        var file = File.ReadLines(Reference($"{component}.names.txt"))
            .Select(line => line.Split(' '))
            .Select(words => new WeightsTensor(
                words[0],
                [.. words[1..].Select(long.Parse)],
                () => throw new InvalidOperationException()
            ))
            .ToImmutableArray();
        var coverage = WeightsCoverage.Of("trunk", Compile("x.pth", component: component).Training.Parameters, [new("", file)]);
        Assert.Empty(coverage.Missing);
        Assert.Equal(["fc.weight", "fc.bias"], coverage.Unused);
        Assert.Equal(count, coverage.Found.Length);
    }
}
