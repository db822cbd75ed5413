using Mtlc.Compiler.Ir;
using Mtlc.Dsl.Text;
using Mtlc.Runtime.Checkpoints;
using Mtlc.Runtime.Data;
using Mtlc.Runtime.Torch;
using Mtlc.Runtime.Weights;
using Mtlc.Tests.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Mtlc.Tests.Weights;

public sealed class PretrainedEncodersTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("mtlc-pretrained").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    static Model Model(string path, bool partial = false) => TinyRun.Program().Model with
    {
        Encoders = [new("trunk", "tiny", path, partial, new SourceSpan(new SourceText("a.mtl", ""), 0, 0))],
    };

    [Fact]
    public void A_safetensors_file_fills_the_encoder_and_nothing_else()
    {
        using var scope = NewDisposeScope();
        var path = Path.Combine(folder, "tiny.safetensors");
        var graph = Model(path).Training;
        using var donor = new ParameterStore(graph.Parameters, seed: 99);
        var encoder = donor.All.Where(p => p.Name.StartsWith("trunk.", StringComparison.Ordinal)).Select(p => (p.Name[6..], p.Value));
        SafeTensors.Save(path, [.. encoder, ("fc.weight", zeros(3, 4))]);
        using var parameters = new ParameterStore(graph.Parameters, seed: 1);
        var head = parameters["depth.predict.weight"].clone();

        var loaded = Assert.Single(PretrainedEncoders.Load(Model(path), parameters));

        Assert.Equal(("trunk", 6), (loaded.Encoder, loaded.Loaded));
        Assert.Equal(["fc.weight"], loaded.Unused);
        foreach (var (name, value) in donor.All.Where(p => p.Name.StartsWith("trunk.", StringComparison.Ordinal)))
            Assert.True(value.eq(parameters[name]).all().ToBoolean(), name);
        Assert.True(head.eq(parameters["depth.predict.weight"]).all().ToBoolean());
    }

    [Fact]
    public void A_file_that_lacks_a_part_is_refused_unless_a_part_will_do()
    {
        var path = Path.Combine(folder, "part.safetensors");
        using var parameters = new ParameterStore(Model(path).Training.Parameters);
        SafeTensors.Save(path, [("bn.weight", ones(12)), ("bn.bias", ones(12))]);
        var error = Assert.Throws<DataException>(() => PretrainedEncoders.Load(Model(path), parameters));
        Assert.Contains("conv.weight", error.Message);
        var loaded = Assert.Single(PretrainedEncoders.Load(Model(path, partial: true), parameters));
        Assert.Equal(2, loaded.Loaded);
        Assert.Contains("conv.weight", loaded.Missing);
        Assert.Equal(1, parameters["trunk.bn.bias"].min().ToSingle());
    }

    [Theory]
    [InlineData("broken.safetensors")]
    [InlineData("broken.pth")]
    public void A_damaged_or_missing_file_is_named(string file)
    {
        var path = Path.Combine(folder, file);
        using var parameters = new ParameterStore(Model(path).Training.Parameters);
        Assert.Contains(path, Assert.Throws<FileNotFoundException>(() => PretrainedEncoders.Load(Model(path), parameters)).Message);
        File.WriteAllBytes(path, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
        Assert.Contains(path, Assert.Throws<DataException>(() => PretrainedEncoders.Load(Model(path), parameters)).Message);
    }
}
