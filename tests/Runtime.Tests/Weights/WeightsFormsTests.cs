using Mtlc.Compiler;
using Mtlc.Compiler.Ir;
using Mtlc.Dsl.Text;
using Mtlc.Runtime.Checkpoints;
using Mtlc.Runtime.Files;
using Mtlc.Runtime.Torch;
using Mtlc.Runtime.Weights;
using Mtlc.Tests.Runtime.Data;

namespace Mtlc.Tests.Weights;

/// <summary>One network in the forms in which other people's programs save it (tests/reference/make_archives.py).</summary>
public sealed class WeightsFormsTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    static string Reference(string file) => Path.Combine(AppContext.BaseDirectory, "reference", file);

    static Model Compile(string weights, string encoder = "trunk", string first = "conv1")
    {
        var text = $$"""
            model m {
              task semseg: segmentation { classes: 19, ignore: 255 }
              encoder {{encoder}}: tiny { weights: "{{weights.Replace('\\', '/')}}" }
              decoder head: {{encoder}} -> semseg { convs: 0, kernel: 1 }
              loss: cross_entropy(semseg)
            }
            component tiny(x) {
              let {{first}} = conv(x, 4, kernel: 3, stride: 2, bias: false)
              let bn1    = batch_norm({{first}})
              let stem   = relu(bn1)
              let layer1 = stem |> conv(8, kernel: 3, stride: 2) |> relu |> batch_norm
              return layer1
            }
            """;
        var compilation = Compilation.Compile(new SourceText("program.mtl", text));
        Assert.True(compilation.Program is not null, string.Join("\n", compilation.Diagnostics.Select(d => d.Message)));
        return compilation.Program.Model;
    }

    /// <summary>The numbers are those that were saved, to the bit, and `check` says the same without reading them.</summary>
    /// <param name="more">How much larger each number of the file is than the rule's.</param>
    static LoadedWeights Load(string path, string encoder = "trunk", float more = 0)
    {
        var model = Compile(path, encoder);
        using var parameters = new ParameterStore(model.Training.Parameters, seed: 1);
        var loaded = Assert.Single(EncoderWeightsLoader.Load(model, parameters));
        Assert.Equal(13, loaded.Loaded);
        Assert.Empty(loaded.Missing);
        foreach (var (name, value) in parameters.All.Where(p => p.Name.StartsWith(encoder + ".", StringComparison.Ordinal)))
            Assert.Equal(
                Rule.Parameter(name[(encoder.Length + 1)..], [.. value.shape.Select(d => (int)d)]).Select(v => v + more),
                TensorAssert.Values(value).Select(v => (float)v)
            );
        Assert.Equal($"{loaded}", $"{new WeightsCheck().Foresee(model, model.Encoders.Single())}");
        return loaded;
    }

    static string Refusal(string path)
    {
        var model = Compile(path);
        using var parameters = new ParameterStore(model.Training.Parameters);
        var message = Assert.Throws<DataException>(() => EncoderWeightsLoader.Load(model, parameters)).Message;
        Assert.Equal(
            message,
            Assert.Throws<DataException>(() => new WeightsCheck().Foresee(model, model.Encoders.Single())).Message
        );
        Assert.DoesNotContain('\n', message);
        return message;
    }

    [Theory]
    [InlineData("tiny.pth", "")]
    [InlineData("checkpoint.pth", "'state_dict'")]
    [InlineData("checkpoint-legacy.pth", "'state_dict'")]
    [InlineData("form-protocol-5-legacy.pth", "")]
    [InlineData("form-everything.pth", "'net'")]
    [InlineData("form-everything-1.pth", "'net'")]
    [InlineData("form-everything-4.pth", "'net'")]
    [InlineData("form-everything-5.pth", "'net'")]
    [InlineData("form-everything-legacy.pth", "'net'")]
    [InlineData("form-views.pth", "")]
    [InlineData("form-module.pth", "'network', below 'module.'")]
    [InlineData("form-module-legacy.pth", "'network', below 'module.'")]
    [InlineData("form-attributes.pth", "'weird'")]
    [InlineData("form-prefixed.pth", "below 'encoder.'")]
    [InlineData("form-script.pth", "")]
    public void Every_form_gives_the_numbers_and_says_where_they_were(string file, string place) =>
        Assert.Equal(place, Load(Reference(file)).Place);

    [Theory]
    [InlineData("conv1")]
    [InlineData("layer1")]
    [InlineData("fc")]
    [InlineData("bn1")]
    public void An_encoder_may_be_called_as_a_part_of_the_network(string encoder) =>
        Assert.Equal("", Load(Reference("tiny.pth"), encoder).Place);

    [Theory]
    [InlineData(".ckpt")]
    [InlineData(".bin")]
    [InlineData(".pth")]
    [InlineData(".safetensors")]
    [InlineData("")]
    public void What_a_file_is_its_first_bytes_tell(string extension)
    {
        var model = Compile("x.pth");
        var path = Path.Combine(folder.Path, "weights" + extension);
        File.Copy(Reference("tiny.pth"), path);
        Load(path);
        File.Copy(Reference("tiny-legacy.pth"), path, overwrite: true);
        Load(path);
        using var saved = new ParameterStore(model.Training.Parameters, seed: 5);
        foreach (var parameter in saved.Declared.Where(p => p.Name.StartsWith("trunk.", StringComparison.Ordinal)))
        {
            using var value = TorchSharp.torch.tensor(
                Rule.Parameter(parameter.Name["trunk.".Length..], parameter.Dimensions),
                [.. parameter.Dimensions.Select(d => (long)d)]
            );
            saved.Set(parameter.Name, value);
        }
        SafeTensors.Save(path, saved.All);
        Load(path);
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..^1]);
        Assert.Contains("its header is damaged", Refusal(path));
    }

    [Fact]
    public void Of_a_student_and_its_teacher_the_teacher_is_meant() =>
        Assert.Equal("'teacher'", Load(Reference("form-rivals.pth"), more: 1).Place);

    [Fact]
    public void Where_several_places_fit_alike_they_are_listed()
    {
        var path = Path.Combine(folder.Path, "rivals.safetensors");
        using var saved = new ParameterStore(Compile(path).Training.Parameters, seed: 5);
        var own = saved.All.Where(p => p.Name.StartsWith("trunk.", StringComparison.Ordinal)).ToList();
        SafeTensors.Save(
            path,
            new[] { "left", "right" }.SelectMany(side =>
                own.Select(p => (p.Name.Replace("trunk", side, StringComparison.Ordinal), p.Value))
            )
        );
        Assert.Contains(
            "has encoder 'trunk' in 2 places, and nothing tells which is meant: below 'left.', below 'right.'",
            Refusal(path)
        );
    }

    [Fact]
    public void Where_no_table_fits_all_are_listed()
    {
        var model = Compile(Reference("form-everything.pth"), first: "stem1");
        var message = Assert.Throws<DataException>(() => new WeightsCheck().Foresee(model, model.Encoders.Single())).Message;
        Assert.Contains(".pth, 'net', lacks 1 of the 13 tensors", message);
        Assert.Contains("'net' (15), ", message);
        Assert.Contains("'net_ema' (15)", message);
    }

    [Theory]
    [InlineData("form-exotic.pth", "conv1.weight (in the file it is sparse)")]
    [InlineData("form-numpy.pth", "'conv1.weight': numpy.core.multiarray._reconstruct")]
    public void What_are_no_plain_numbers_is_called_what_it_is(string file, string what) =>
        Assert.Contains(what, Refusal(Reference(file)));

    [Theory]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n", "pointer of Git LFS")]
    [InlineData("<!DOCTYPE html><title>404</title>", "but a web page")]
    [InlineData("", "it is empty")]
    public void Other_files_are_called_what_they_are(string content, string what) =>
        Assert.Contains(what, Refusal(folder.File("weights.pth", content)));
}
