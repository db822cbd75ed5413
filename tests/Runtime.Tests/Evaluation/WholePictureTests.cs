using Mtlc.Compiler;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Ops;
using Mtlc.Compiler.Planning;
using Mtlc.Dsl.Text;
using Mtlc.Runtime.Data.Augmentation;
using Mtlc.Runtime.Data.Loading;
using Mtlc.Runtime.Data.Samples;
using Mtlc.Runtime.Evaluation;
using Mtlc.Runtime.Tasks;
using Mtlc.Runtime.Torch;
using Mtlc.Runtime.Training;
using Mtlc.Tests.Torch;
using static TorchSharp.torch;

namespace Mtlc.Tests.Evaluation;

/// <summary>Every pixel of every picture is scored at its own size, whatever the network's stride and the sizes of the
/// others.</summary>
public sealed class WholePictureTests : IDisposable
{
    static readonly (int Height, int Width)[] Sizes =
    [
        (63, 95),
        (64, 96),
        (65, 97),
        (31, 31),
        (30, 90),
        (30, 90),
        (2, 3),
        (1, 70),
        (128, 64),
    ];

    readonly string root = Directory.CreateTempSubdirectory("mtlc-whole").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    static CompiledProgram Program(int stride, string loss = "cross_entropy(semseg) + l1(depth)", string more = "")
    {
        var text = new SourceText(
            "net.mtl",
            $$"""
            component tiny(x) {
              let conv1  = conv(x, 8, kernel: 3, stride: 2) |> relu
              let layer1 = conv(conv1, 16, kernel: 3, stride: {{stride / 2}}) |> relu
              return layer1
            }
            model net {
              task semseg: segmentation { classes: 3 }
              task depth: depth
              {{more}}
              encoder trunk: tiny
              decoder semseg_head: trunk -> semseg { convs: 0 }
              decoder depth_head: trunk -> depth { convs: 0 }
              loss: {{loss}}
            }
            data { source: manifest("data.yaml"), augment.crop: 64 }
            train { batch: 4, epochs: 1, evaluate.samples: 9 }
            """
        );
        var compilation = Compilation.Compile(text, p => new SourceText(p, ""));
        Assert.Empty(compilation.Diagnostics);
        return compilation.Program!;
    }

    [Theory, InlineData(4), InlineData(32), InlineData(64)]
    public void Training_scores_every_labelled_pixel(int stride)
    {
        EvaluationReport? report = null;
        var result = Trainer.Run(
            Program(stride),
            new(Path.Combine(root, "run"), "cpu", MaxSteps: 1) { Data = new SizedSource(Sizes) },
            new() { Evaluated = r => report = r }
        );
        var labelled = Sizes.Sum(s => s.Height * s.Width - 1);
        Assert.Equal(
            labelled,
            report!.Rows.Where(r => r.Metric.Key.StartsWith("depth/pixels/", StringComparison.Ordinal)).Sum(r => r.Metric.Value)
        );
        var confusion = File.ReadLines(Path.Combine(result.Directory, "confusion-semseg.csv"))
            .Skip(1)
            .SelectMany(l => l.Split(',').Skip(1));
        Assert.Equal(labelled, confusion.Sum(c => long.Parse(c, System.Globalization.CultureInfo.InvariantCulture)));
        Assert.Equal(Sizes.Length, report.Images);
        Assert.NotNull(report.Picture);
    }

    /// <summary>Versions that scored the middle of a picture did not say so in the configuration: what follows does not compare
    /// with what they stored.</summary>
    [Theory, InlineData(63, 95, 1), InlineData(64, 96, 0)]
    public void A_resumed_run_of_an_older_version_says_that_its_scores_were_of_less(int height, int width, int told)
    {
        var (directory, warnings) = (Path.Combine(root, "run"), new List<string>());
        TrainOptions Options(long steps, bool resume = false) =>
            new(directory, "cpu", steps, resume) { Data = new SizedSource((height, width)) };
        var program = Program(32);
        Trainer.Run(program, Options(1), new() { Warned = warnings.Add });
        var config = File.ReadAllText(Path.Combine(directory, "config.yaml"));
        Assert.Contains("  pictures_scored: whole\n", config.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Trainer.Run(program, Options(2, resume: true), new() { Warned = warnings.Add });
        Assert.Empty(warnings);
        File.WriteAllText(
            Path.Combine(directory, "config.yaml"),
            config.ReplaceLineEndings("\n").Replace("  pictures_scored: whole\n", "", StringComparison.Ordinal)
        );
        Trainer.Run(program, Options(3, resume: true), new() { Warned = warnings.Add });
        Assert.Equal(told, warnings.Count(w => w.Contains("margins of pictures", StringComparison.Ordinal)));
    }

    /// <summary>A prediction is that of the picture with its last row and column repeated; where the sides divide it is the
    /// network's own, to the bit.</summary>
    [Theory]
    [InlineData(64, 96, 64, 96)]
    [InlineData(63, 95, 64, 96)]
    [InlineData(65, 97, 96, 128)]
    [InlineData(31, 1, 32, 32)]
    public void A_picture_is_padded_with_its_last_row_and_column_and_cut_back(
        int height,
        int width,
        int paddedHeight,
        int paddedWidth
    )
    {
        TorchRuntime.Start();
        using var module = new GraphModule(Program(32).Model.Inference, seed: 1);
        module.eval();
        using var mode = inference_mode();
        using var scope = NewDisposeScope();
        var sample = new SizedSource((height, width)).Read(Split.Validation, 0);
        var rgb = new byte[3 * paddedHeight * paddedWidth];
        for (var p = 0; p < paddedHeight * paddedWidth; p++)
        {
            var from = Math.Min(p / paddedWidth, height - 1) * width + Math.Min(p % paddedWidth, width - 1);
            sample.Rgb.AsSpan(3 * from, 3).CopyTo(rgb.AsSpan(3 * p));
        }
        var byHand = Batch.Of([Preparation.Whole(new("by hand", paddedHeight, paddedWidth, rgb, null, null))], CPU);
        var whole = module.forward(byHand.Image);
        var predicted = WholePictures.Predict(module, Batch.Of([Preparation.Whole(sample)], CPU).Image);
        foreach (var output in module.Graph.Outputs)
        {
            Assert.Equal([1, output.Value.Shape.Channels, height, width], predicted[output.Task].shape);
            Assert.True(
                whole[output.Name].narrow(2, 0, height).narrow(3, 0, width).equal(predicted[output.Task]).all().item<bool>()
            );
        }
    }

    /// <summary>A batch takes pictures of one size: how they are batched changes no score.</summary>
    [Fact]
    public void The_batch_does_not_matter()
    {
        var (program, source) = (Program(32), new SizedSource(Sizes));
        var statistics = TrainingStatistics.Measure(program.Model, source, program.Data);
        TorchRuntime.Start();
        using var module = new GraphModule(program.Model.Inference, seed: 1);
        MetricRow[] Rows(int batch) =>
            [
                .. Scoring
                    .Score(
                        module,
                        program with
                        {
                            Train = program.Train with { Batch = batch },
                        },
                        source,
                        Split.Validation,
                        statistics,
                        null,
                        default
                    )
                    .Scores.Rows,
            ];
        foreach (var (one, four) in Rows(1).Zip(Rows(4)))
            Assert.Equal(one.Metric.Value, four.Metric.Value, 1e-4);
    }

    /// <summary>Contours, normals and Canny's edges come of the picture itself: one colour and one distance have none, at no
    /// border.</summary>
    [Fact]
    public void Nothing_appears_at_the_border_of_what_is_padded()
    {
        TorchRuntime.Start();
        var flat = new SizedSource((33, 45))
        {
            Change = s =>
                s with
                {
                    Rgb = [.. s.Rgb.Select(_ => (byte)90)],
                    Classes = new byte[33 * 45],
                    Depth = [.. s.Depth!.Select(_ => 7f)],
                },
        };
        var program = Program(
            32,
            "cross_entropy(semseg) + l1(depth) + balanced_bce(edges) + l1(slopes)",
            "task edges: contour of semseg\n  task slopes: normals of depth\n  decoder e: trunk -> edges { convs: 0 }\n  "
                + "decoder n: trunk -> slopes { convs: 0 }"
        );
        using var scope = NewDisposeScope();
        var batch = Batch.Of([Preparation.Whole(flat.Read(Split.Validation, 0))], CPU);
        var targets = new TaskTargets(program.Model, TrainingStatistics.Measure(program.Model, flat, program.Data));
        Assert.Equal(0, targets.Label(program.Model.Task("edges"), batch).sum().item<float>());
        Assert.Equal(33 * 45, targets.Label(program.Model.Task("slopes"), batch).select(1, 2).sum().item<float>());
        var g = new Graphs();
        var graph = g.Predict("edges", "edges", g.Add("canny", new Canny(50, 100), g.Image))
            .Predict("far", "far", g.Add("far", new ResizeLike(), g.Add("cell", new Conv(1, 3, 32), g.Image), g.Image))
            .Build();
        using var module = new GraphModule(graph, seed: 0);
        Assert.Equal(0, WholePictures.Predict(module, batch.Image)["edges"].sum().item<float>());
    }

    [Fact]
    public void The_stride_is_what_all_features_divide_by()
    {
        var g = new Graphs();
        var (half, third) = (g.Add("half", new Conv(1, 3, 2), g.Image), g.Add("third", new Conv(1, 3, 3), g.Image));
        Assert.Equal(6, OutputStrides.Of(g.Predict("a", "a", half).Predict("b", "b", third).Build()));
        Assert.Equal(64, OutputStrides.Of(Program(64).Model.Inference));
    }

    [Fact]
    public void The_plan_counts_the_padded_size()
    {
        var program = Program(32);
        MemoryPlan Of(int height, int width) =>
            MemoryPlan.Of(
                program with
                {
                    Data = program.Data with { Source = new Compiler.Recipes.SyntheticRecipe(8, new(height, width)) },
                },
                2,
                new(64, 64)
            );
        Assert.Equal((64, 96), (Of(63, 95).Pictures.Height, Of(63, 95).Pictures.Width));
        Assert.Equal(Of(64, 96).Evaluation, Of(63, 95).Evaluation);
        Assert.True(Of(65, 97).Evaluation.Peak > Of(64, 96).Evaluation.Peak);
    }
}
