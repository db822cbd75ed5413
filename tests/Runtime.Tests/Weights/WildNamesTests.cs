using Mtlc.Compiler;
using Mtlc.Compiler.Ir;
using Mtlc.Runtime.Checkpoints;
using Mtlc.Runtime.Torch;
using Mtlc.Runtime.Weights;
using Mtlc.Tests.Runtime.Data;
using static TorchSharp.torch;

namespace Mtlc.Tests.Weights;

/// <summary>
/// Transformers under the names and shapes of the files that timm, Hugging Face, Meta and Microsoft publish: a network that reads
/// its own weights under such names predicts what it did. </summary>
public sealed class WildNamesTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    static readonly Dictionary<string, string> Encoders = new()
    {
        ["dinov2"] = "dinov2(x, 24, 2, 2, 0, 0, 0, false)",
        ["dinov2_reg"] = "dinov2(x, 24, 2, 2, 4, 0, 0, false)",
        ["dinov3"] = "dinov3(x, 24, 2, 2, 0)",
        ["swin"] = "swin(x, [1, 1, 2, 1], 12, [1, 2, 2, 4], 7, 3, 0, swin_block, swin_merge)",
        ["swin_v2"] = "swin(x, [1, 1, 2, 1], 12, [1, 2, 2, 4], 8, 4, 0, swin_v2_block, swin_v2_merge)",
        ["mit"] = "mit(x, [8, 16, 40, 64], [1, 2, 1, 1], 0)",
        ["vit"] = "vit(x, 24, 2, 16)",
    };

    static Model Compile(string encoder, string weights)
    {
        var text = $$"""
            component small(x) { return {{Encoders[encoder]}} }
            model m {
              task depth: depth
              encoder trunk: small { weights: "{{weights.Replace('\\', '/')}}" }
              decoder head: trunk -> depth { convs: 0, kernel: 1 }
              loss: l2(depth)
            }
            data { source: synthetic { size: 224x224 }, augment: { crop: 224 } }
            """;
        var compilation = Compilation.Compile(new("program.mtl", text));
        Assert.True(compilation.Program is not null, string.Join("\n", compilation.Diagnostics.Select(d => d.Message)));
        return compilation.Program.Model;
    }

    /// <summary>What a file has of one of ours: a part of its first dimension, in another shape perhaps.</summary>
    sealed record Named(string Ours, string Theirs, int Part = 0, int Of = 1)
    {
        public Func<Tensor, Tensor>? Shaped { get; init; }

        /// <summary>Another of ours, behind it.</summary>
        public string? With { get; init; }
    }

    static IEnumerable<Named> Both(string ours, string theirs) =>
        [new($"{ours}.weight", $"{theirs}.weight"), new($"{ours}.bias", $"{theirs}.bias")];

    static IEnumerable<Named> Apart(string ours, string theirs, string q, string k, string v, bool hasKeyBias) =>
        from word in (string[])["weight", "bias"]
        from part in ((string, int)[])[(q, 0), (k, 1), (v, 2)]
        where word == "weight" || hasKeyBias || part.Item2 != 1
        select new Named($"{ours}{word}", $"{theirs}.{part.Item1}.{word}", part.Item2, 3);

    // Meta's DINOv2 and DINOv3 have our names; the latter also what is no parameter of ours.
    static IEnumerable<Named> Dino(string encoder, string style, IEnumerable<string> own)
    {
        var (isThird, isTimm) = (encoder == "dinov3", style.StartsWith("timm", StringComparison.Ordinal));
        var registers = isThird ? "storage_tokens" : "register_tokens";
        if (style == "Meta")
            return own.Select(n => new Named(n, n));
        var all = new List<Named>();
        if (isTimm)
        {
            var hasRegisters = encoder == "dinov2_reg";
            all.Add(new("cls_token", "cls_token"));
            if (!isThird)
                all.Add(new("pos_embed", "pos_embed") { Shaped = hasRegisters ? p => p.narrow(1, 1, 37 * 37) : null });
            if (isThird || hasRegisters)
                all.Add(new(registers, "reg_token"));
            all.AddRange(Both("patch_embed.proj", "patch_embed.proj"));
        }
        else
        {
            all.Add(new("cls_token", "embeddings.cls_token"));
            all.Add(new("mask_token", "embeddings.mask_token") { Shaped = isThird ? m => m.unsqueeze(0) : null });
            if (!isThird)
                all.Add(new("pos_embed", "embeddings.position_embeddings"));
            if (encoder != "dinov2")
                all.Add(new(registers, "embeddings.register_tokens"));
            all.AddRange(
                Both("patch_embed.proj", isThird ? "embeddings.patch_embeddings" : "embeddings.patch_embeddings.projection")
            );
        }
        for (var i = 0; i < 2; i++)
        {
            var (ours, theirs) = (
                $"blocks.{i}",
                isTimm ? $"blocks.{i}"
                : isThird ? $"{(style == "HF 5" ? "model." : "")}layer.{i}"
                : $"encoder.layer.{i}"
            );
            foreach (var norm in (string[])["norm1", "norm2"])
                all.AddRange(Both($"{ours}.{norm}", $"{theirs}.{norm}"));
            var (proj, first, second, scale) = (isTimm, isThird) switch
            {
                (true, true) => ("attn.proj", "mlp.fc1", "mlp.fc2", "gamma_{0}"),
                (true, false) => ("attn.proj", "mlp.fc1", "mlp.fc2", "ls{0}.gamma"),
                (false, true) => ("attention.o_proj", "mlp.up_proj", "mlp.down_proj", "layer_scale{0}.lambda1"),
                _ => ("attention.output.dense", "mlp.fc1", "mlp.fc2", "layer_scale{0}.lambda1"),
            };
            all.AddRange(Both($"{ours}.attn.proj", $"{theirs}.{proj}"));
            all.AddRange(Both($"{ours}.mlp.fc1", $"{theirs}.{first}"));
            all.AddRange(Both($"{ours}.mlp.fc2", $"{theirs}.{second}"));
            foreach (var s in (string[])["1", "2"])
                all.Add(new($"{ours}.ls{s}.gamma", $"{theirs}.{scale.Replace("{0}", s, StringComparison.Ordinal)}"));
            all.AddRange(
                (style, isThird) switch
                {
                    ("timm", false) => Both($"{ours}.attn.qkv", $"{theirs}.attn.qkv"),
                    ("timm", true) => [new($"{ours}.attn.qkv.weight", $"{theirs}.attn.qkv.weight")],
                    ("timm, qkvb", _) =>
                    [
                        new($"{ours}.attn.qkv.weight", $"{theirs}.attn.qkv.weight"),
                        new($"{ours}.attn.qkv.bias", $"{theirs}.attn.q_bias", 0, 3),
                        new($"{ours}.attn.qkv.bias", $"{theirs}.attn.v_bias", 2, 3),
                    ],
                    (_, true) => Apart($"{ours}.attn.qkv.", $"{theirs}.attention", "q_proj", "k_proj", "v_proj", false),
                    _ => Apart($"{ours}.attn.qkv.", $"{theirs}.attention.attention", "query", "key", "value", true),
                }
            );
        }
        all.AddRange(Both("norm", isTimm || isThird ? "norm" : "layernorm"));
        return all;
    }

    static IEnumerable<Named> Swin(bool isSecond, string style, IEnumerable<string> own)
    {
        if (style == "torchvision")
            return own.Select(n => new Named(n, n));
        var isFace = style == "HF";
        var all = Both("features.0.0", isFace ? "embeddings.patch_embeddings.projection" : "patch_embed.proj")
            .Concat(Both("features.0.2", isFace ? "embeddings.norm" : "patch_embed.norm"))
            .ToList();
        int[] depths = [1, 1, 2, 1];
        for (var s = 0; s < 4; s++)
        {
            var layer = isFace ? $"encoder.layers.{s}" : $"layers.{s}";
            if (s > 0)
            {
                var merging = style == "timm" ? layer : layer.Replace($"{s}", $"{s - 1}", StringComparison.Ordinal);
                all.AddRange(Both($"features.{2 * s}.norm", $"{merging}.downsample.norm"));
                all.Add(new($"features.{2 * s}.reduction.weight", $"{merging}.downsample.reduction.weight"));
            }
            for (var b = 0; b < depths[s]; b++)
            {
                var (ours, theirs) = ($"features.{2 * s + 1}.{b}", $"{layer}.blocks.{b}");
                var attention = isFace ? $"{theirs}.attention.self" : $"{theirs}.attn";
                all.AddRange(Both($"{ours}.norm1", $"{theirs}.{(isFace ? "layernorm_before" : "norm1")}"));
                all.AddRange(Both($"{ours}.norm2", $"{theirs}.{(isFace ? "layernorm_after" : "norm2")}"));
                all.AddRange(Both($"{ours}.mlp.0", $"{theirs}.{(isFace ? "intermediate.dense" : "mlp.fc1")}"));
                all.AddRange(Both($"{ours}.mlp.3", $"{theirs}.{(isFace ? "output.dense" : "mlp.fc2")}"));
                all.AddRange(Both($"{ours}.attn.proj", isFace ? $"{theirs}.attention.output.dense" : $"{theirs}.attn.proj"));
                if (isFace)
                    all.AddRange(Apart($"{ours}.attn.qkv.", attention, "query", "key", "value", !isSecond));
                else if (isSecond)
                    all.AddRange([
                        new($"{ours}.attn.qkv.weight", $"{attention}.qkv.weight"),
                        new($"{ours}.attn.qkv.bias", $"{attention}.q_bias", 0, 3),
                        new($"{ours}.attn.qkv.bias", $"{attention}.v_bias", 2, 3),
                    ]);
                else
                    all.AddRange(Both($"{ours}.attn.qkv", $"{attention}.qkv"));
                // As a square, or, of timm's newer versions, not at all.
                if (style != "timm")
                    all.Add(
                        new($"{ours}.attn.relative_position_index", $"{attention}.relative_position_index")
                        {
                            Shaped = isSecond ? i => i.view(64, 64) : i => i.view(49, 49),
                        }
                    );
                if (!isSecond)
                {
                    all.Add(new($"{ours}.attn.relative_position_bias_table", $"{attention}.relative_position_bias_table"));
                    continue;
                }
                all.Add(new($"{ours}.attn.logit_scale", $"{attention}.logit_scale"));
                var mlp = isFace ? "continuous_position_bias_mlp" : "cpb_mlp";
                all.AddRange(Both($"{ours}.attn.cpb_mlp.0", $"{attention}.{mlp}.0"));
                all.Add(new($"{ours}.attn.cpb_mlp.2.weight", $"{attention}.{mlp}.2.weight"));
                if (style != "timm")
                    all.Add(new($"{ours}.attn.relative_coords_table", $"{attention}.relative_coords_table"));
            }
        }
        return all;
    }

    static IEnumerable<Named> Vit(string style)
    {
        var isTimm = style == "timm";
        var all = Both("conv_proj", isTimm ? "patch_embed.proj" : "embeddings.patch_embeddings.projection")
            .Append(new("class_token", isTimm ? "cls_token" : "embeddings.cls_token"))
            .Append(new("encoder.pos_embedding", isTimm ? "pos_embed" : "embeddings.position_embeddings"))
            .Concat(Both("encoder.ln", isTimm ? "norm" : "layernorm"))
            .ToList();
        for (var i = 0; i < 12; i++)
        {
            var (ours, theirs) = ($"encoder.layers.encoder_layer_{i}", isTimm ? $"blocks.{i}" : $"encoder.layer.{i}");
            all.AddRange(Both($"{ours}.ln_1", $"{theirs}.{(isTimm ? "norm1" : "layernorm_before")}"));
            all.AddRange(Both($"{ours}.ln_2", $"{theirs}.{(isTimm ? "norm2" : "layernorm_after")}"));
            all.AddRange(
                Both($"{ours}.self_attention.out_proj", $"{theirs}.{(isTimm ? "attn.proj" : "attention.output.dense")}")
            );
            all.AddRange(Both($"{ours}.mlp.0", $"{theirs}.{(isTimm ? "mlp.fc1" : "intermediate.dense")}"));
            all.AddRange(Both($"{ours}.mlp.3", $"{theirs}.{(isTimm ? "mlp.fc2" : "output.dense")}"));
            all.AddRange(
                isTimm
                    ?
                    [
                        new($"{ours}.self_attention.in_proj_weight", $"{theirs}.attn.qkv.weight"),
                        new($"{ours}.self_attention.in_proj_bias", $"{theirs}.attn.qkv.bias"),
                    ]
                    : Apart($"{ours}.self_attention.in_proj_", $"{theirs}.attention.attention", "query", "key", "value", true)
            );
        }
        return all;
    }

    // MMSegmentation joins queries to keys and values, and has convolutions where others have matrices.
    static IEnumerable<Named> Mit(IReadOnlyCollection<string> own)
    {
        int[] depths = [1, 2, 1, 1];
        var all = new List<Named>();
        for (var s = 0; s < 4; s++)
        {
            all.AddRange(Both($"patch_embed{s + 1}.proj", $"layers.{s}.0.projection"));
            all.AddRange(Both($"patch_embed{s + 1}.norm", $"layers.{s}.0.norm"));
            all.AddRange(Both($"norm{s + 1}", $"layers.{s}.2"));
            for (var b = 0; b < depths[s]; b++)
            {
                var (ours, theirs) = ($"block{s + 1}.{b}", $"layers.{s}.1.{b}");
                foreach (var part in (string[])["norm1", "norm2", "attn.sr", "attn.norm"])
                    all.AddRange(Both($"{ours}.{part}", $"{theirs}.{part}").Where(n => own.Contains(n.Ours)));
                foreach (var word in (string[])["weight", "bias"])
                    all.Add(
                        new($"{ours}.attn.q.{word}", $"{theirs}.attn.attn.in_proj_{word}") { With = $"{ours}.attn.kv.{word}" }
                    );
                all.AddRange(Both($"{ours}.attn.proj", $"{theirs}.attn.attn.out_proj"));
                all.AddRange(Both($"{ours}.mlp.dwconv.dwconv", $"{theirs}.ffn.layers.1"));
                foreach (var (fc, layer) in new[] { ("fc1", 0), ("fc2", 4) })
                {
                    all.Add(
                        new($"{ours}.mlp.{fc}.weight", $"{theirs}.ffn.layers.{layer}.weight")
                        {
                            Shaped = m => m.unsqueeze(2).unsqueeze(3),
                        }
                    );
                    all.Add(new($"{ours}.mlp.{fc}.bias", $"{theirs}.ffn.layers.{layer}.bias"));
                }
            }
        }
        return all;
    }

    // Numbers of a network under our names, of a kind that a file of the style can hold.
    static ParameterStore Numbers(Model model, string encoder, string style)
    {
        using var generator = new Generator(11);
        using var gradients = no_grad();
        var store = new ParameterStore(model.Training.Parameters, seed: 2);
        foreach (var (name, value) in store.All.Where(p => p.Name.StartsWith("trunk.", StringComparison.Ordinal)))
        {
            if (!value.is_floating_point() || name.EndsWith("relative_coords_table", StringComparison.Ordinal))
                continue;
            value.normal_(name.Contains("norm", StringComparison.Ordinal) ? 1 : 0, 0.2, generator);
            if (name.EndsWith("qkv.bias", StringComparison.Ordinal) && encoder is "dinov3" or "swin_v2")
            {
                using var keys = value.chunk(3)[1];
                keys.zero_();
                if (style == "timm" && encoder == "dinov3")
                    value.zero_();
            }
            if (name == "trunk.mask_token" && style.StartsWith("timm", StringComparison.Ordinal))
                value.zero_();
            if (name == "trunk.pos_embed" && style == "timm" && encoder == "dinov2_reg")
            {
                using var first = value.narrow(1, 0, 1);
                first.zero_();
            }
        }
        return store;
    }

    [Theory]
    [InlineData("dinov2", "Meta", "teacher.", "below 'teacher.'")]
    [InlineData("dinov2", "timm", "", "timm's names")]
    [InlineData("dinov2", "HF", "dinov2.", "below 'dinov2.', Hugging Face's names")]
    [InlineData("dinov2_reg", "Meta", "", "")]
    [InlineData("dinov2_reg", "timm", "backbone.", "below 'backbone.', timm's names")]
    [InlineData("dinov2_reg", "HF", "", "Hugging Face's names")]
    [InlineData("dinov3", "Meta", "module.", "below 'module.'")]
    [InlineData("dinov3", "timm", "", "timm's names")]
    [InlineData("dinov3", "timm, qkvb", "", "timm's names")]
    [InlineData("dinov3", "HF", "", "Hugging Face's names")]
    [InlineData("dinov3", "HF 5", "", "Hugging Face's names")]
    [InlineData("swin", "torchvision", "", "")]
    [InlineData("swin", "timm", "", "timm's names")]
    [InlineData("swin", "Microsoft", "module.", "below 'module.', the authors' names")]
    [InlineData("swin", "HF", "swin.", "below 'swin.', Hugging Face's names")]
    [InlineData("swin_v2", "torchvision", "", "")]
    [InlineData("swin_v2", "timm", "", "timm's names")]
    [InlineData("swin_v2", "Microsoft", "", "the authors' names")]
    [InlineData("swin_v2", "HF", "swinv2.", "below 'swinv2.', Hugging Face's names")]
    [InlineData("mit", "MMSegmentation", "backbone.", "below 'backbone.', MMSegmentation's names")]
    [InlineData("vit", "timm", "model.", "below 'model.', timm's names")]
    [InlineData("vit", "HF", "vit.", "below 'vit.', Hugging Face's names")]
    public void A_network_predicts_the_same_from_its_weights_under_the_names_of_others(
        string encoder,
        string style,
        string prefix,
        string place
    )
    {
        using var scope = NewDisposeScope();
        TorchRuntime.Start();
        var path = Path.Combine(folder.Path, "model.safetensors");
        var model = Compile(encoder, path);
        using var numbers = Numbers(model, encoder, style);
        List<string> own =
        [
            .. numbers.All.Select(p => p.Name).Where(n => n.StartsWith("trunk.", StringComparison.Ordinal)).Select(n => n[6..]),
        ];
        List<Named> names =
        [
            .. encoder switch
            {
                "vit" => Vit(style),
                "mit" => Mit(own),
                "swin" or "swin_v2" => Swin(encoder == "swin_v2", style, own),
                _ => Dino(encoder, style, own),
            },
        ];
        Tensor Theirs(Named named)
        {
            var whole = numbers["trunk." + named.Ours].detach();
            var part =
                named.With is { } other ? cat([whole, numbers["trunk." + other].detach()], 0)
                : named.Of == 1 ? whole
                : whole.chunk(named.Of)[named.Part];
            return (named.Shaped?.Invoke(part) ?? part).contiguous();
        }
        var saved = names.Select(n => (prefix + n.Theirs, Theirs(n))).Append(("classifier.weight", rand(3, 3))).ToList();
        if (encoder == "dinov3" && style == "Meta")
            saved.Add(($"{prefix}rope_embed.periods", rand(3)));
        SafeTensors.Save(path, saved);

        using var loaded = new ParameterStore(model.Training.Parameters, seed: 2);
        var report = Assert.Single(EncoderWeightsLoader.Load(model, loaded));

        Assert.Empty(report.Missing);
        Assert.Equal(encoder == "dinov3" && style == "Meta" ? 2 : 1, report.Unused.Length);
        Assert.Equal(place, report.Place);
        Assert.Equal($"{report}", $"{new WeightsCheck().Foresee(model, model.Encoders.Single())}");
        foreach (var (name, value) in numbers.All)
            Assert.True(value.equal(loaded[name]).all().item<bool>(), name);
        var side = encoder.StartsWith("dinov2", StringComparison.Ordinal) ? 56 : 64;
        using var pictures = randn(1, 3, side, 2 * side);
        using var before = new GraphModule(model.Inference, numbers);
        using var after = new GraphModule(model.Inference, loaded);
        var (wanted, given) = (before.forward(pictures)["depth"], after.forward(pictures)["depth"]);
        Assert.True(wanted.equal(given).all().item<bool>());
        Assert.True(wanted.std().item<float>() > 0);

        // Nothing less will do.
        foreach (var lost in new[] { names[0].Theirs, names[names.Count / 2].Theirs, names[^1].Theirs })
        {
            if (lost.Contains("relative_", StringComparison.Ordinal))
                continue;
            SafeTensors.Save(path, saved.Where(s => s.Item1 != prefix + lost));
            using var again = new ParameterStore(model.Training.Parameters, seed: 2);
            var message = Assert.Throws<Mtlc.Runtime.Files.DataException>(() => EncoderWeightsLoader.Load(model, again)).Message;
            Assert.Contains(lost, message, StringComparison.Ordinal);
        }
    }
}
