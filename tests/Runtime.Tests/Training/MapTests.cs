using System.Collections.Immutable;
using System.Globalization;
using Mtlc.Compiler;
using Mtlc.Compiler.Ops;
using Mtlc.Compiler.Recipes;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Runtime.Checkpoints;
using Mtlc.Runtime.Data;
using Mtlc.Runtime.Data.Images;
using Mtlc.Runtime.Data.Samples;
using Mtlc.Runtime.Evaluation;
using Mtlc.Runtime.Export;
using Mtlc.Runtime.Files;
using Mtlc.Runtime.Prediction;
using Mtlc.Runtime.Tasks;
using Mtlc.Runtime.Torch;
using Mtlc.Runtime.Training;
using Mtlc.Tests.Passes;
using Mtlc.Tests.Torch;
using static TorchSharp.torch;

namespace Mtlc.Tests.Training;

/// <summary>Networks that read a map beside the picture (`input NAME: map`).</summary>
public sealed class MapTests : IDisposable
{
    const string Fused = """
        component tiny(x, width = 8) {
          let half    = conv_bn_relu(x, width, kernel: 3, stride: 2)
          let quarter = conv_bn_relu(half, width, kernel: 3, stride: 2)
          return quarter
        }
        component gated(maps) { return [sum([for m in maps: squeeze_excite(m, reduction: 2)]), maps[1]] }
        model rgbd {
          input disparity: map
          task semseg: segmentation { classes: 19 }
          task depth: depth
          encoder rgb: tiny
          encoder geometry: tiny(disparity)
          exchange fuse: rgb, geometry at half, quarter { using: gated }
          decoder semseg_head: rgb -> semseg { convs: 1, width: 8 }
          decoder depth_head: geometry -> depth { convs: 1, width: 8 }
          loss: cross_entropy(semseg) + l2(depth)
        }
        data { source: synthetic { scenes: 12, size: 32x64 }, augment: { crop: 32, scale: 0.8..1.5, tilt: 5, jitter: 0.2 } }
        train { optimizer: adam { lr: 1e-2 }, batch: 4, epochs: 2, evaluate: { samples: 1 } }
        """;

    readonly string root = Directory.CreateTempSubdirectory("mtlc-maps").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    static CompiledProgram Program(params string[] sets)
    {
        var compiled = Compilation.Compile(new("net.mtl", Fused), null, sets);
        Assert.Empty(compiled.Diagnostics.Select(d => d.Message));
        return compiled.Program!;
    }

    [Fact]
    public void A_map_is_standardised_and_without_a_number_it_is_the_mean()
    {
        var g = new Graphs();
        var map = g.Add("near", new MapInput(2, "near", 3, Mean: 3, Deviation: 2));
        var graph = g.Predict("seen", "depth", map).Predict("picture", "depth", g.Image).Build();
        using var scope = NewDisposeScope();
        using var module = new GraphModule(graph);
        var numbers = tensor([1f, float.NaN, 3, 5, 7, float.NaN, 3, 3]).view(1, 2, 2, 2);
        var given = cat([rand(1, 3, 2, 2), numbers], 1);

        var values = module.forward(given);

        Assert.Equal([-1f, 0, 0, 1, 2, 0, 0, 0], values["seen"].data<float>());
        Assert.True(values["picture"].eq(given.narrow(1, 0, 3)).all().item<bool>());
        Assert.Throws<ArgumentException>(() => module.forward(rand(1, 3, 2, 2)));
    }

    [Theory]
    [InlineData]
    [InlineData("rgb.recompute=true", "geometry.recompute=true", "semseg_head.recompute=true")]
    public void Both_phases_compute_what_the_source_says(params string[] sets)
    {
        var model = Program(sets).Model;
        using var scope = NewDisposeScope();
        using var generator = new Generator(5);
        var numbers = rand(2, 1, 32, 64, generator: generator);
        var pictures = cat(
            [randn(2, 3, 32, 64, generator: generator), numbers.masked_fill(numbers.lt(Held(0.2)), Held(double.NaN))],
            1
        );

        Agreement.InEvaluation(model.Neutral, model.Inference, 3, pictures);
        Agreement.InTraining(Program().Model.Training, model.TrainingStep, 3, pictures);
    }

    [Fact]
    public void What_is_measured_on_the_training_split_is_kept_with_the_weights()
    {
        var program = Program();
        var result = Trainer.Run(program, new(Path.Combine(root, "run"), "cpu", MaxSteps: 2) { Pictures = false });
        var run = RunDirectory.Open(result.Directory);

        var source = DataSources.Open(program);
        double[] numbers =
        [
            .. Enumerable
                .Range(0, source.Count(Split.Train))
                .SelectMany(i => source.Read(Split.Train, i).Maps)
                .Where(v => !float.IsNaN(v))
                .Select(v => (double)v),
        ];
        var mean = numbers.Average();
        var deviation = Math.Sqrt(numbers.Average(n => (n - mean) * (n - mean)));
        var measured = StatisticsFile.Read(run).Maps!["disparity"];
        Assert.Equal(mean, Assert.Single(measured.Mean), 1e-6);
        Assert.Equal(deviation, Assert.Single(measured.Deviation), 1e-6);
        using var weights = run.Checkpoints.Newest().Weights;
        Assert.Equal((float)mean, weights.Tensors["disparity.mean"].item<float>(), 1e-6f);
        Assert.Equal((float)deviation, weights.Tensors["disparity.deviation"].item<float>(), 1e-6f);
        var scores = Scoring.Run(program, run, Split.Validation, new("last", "cpu"));
        Assert.Equal(
            result.Last!.Rows.Select(r => r.Metric.Value.ToString("R", CultureInfo.InvariantCulture)),
            scores.Rows.Select(r => r.Metric.Value.ToString("R", CultureInfo.InvariantCulture))
        );
    }

    [Fact]
    public void Stopping_and_resuming_leaves_no_trace()
    {
        var comparisons = ResumeCheck.Run(Program("fuse.recompute=true"), new(root, 5, [2, 4], "cpu"));
        Assert.All(comparisons, c => Assert.Null(c.Difference));
    }

    [Theory]
    [InlineData("rgb")]
    [InlineData("geometry")]
    public void What_a_frozen_encoder_makes_is_kept_whatever_it_reads(string encoder)
    {
        string[] sets =
        [
            $"{encoder}.frozen=true",
            "data.augment.crop=32x64",
            "data.augment.flip=false",
            "data.augment.scale=1..1",
            "data.augment.tilt=0",
            "data.augment.jitter=0",
        ];
        string Weights(string name, double gibibytes, string says)
        {
            var told = new List<string>();
            var program = Program([.. sets, FormattableString.Invariant($"train.keep_features={gibibytes}")]);
            var result = Trainer.Run(
                program,
                new(Path.Combine(root, name), "cpu") { Pictures = false },
                new() { Informed = told.Add }
            );
            Assert.Contains(says, Assert.Single(told), StringComparison.Ordinal);
            using var last = RunDirectory.Open(result.Directory).Checkpoints.Newest();
            return last.Weights.Sha256;
        }

        Assert.Equal(Weights("anew", 0, "computed each time"), Weights("kept", 1, "computed once and kept"));
    }

    [Fact]
    public void Operations_are_timed_with_their_inputs() =>
        Assert.Contains("disparity", OperationTimes.Of(Program().Model.Inference, new(32, 64)).Keys);

    [Fact]
    public void Pictures_are_predicted_with_their_maps()
    {
        var program = Program();
        var result = Trainer.Run(program, new(Path.Combine(root, "run"), "cpu", MaxSteps: 1) { Pictures = false });
        var run = RunDirectory.Open(result.Directory);
        var (source, pictures, maps) = (DataSources.Open(program), Path.Combine(root, "pictures"), Path.Combine(root, "maps"));
        Directory.CreateDirectory(pictures);
        Directory.CreateDirectory(maps);
        for (var i = 0; i < 2; i++)
        {
            var sample = source.Read(Split.Validation, i);
            new Picture(sample.Height, sample.Width, sample.Rgb).SavePng(Path.Combine(pictures, $"{i}.png"));
            WriteMap(Path.Combine(maps, $"{i}.pfm"), sample);
        }
        var options = new InferenceOptions("last", "cpu");
        IReadOnlyList<string> Predict(string folder, params (string Name, string Place)[] given) =>
            Predictor.Run(
                program,
                run,
                [pictures],
                Path.Combine(root, folder),
                options with
                {
                    Maps = given.ToDictionary(g => g.Name, g => g.Place).ToImmutableDictionary(),
                }
            );
        string Error(params (string Name, string Place)[] given) =>
            Assert.Throws<DataException>(() => Predict("none", given)).Message.Replace(root, "", StringComparison.Ordinal);

        Predict("loose", ("disparity", maps));
        SplitPredictor.Run(program, run, Split.Validation, PredictionLayout.MiniScapes, Path.Combine(root, "split"), options);

        for (var i = 0; i < 2; i++)
            Assert.Equal(
                PngReader.Read(Path.Combine(root, "split", "semseg", $"{i}.png")).Bytes,
                PngReader.Read(Path.Combine(root, "loose", $"{i}_semseg.png")).Bytes
            );
        Assert.Contains("--input disparity=DIR", Error(), StringComparison.Ordinal);
        Assert.Contains("did you mean 'disparity'?", Error(("disparty", maps)), StringComparison.Ordinal);
        Assert.Contains("one file for 2 pictures", Error(("disparity", Path.Combine(maps, "0.pfm"))), StringComparison.Ordinal);
        File.Move(Path.Combine(maps, "1.pfm"), Path.Combine(maps, "2.pfm"));
        Assert.Contains("/maps/1: no file of that name", Error(("disparity", maps)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, null)]
    [InlineData(true, null)]
    [InlineData(false, 28)] // no multiple of the stride 8
    public void A_file_of_ONNX_reads_maps_too(bool isRaw, int? side)
    {
        var program = Program("geometry.width=4", "rgb.width=4");
        var path = Path.Combine(root, "net.onnx");
        var size = side is { } given ? new ImageSize(given, given) : (ImageSize?)null;

        var report = OnnxExporter.Run(program, null, new(path, size, isRaw), new DiagnosticBag())!;

        Assert.True(report.Certificate!.IsKept);
        Assert.Contains("disparity", report.Certificate.Features.Select(f => f.Statement));
        var proto = OnnxFile.Read(path);
        Assert.Equal(["image", "disparity"], proto.Graph.Input.Select(i => i.Name));
        Assert.Contains("disparity", proto.MetadataProps.Single(p => p.Key == "mtlc.maps").Value, StringComparison.Ordinal);
    }

    static void WriteMap(string path, Sample sample)
    {
        using var file = File.Create(path);
        file.Write(
            System.Text.Encoding.ASCII.GetBytes(FormattableString.Invariant($"Pf\n{sample.Width} {sample.Height}\n-1.0\n"))
        );
        for (var y = sample.Height - 1; y >= 0; y--)
        for (var x = 0; x < sample.Width; x++)
            file.Write(BitConverter.GetBytes(sample.Maps[y * sample.Width + x]));
    }

    [Fact]
    public void Two_maps_stand_behind_the_picture_in_their_order()
    {
        var compiled = Compilation.Compile(
            new(
                "two.mtl",
                """
                model two {
                  task depth: depth
                  encoder a: resnet18(second)
                  encoder b: resnet18(first)
                  input first: map { channels: 3 }
                  input second: map
                  decoder head: a + b -> depth
                  loss: l2(depth)
                }
                data { source: manifest("none.yaml") }
                """
            )
        );
        var model = compiled.Program!.Model;

        Assert.Equal(7, model.InputChannels);
        var starts = model.Training.Nodes.Select(n => n.Op).OfType<MapInput>().ToDictionary(m => m.Map, m => m.Start);
        Assert.Equal(model.Maps.ToDictionary(m => m.Name, m => m.Start), starts);
        Assert.Equal([3, 3 + model.Maps[0].Channels], model.Maps.Select(m => m.Start));
        Assert.Equal(3, model.Training.Parameters.First(p => p.Name == "b.conv1.weight").Dimensions[1]);
        Assert.Equal(1, model.Training.Parameters.First(p => p.Name == "a.conv1.weight").Dimensions[1]);
    }
}
