using Mtlc.Compiler;
using Mtlc.Compiler.Planning;
using Mtlc.Runtime.Checkpoints;
using Mtlc.Runtime.Torch;
using Mtlc.Runtime.Training;
using static TorchSharp.torch;

namespace Mtlc.Tests.Training;

/// <summary>What a frozen encoder makes of a picture that comes again is not computed again, and nothing else changes.</summary>
public sealed class KeptFeaturesTests : IDisposable
{
    readonly string root = Directory.CreateTempSubdirectory("mtlc-kept").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    // Four scales of attention and convolutions, of which heads read two; a decoder with dropout and batch norm of its own.
    const string Text = """
        component body(x) { return mit(x, [8, 16, 40, 64], [1, 1, 1, 1], 0.5) }
        component dropping(x, skips) { return deeplab_decoder(dropout(x, 0.2), skips, width: 8, skip_width: 8) }
        model small {
          task semseg: segmentation { classes: 19 }
          task depth: depth
          encoder trunk: body { frozen: true }
          decoder semseg: trunk + skip trunk/4 -> semseg { using: dropping }
          decoder depth: trunk/8 -> depth { convs: 1, width: 8 }
          loss: cross_entropy(semseg) + l2(depth)
        }
        train { optimizer: adamw { lr: 1e-2 }, batch: 4, epochs: 2, seed: 5 }
        data { source: synthetic { scenes: 12, size: 32x64, seed: 1 }, augment: { crop: 32x64, flip: false } }
        """;

    static CompiledProgram Program(params string[] sets)
    {
        var compilation = Compilation.Compile(new("small.mtl", Text), null, sets);
        Assert.Empty(compilation.Diagnostics.Select(d => d.Message));
        return compilation.Program!;
    }

    (TrainingResult Result, List<string> Told) Train(
        string name,
        CompiledProgram program,
        long? steps = null,
        bool resume = false,
        string store = "features"
    )
    {
        var told = new List<string>();
        var result = Trainer.Run(
            program,
            new(Path.Combine(root, name), TestDevice.Name, steps, resume) { Features = Path.Combine(root, store) },
            new() { Informed = told.Add, Warned = told.Add }
        );
        return (result, told);
    }

    Checkpoint Last(string name) => new CheckpointFolder(Path.Combine(root, name, "checkpoints")).Newest();

    // Losses step by step, of which the file has all digits.
    string[] Steps(string name) =>
        [.. File.ReadLines(Path.Combine(root, name, "steps.csv")).Select(l => string.Join(',', l.Split(',').Take(6)))];

    void Same(string one, string other)
    {
        using var a = Last(one);
        using var b = Last(other);
        foreach (var (x, y) in new[] { (a.Weights, b.Weights), (a.OptimizerState, b.OptimizerState) })
        {
            Assert.Equal(x.Tensors.Keys, y.Tensors.Keys);
            Assert.All(x.Tensors, t => Assert.True(t.Value.equal(y.Tensors[t.Key]).all().item<bool>(), t.Key));
        }
        Assert.Equal(Steps(one), Steps(other));
    }

    [Theory]
    [InlineData(
        "data.augment.flip=false",
        "what the frozen trunk makes of 12 training and 8 validation pictures is computed once and kept (130 KiB)"
    )]
    [InlineData(
        "data.augment.flip=true",
        "of 8 validation pictures is computed once and kept (52.0 KiB); training pictures vary "
            + "(data.augment.flip): theirs is computed each time"
    )]
    public void Results_are_the_same_to_the_bit_with_and_without(string set, string says)
    {
        var kept = Train("kept", Program(set));
        var anew = Train("anew", Program(set, "train.keep_features=0"));
        Assert.Contains(says, Assert.Single(kept.Told), StringComparison.Ordinal);
        Assert.Equal(
            "what the frozen trunk makes of pictures is computed each time (train.keep_features is 0)",
            Assert.Single(anew.Told)
        );
        Same("kept", "anew");
        Assert.Equal(anew.Result.Last!.Rows.Select(r => r.Metric.Value), kept.Result.Last!.Rows.Select(r => r.Metric.Value));
        if (set.EndsWith("true", StringComparison.Ordinal))
            return;
        // A run that was stopped makes them again.
        Train("parts", Program(set), steps: 4);
        Train("parts", Program(set), resume: true);
        Same("kept", "parts");
    }

    [Fact]
    public void What_lies_on_disk_is_read_by_a_run_that_goes_on_and_by_a_later_one_with_other_heads()
    {
        const string stores = "train.store_features=0.001";
        string[] Files() =>
            [.. Directory.EnumerateFiles(Path.Combine(root, "features"), "*", SearchOption.AllDirectories).Order()];
        Train("anew", Program("train.keep_features=0"));
        var first = Train("parts", Program(stores), steps: 4);
        Assert.Contains(
            "12 training and 8 validation pictures is computed once and kept (130 KiB in memory, 150 KiB on disk)",
            first.Told[0],
            StringComparison.Ordinal
        );
        Assert.Contains(": 0 B of these are there, and 0 B of others", first.Told[1], StringComparison.Ordinal);
        Assert.Equal(12 + 2 + 4, Files().Length); // training pictures, batches of validation, samples that are pictured
        var written = Files().ToDictionary(f => f, File.GetLastWriteTimeUtc);

        var second = Train("parts", Program(stores), resume: true);
        Same("anew", "parts");
        Assert.DoesNotContain(": 0 B of these", second.Told[1], StringComparison.Ordinal);

        // From disk alone, beside a damaged file; then with another head, whose run has nothing to compute of the encoder.
        var spoiled = Files()[3];
        var bytes = File.ReadAllBytes(spoiled);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(spoiled, bytes);
        var damaged = Train("damaged", Program(stores, "train.keep_features=0"));
        Same("anew", "damaged");
        Assert.Contains($"{spoiled}: this file of features is damaged", damaged.Told[2], StringComparison.Ordinal);
        bytes[bytes.Length / 2] ^= 1;
        Assert.Equal(bytes, File.ReadAllBytes(spoiled));
        Train("other", Program(stores, "depth.width=16"));
        Assert.Equal(written.Keys.Order(), Files());
        Assert.All(written.Where(w => w.Key != spoiled), w => Assert.Equal(w.Value, File.GetLastWriteTimeUtc(w.Key)));

        // Other weights, numbers of another type or another computer are other files.
        Train("seed", Program(stores, "train.seed=6"));
        Assert.Equal(2 * written.Count, Files().Length);
    }

    [Fact]
    public void A_full_disk_changes_nothing()
    {
        Train("anew", Program("train.keep_features=0"));
        var narrow = Train("narrow", Program("train.keep_features=0", "train.store_features=0.00004"));
        Assert.Contains(
            "of 8 validation pictures is computed once and kept (41.9 KiB of",
            narrow.Told[0],
            StringComparison.Ordinal
        );
        Same("anew", "narrow");
        var files = new DirectoryInfo(Path.Combine(root, "features")).EnumerateFiles("*", SearchOption.AllDirectories).ToList();
        Assert.InRange(files.Sum(f => f.Length), 1, (long)(0.00004 * (1L << 30)));
        // A folder that cannot be made.
        File.WriteAllText(Path.Combine(root, "file"), "");
        var blocked = Train("blocked", Program("train.store_features=0.001"), store: "file");
        Assert.Contains("no more features are stored", blocked.Told[^1], StringComparison.Ordinal);
        Same("anew", "blocked");
    }

    [Fact]
    public void Features_of_other_weights_operations_or_computers_lie_elsewhere_and_names_do_not_count()
    {
        using var scope = NewDisposeScope();
        TorchRuntime.Start();
        string Digest(string text, int seed = 3, string computer = "this", params string[] sets)
        {
            var model = Compilation.Compile(new("small.mtl", text), null, sets).Program!.Model;
            var features = FrozenFeatures.Of(model.TrainingStep, FrozenFeatures.Encoders(model));
            using var parameters = new ParameterStore(model.TrainingStep.Parameters, 0);
            foreach (var (i, (name, value)) in parameters.All.Index())
                parameters.Set(name, value.is_floating_point() ? ones_like(value).Plus(seed + i % 5) : value);
            return FeatureStore.Digest(features, parameters, computer);
        }
        var own = Digest(Text);
        Assert.Equal(own, Digest(Text.Replace("trunk", "body_of_all", StringComparison.Ordinal)));
        Assert.Equal(own, Digest(Text, sets: "depth.width=16"));
        Assert.NotEqual(own, Digest(Text, seed: 4));
        Assert.NotEqual(own, Digest(Text, computer: "another"));
        Assert.NotEqual(own, Digest(Text.Replace("trunk/8", "trunk/16", StringComparison.Ordinal)));
        Assert.NotEqual(own, Digest(Text.Replace("[1, 1, 1, 1]", "[1, 1, 1, 2]", StringComparison.Ordinal)));
        Assert.NotEqual(own, Digest(Text, sets: "train.precision=bf16"));
    }

    /// <summary>One frozen encoder of a map, which is a part of what its features are found by, and one that is
    /// trained.</summary>
    [Fact]
    public void A_frozen_encoder_of_a_map_is_kept_too()
    {
        const string text = """
            component tiny(x) { return conv_bn_relu(x, 8, kernel: 3, stride: 2) }
            model rgbd {
              input disparity: map
              task depth: depth
              encoder rgb: tiny
              encoder geometry: tiny(disparity) { frozen: true }
              let joined = concat(rgb, geometry)
              decoder depth: joined -> depth { convs: 1, width: 8 }
              loss: l2(depth)
            }
            train { optimizer: adam { lr: 1e-2 }, batch: 4, epochs: 2, seed: 5 }
            data { source: synthetic { scenes: 8, size: 32x64, seed: 1 }, augment: { crop: 32x64, flip: false } }
            """;
        CompiledProgram Compile(params string[] sets) => Compilation.Compile(new("rgbd.mtl", text), null, sets).Program!;
        var kept = Train("kept", Compile());
        Train("anew", Compile("train.keep_features=0"));
        Assert.Contains(
            "what the frozen geometry makes of 8 training and 8 validation",
            Assert.Single(kept.Told),
            StringComparison.Ordinal
        );
        Same("kept", "anew");
    }

    [Fact]
    public void A_picture_that_comes_again_skips_the_encoder_and_another_does_not()
    {
        using var scope = NewDisposeScope();
        TorchRuntime.Start();
        var model = Program().Model;
        var encoders = FrozenFeatures.Encoders(model);
        var features = FrozenFeatures.Of(model.TrainingStep, encoders);
        Assert.Equal(["trunk"], encoders);
        Assert.Equal(["trunk.norm1", "trunk.norm2", "trunk.norm4"], features.Values.Select(v => v.Name));
        Assert.Equal(4 * (8 * 8 * 16 + 16 * 4 * 8 + 64 * 1 * 2), features.Bytes(32, 64));
        using var plain = new GraphModule(model.TrainingStep, 3);
        using var module = new GraphModule(model.TrainingStep, 3);
        using var kept = new KeptFeatures(features, new(1 << 20), bySample: true);
        module.Kept = kept;
        var ran = new List<string>();
        module.Timed = (node, _) => ran.Add(node.Declaration);
        using var pictures = randn(4, 3, 32, 64);

        Forward(pictures, runs: true);
        Forward(pictures, runs: false);
        Forward(pictures.flip(0), runs: false); // the same pictures in another order
        using var others = pictures.clone();
        others.narrow(0, 2, 1).PlusInPlace(1e-6);
        Forward(others, runs: true);
        Forward(others, runs: false);
        Forward(pictures.narrow(0, 0, 2), runs: true); // kernels may compute two otherwise than four
        Assert.Equal(3, kept.Found);

        // Where there is no room, nothing changes.
        using var full = new KeptFeatures(features, new(features.Bytes(32, 64) * 3), bySample: true);
        module.Kept = full;
        Forward(pictures, runs: true);
        Forward(pictures, runs: true);

        void Forward(Tensor shown, bool runs)
        {
            ran.Clear();
            foreach (var each in new[] { plain, module })
            {
                each.train();
                each.Randomness = new(1, 1, 1);
            }
            var (wanted, given) = (plain.forward(shown), module.forward(shown));
            Assert.All(wanted, w => Assert.True(w.Value.equal(given[w.Key]).all().item<bool>(), w.Key));
            Assert.Equal(runs, ran.Contains("trunk"));
            Assert.Contains("semseg", ran);
        }
    }

    [Fact]
    public void Evaluation_keeps_batches_beside_operations_that_write_over_their_operands()
    {
        using var scope = NewDisposeScope();
        TorchRuntime.Start();
        var model = Program().Model;
        var features = FrozenFeatures.Of(model.Inference, FrozenFeatures.Encoders(model));
        using var module = new GraphModule(model.Inference, 3);
        using var kept = new KeptFeatures(features, new(1 << 20), bySample: false);
        using var pictures = randn(3, 3, 32, 64);
        var wanted = module.forward(pictures);
        module.Kept = kept;
        for (var i = 0; i < 3; i++)
        {
            var given = module.forward(pictures);
            Assert.All(wanted, w => Assert.True(w.Value.equal(given[w.Key]).all().item<bool>(), w.Key));
        }
        Assert.Equal(2, kept.Found);
    }

    [Theory]
    [InlineData("trunk.frozen=false")]
    [InlineData("trunk.frozen=until block3")]
    [InlineData("trunk.adapt=lora { rank: 2 }")]
    public void Nothing_is_kept_of_an_encoder_that_trains(string set)
    {
        var program = Program(set);
        Assert.Empty(FrozenFeatures.Encoders(program.Model));
        var plan = MemoryPlan.Of(program, 4, new(32, 64)).Kept;
        Assert.Equal((0, null), (plan.Bytes, plan.Text));
    }

    [Fact]
    public void The_plan_tells_what_is_kept_within_the_bound()
    {
        var each = 4 * (8 * 8 * 16 + 16 * 4 * 8 + 64 * 1 * 2);
        KeptPlan Plan(params string[] sets) => MemoryPlan.Of(Program(sets), 4, new(32, 64)).Kept;
        Assert.Equal((12 * each, 8 * each), (Plan().Training, Plan().Validation));
        Assert.Equal(0, Plan("train.epochs=1").Bytes);
        Assert.Equal((12 * each, 0), (Plan("train.evaluate.every=2").Training, Plan("train.evaluate.every=2").Validation));
        Assert.Equal((0, 8 * each), (Plan("data.augment.jitter=0.1").Training, Plan("data.augment.jitter=0.1").Validation));
        var narrow = Plan("train.keep_features=0.00006"); // 64,424 bytes: not all of training
        Assert.Equal((0, 8 * each), (narrow.Training, narrow.Validation));
        Assert.Contains(
            "that of 12 training pictures would take 78.0 KiB, more than the 62.9 KiB of train.keep_features",
            narrow.Text,
            StringComparison.Ordinal
        );
        Assert.True(Plan("train.keep_features=0.00001").Validation is > 0 and < 11_000);
        var (with, without) = (
            MemoryPlan.Of(Program(), 4, new(32, 64)),
            MemoryPlan.Of(Program("train.keep_features=0"), 4, new(32, 64))
        );
        Assert.Equal(with.Kept.Bytes, with.TrainingPeak - without.TrainingPeak);
        Assert.Equal(RecipeDigest.Of(Program()), RecipeDigest.Of(Program("train.keep_features=0")));
        // On disk: files are a little larger, and one epoch is enough.
        var file = each + 1024;
        var stored = Plan("train.store_features=1", "train.epochs=1");
        Assert.Equal((0, 12 * file, 8 * file), (stored.Bytes, stored.StoredTraining, stored.StoredValidation));
        Assert.EndsWith("kept (150 KiB on disk)", stored.Text, StringComparison.Ordinal);
        var both = Plan("train.store_features=1", "train.keep_features=0.00006");
        Assert.Equal((64_424, 12 * file), (both.Training, both.StoredTraining));
        Assert.Equal(RecipeDigest.Of(Program()), RecipeDigest.Of(Program("train.store_features=1")));
    }
}
