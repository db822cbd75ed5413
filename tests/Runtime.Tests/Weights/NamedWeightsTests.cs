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

/// <summary>Files of others: their names of the library's encoders, half precision, several files.</summary>
public sealed class NamedWeightsTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <summary>Small networks of the library's families.</summary>
    static readonly Dictionary<string, string> Encoders = new()
    {
        ["convnext"] = "convnext(x, [1, 2, 1, 1], [8, 16, 24, 32], 0)",
        ["resnet"] = "resnet(x, basic_block, [1, 2, 1, 1], [false, false, false])",
        ["bottlenecks"] = "resnet(x, bottleneck, [1, 1, 2, 1], [false, false, false])",
        ["mit"] = "mit(x, [8, 16, 40, 64], [1, 2, 1, 1], 0)",
        ["hrnet"] = "hrnet(x, 4, bilinear)",
    };

    static Model Compile(string encoder, string weights, string more = "")
    {
        var text = $$"""
            component small(x) { return {{Encoders[encoder]}} }
            model m {
              task semseg: segmentation { classes: 19 }
              encoder trunk: small { weights: "{{weights.Replace('\\', '/')}}"{{more}} }
              decoder head: trunk -> semseg { convs: 0, kernel: 1 }
              loss: cross_entropy(semseg)
            }
            """;
        var compilation = Compilation.Compile(new SourceText("program.mtl", text));
        Assert.True(compilation.Program is not null, string.Join("\n", compilation.Diagnostics.Select(d => d.Message)));
        return compilation.Program.Model;
    }

    /// <summary>A tensor of a file, and where its rows lie in one of ours.</summary>
    sealed record Named(string Theirs, string Ours, int Row = 0);

    static IEnumerable<Named> Both(string theirs, string ours, int row = 0) =>
        [new($"{theirs}.weight", $"{ours}.weight", row), new($"{theirs}.bias", $"{ours}.bias", row)];

    static IEnumerable<Named> Norm(string theirs, string ours) =>
        [
            .. Both(theirs, ours),
            new($"{theirs}.running_mean", $"{ours}.running_mean"),
            new($"{theirs}.running_var", $"{ours}.running_var"),
            new($"{theirs}.num_batches_tracked", $"{ours}.num_batches_tracked"),
        ];

    // ConvNeXt as timm, as its authors and as transformers name its modules.
    static IEnumerable<Named> ConvNext(string style)
    {
        int[] depths = [1, 2, 1, 1];
        for (var s = 0; s < 4; s++)
        {
            for (var part = 0; part < 2; part++)
            {
                var down = (style, s) switch
                {
                    ("timm", 0) => $"stem.{part}",
                    ("timm", _) => $"stages.{s}.downsample.{part}",
                    ("authors", _) => $"downsample_layers.{s}.{part}",
                    ("HF, DINOv3", _) => $"stages.{s}.downsample_layers.{part}",
                    (_, 0) => part == 0 ? "embeddings.patch_embeddings" : "embeddings.layernorm",
                    _ => $"encoder.stages.{s}.downsampling_layer.{part}",
                };
                foreach (var named in Both(down, $"features.{2 * s}.{part}"))
                    yield return named;
            }
            for (var b = 0; b < depths[s]; b++)
            {
                var (block, depthwise, norm, first, second, scale) = style switch
                {
                    "timm" => ($"stages.{s}.blocks.{b}", "conv_dw", "norm", "mlp.fc1", "mlp.fc2", "gamma"),
                    "authors" => ($"stages.{s}.{b}", "dwconv", "norm", "pwconv1", "pwconv2", "gamma"),
                    "HF, DINOv3" => (
                        $"stages.{s}.layers.{b}",
                        "depthwise_conv",
                        "layer_norm",
                        "pointwise_conv1",
                        "pointwise_conv2",
                        "gamma"
                    ),
                    _ => ($"encoder.stages.{s}.layers.{b}", "dwconv", "layernorm", "pwconv1", "pwconv2", "layer_scale_parameter"),
                };
                var ours = $"features.{2 * s + 1}.{b}";
                foreach (var (name, at) in new[] { (depthwise, 0), (norm, 2), (first, 3), (second, 5) })
                {
                    foreach (var named in Both($"{block}.{name}", $"{ours}.block.{at}"))
                        yield return named;
                }
                yield return new($"{block}.{scale}", $"{ours}.layer_scale");
            }
        }
    }

    // transformers' ResNetModel.
    static IEnumerable<Named> ResNet(int[] depths, int convolutions)
    {
        static IEnumerable<Named> Layer(string theirs, string conv, string bn) =>
            Norm($"{theirs}.normalization", bn).Prepend(new($"{theirs}.convolution.weight", $"{conv}.weight"));
        var all = Layer("embedder.embedder", "conv1", "bn1").ToList();
        for (var s = 0; s < 4; s++)
        {
            for (var b = 0; b < depths[s]; b++)
            {
                var (theirs, ours) = ($"encoder.stages.{s}.layers.{b}", $"layer{s + 1}.{b}");
                for (var c = 0; c < convolutions; c++)
                    all.AddRange(Layer($"{theirs}.layer.{c}", $"{ours}.conv{c + 1}", $"{ours}.bn{c + 1}"));
                if (b == 0 && (s > 0 || convolutions == 3))
                    all.AddRange(Layer($"{theirs}.shortcut", $"{ours}.downsample.0", $"{ours}.downsample.1"));
            }
        }
        return all;
    }

    // transformers' SegformerModel, which has keys and values apart; its authors have them in one.
    static IEnumerable<Named> SegFormer()
    {
        int[] depths = [1, 2, 1, 1],
            widths = [8, 16, 40, 64];
        for (var s = 0; s < 4; s++)
        {
            var all = Both($"encoder.patch_embeddings.{s}.proj", $"patch_embed{s + 1}.proj")
                .Concat(Both($"encoder.patch_embeddings.{s}.layer_norm", $"patch_embed{s + 1}.norm"))
                .Concat(Both($"encoder.layer_norm.{s}", $"norm{s + 1}"))
                .ToList();
            for (var b = 0; b < depths[s]; b++)
            {
                var (theirs, ours) = ($"encoder.block.{s}.{b}", $"block{s + 1}.{b}");
                all.AddRange(Both($"{theirs}.layer_norm_1", $"{ours}.norm1"));
                all.AddRange(Both($"{theirs}.attention.self.query", $"{ours}.attn.q"));
                all.AddRange(Both($"{theirs}.attention.self.key", $"{ours}.attn.kv"));
                all.AddRange(Both($"{theirs}.attention.self.value", $"{ours}.attn.kv", widths[s]));
                if (s < 3)
                {
                    all.AddRange(Both($"{theirs}.attention.self.sr", $"{ours}.attn.sr"));
                    all.AddRange(Both($"{theirs}.attention.self.layer_norm", $"{ours}.attn.norm"));
                }
                all.AddRange(Both($"{theirs}.attention.output.dense", $"{ours}.attn.proj"));
                all.AddRange(Both($"{theirs}.layer_norm_2", $"{ours}.norm2"));
                all.AddRange(Both($"{theirs}.mlp.dense1", $"{ours}.mlp.fc1"));
                all.AddRange(Both($"{theirs}.mlp.dwconv.dwconv", $"{ours}.mlp.dwconv.dwconv"));
                all.AddRange(Both($"{theirs}.mlp.dense2", $"{ours}.mlp.fc2"));
            }
            foreach (var named in all)
                yield return named;
        }
    }

    static List<Named> Names(string encoder, string style) =>
        [
            .. encoder switch
            {
                "convnext" => ConvNext(style),
                "resnet" => ResNet([1, 2, 1, 1], 2),
                "bottlenecks" => ResNet([1, 1, 2, 1], 3),
                _ => SegFormer(),
            },
        ];

    /// <summary>Tensors of a file: parts of ours where one of ours is several of theirs, and layer scales without ones.</summary>
    static Dictionary<string, Tensor> Tensors(Model model, List<Named> names, string prefix, ScalarType type)
    {
        manual_seed(3);
        var shapes = model.Training.Parameters.ToDictionary(p => p.Name, p => p.Dimensions);
        return names.ToDictionary(
            n => prefix + n.Theirs,
            n =>
            {
                var parts = names.Count(m => m.Ours == n.Ours);
                long[] shape = [.. shapes["trunk." + n.Ours].Select((d, i) => i == 0 ? (long)d / parts : d)];
                var made = n.Theirs.EndsWith("tracked", StringComparison.Ordinal)
                    ? tensor(7L)
                    : rand(n.Ours.EndsWith("layer_scale", StringComparison.Ordinal) ? [shape[0]] : shape).to(type);
                return made;
            }
        );
    }

    void Holds(Model model, List<Named> names, string prefix, Dictionary<string, Tensor> saved, string place)
    {
        using var parameters = new ParameterStore(model.Training.Parameters, seed: 1);
        var loaded = Assert.Single(EncoderWeightsLoader.Load(model, parameters));
        Assert.Equal(names.Select(n => n.Ours).Distinct().Count(), loaded.Loaded);
        Assert.Equal(model.Training.Parameters.Count(p => p.Name.StartsWith("trunk.", StringComparison.Ordinal)), loaded.Loaded);
        Assert.Empty(loaded.Missing);
        Assert.Equal(["classifier.weight"], loaded.Unused);
        Assert.Equal(place, loaded.Place);
        Assert.Equal($"{loaded}", $"{new WeightsCheck().Foresee(model, model.Encoders.Single())}");
        foreach (var named in names)
        {
            var theirs = saved[prefix + named.Theirs];
            var ours = parameters["trunk." + named.Ours];
            var part = ours.dim() == 0 ? ours : ours.narrow(0, named.Row, theirs.shape[0]);
            Assert.True(part.reshape(theirs.shape).equal(theirs.to(ours.dtype)).all().item<bool>(), named.Theirs);
        }
    }

    [Theory]
    [InlineData("convnext", "timm", "module.", "below 'module.', timm's names")]
    [InlineData("convnext", "authors", "_orig_mod.", "below '_orig_mod.', the authors' names")]
    [InlineData("convnext", "HF", "convnext.", "below 'convnext.', Hugging Face's names")]
    [InlineData("convnext", "HF, DINOv3", "", "Hugging Face's names")]
    [InlineData("resnet", "HF", "", "Hugging Face's names")]
    [InlineData("bottlenecks", "HF", "backbone.", "below 'backbone.', Hugging Face's names")]
    [InlineData("mit", "HF", "module.segformer.", "below 'module.segformer.', Hugging Face's names")]
    public void Files_of_others_are_known_by_their_names(string encoder, string style, string prefix, string place)
    {
        using var scope = NewDisposeScope();
        TorchRuntime.Start();
        var path = Path.Combine(folder.Path, "model.safetensors");
        var (model, names) = (Compile(encoder, path), Names(encoder, style));
        var saved = Tensors(model, names, prefix, ScalarType.Float16);
        SafeTensors.Save(path, saved.Select(s => (s.Key, s.Value)).Append(("classifier.weight", rand(3, 3))));
        Holds(model, names, prefix, saved, place);
    }

    [Theory]
    [InlineData("hrnet")]
    [InlineData("mit")]
    public void Names_of_the_authors_are_the_librarys(string encoder)
    {
        using var scope = NewDisposeScope();
        TorchRuntime.Start();
        var path = Path.Combine(folder.Path, "model.safetensors");
        var model = Compile(encoder, path);
        List<Named> names =
        [
            .. model
                .Training.Parameters.Where(p => p.Name.StartsWith("trunk.", StringComparison.Ordinal))
                .Select(p => new Named(p.Name["trunk.".Length..], p.Name["trunk.".Length..])),
        ];
        var saved = Tensors(model, names, "teacher.backbone.", ScalarType.BFloat16);
        SafeTensors.Save(path, saved.Select(s => (s.Key, s.Value)).Append(("classifier.weight", rand(3, 3))));
        Holds(model, names, "teacher.backbone.", saved, "below 'teacher.backbone.'");
    }

    [Fact]
    public void Several_files_are_read_by_their_index_and_what_is_amiss_is_named()
    {
        using var scope = NewDisposeScope();
        TorchRuntime.Start();
        var index = Path.Combine(folder.Path, "model.safetensors.index.json");
        var (model, names) = (Compile("mit", index), Names("mit", "HF"));
        var saved = Tensors(model, names, "segformer.", ScalarType.Float16);
        saved.Add("classifier.weight", rand(3, 3));
        // Keys in one file, values in the other.
        string File(string name) =>
            $"model-0000{(name.Contains("value", StringComparison.Ordinal) ? 2 : 1)}-of-00002.safetensors";
        foreach (var shard in saved.GroupBy(s => File(s.Key)))
            SafeTensors.Save(Path.Combine(folder.Path, shard.Key), shard.Select(s => (s.Key, s.Value)));
        void Write(Func<string, string> file) =>
            System.IO.File.WriteAllText(
                index,
                "{\"metadata\": {\"total_size\": 1}, \"weight_map\": {"
                    + string.Join(", ", saved.Keys.Select(k => $"\"{k}\": \"{file(k)}\""))
                    + "}}"
            );
        Write(File);
        Holds(model, names, "segformer.", saved, "below 'segformer.', Hugging Face's names");

        Write(name => File(name).Replace("00001-", "00003-", StringComparison.Ordinal));
        Assert.Contains("model-00003-of-00002.safetensors, which is not there", Refusal(model), StringComparison.Ordinal);
        Write(_ => "model-00002-of-00002.safetensors");
        Assert.Contains(
            "model-00002-of-00002.safetensors lacks what the index promises: segformer.",
            Refusal(model),
            StringComparison.Ordinal
        );
        Write(_ => "../elsewhere.safetensors");
        Assert.Contains("which is no file beside it", Refusal(model), StringComparison.Ordinal);
        System.IO.File.WriteAllText(index, "{\"architectures\": [\"Segformer\"]}");
        Assert.Contains("JSON without a 'weight_map'", Refusal(model), StringComparison.Ordinal);
        System.IO.File.WriteAllText(index, "{\"weight_map\": [");
        Assert.Contains("no index of weights files", Refusal(model), StringComparison.Ordinal);
    }

    /// <summary>One bias that is gone, one weight under a misspelt name, keys as wide as another network's.</summary>
    [Fact]
    public void What_is_missing_is_listed_with_what_is_unused_and_what_is_near()
    {
        using var scope = NewDisposeScope();
        TorchRuntime.Start();
        var path = Path.Combine(folder.Path, "model.safetensors");
        var (model, names) = (Compile("mit", path), Names("mit", "HF"));
        var saved = Tensors(model, names, "", ScalarType.Float32);
        saved.Remove("encoder.block.0.0.attention.self.key.bias");
        saved.Remove("encoder.layer_norm.3.weight", out var renamed);
        saved.Add("encoder.layer_norms.3.weight", renamed!);
        saved["encoder.block.2.0.attention.self.value.weight"] = rand(40, 8);
        SafeTensors.Save(path, saved.Select(s => (s.Key, s.Value)));
        var message = Refusal(model);
        Assert.Contains("Hugging Face's names, lacks 3 of", message, StringComparison.Ordinal);
        Assert.Contains("encoder.block.0.0.attention.self.key.bias", message, StringComparison.Ordinal);
        Assert.Contains(
            "'encoder.layer_norms.3.weight' is near 'encoder.layer_norm.3.weight'",
            message,
            StringComparison.Ordinal
        );
        Assert.Contains("[40, 40] and [40, 8], which do not fit together", message, StringComparison.Ordinal);
        Assert.Contains("Not used of the file: ", message, StringComparison.Ordinal);
    }

    static string Refusal(Model model)
    {
        using var parameters = new ParameterStore(model.Training.Parameters);
        var message = Assert.Throws<DataException>(() => EncoderWeightsLoader.Load(model, parameters)).Message;
        Assert.Equal(
            message,
            Assert.Throws<DataException>(() => new WeightsCheck().Foresee(model, model.Encoders.Single())).Message
        );
        return message;
    }
}
