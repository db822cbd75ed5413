using System.Globalization;
using Mtlc.Runtime.Data.Images;
using Mtlc.Runtime.Reports;
using Mtlc.Runtime.Reports.Runs;
using Mtlc.Tests.Runtime.Data;

namespace Mtlc.Tests.Runtime.Reports.Runs;

/// <summary>Run directories as a trainer leaves them, with scores of our choice.</summary>
static class PlantedRun
{
    public const string Program = """
        # planted
        model MODEL {
          task semseg: segmentation { classes: 19 }
          task depth: depth
          encoder trunk: resnet18
          decoder head: trunk + skip trunk/4 -> semseg, depth
          loss: 0.5 * cross_entropy(semseg) + 0.5 * l2(depth)
        }
        """;

    /// <param name="recipe">Equal for repeats; null for one of its own.</param>
    /// <param name="scores">(mean IoU, SI-logRMSE) of each evaluation.</param>
    public static StoredRun Plant(
        this TemporaryFolder folder,
        string name,
        string model,
        (double IoU, double Depth)[] scores,
        int seed = 0,
        double lr = 1e-4,
        string optimizer = "adam",
        string? recipe = null,
        bool finished = true,
        bool pictures = false
    )
    {
        string Text(FormattableString text) => FormattableString.Invariant(text);
        folder.File($"{name}/source/program.mtl", Program.Replace("MODEL", model));
        folder.File(
            $"{name}/config.yaml",
            Text(
                $$"""
                format: mtlc-run/1
                program: source/program.mtl
                model: {{model}}
                digest: {{name}}-0123456789
                recipe: {{recipe ?? name}}
                overrides:
                - train.seed={{seed}}
                command_line:
                - mtlc
                - run
                data:
                  source:
                    kind: synthetic
                    scenes: 512
                    seed: 0
                  augment:
                    crop: 256x256
                  workers: {{seed}}
                train:
                  optimizer:
                    kind: {{optimizer}}
                    lr: {{lr}}
                  batch: 4
                  epochs: {{scores.Length}}
                  seed: {{seed}}
                runtime:
                  mtlc: 1.0.0
                  libtorch: 2.10.0
                  device: cpu

                """
            )
        );
        folder.File(
            $"{name}/metrics.csv",
            "step,epoch,seconds,multitask,semseg/mean_iou,semseg/pixel_accuracy,semseg/iou/road,semseg/iou/<car>,semseg/iou/train,depth/si_log_rmse,depth/rmse,depth/mae/0-5m,depth/mae/5-20m,depth/mae/20m+,depth/rel/0-5m,depth/rel/5-20m,depth/rel/20m+,depth/pixels/0-5m,depth/pixels/5-20m,depth/pixels/20m+\n"
                + string.Concat(
                    scores.Select(
                        (s, i) =>
                            Text(
                                $"{(i + 1) * 100},{i + 1},{(i + 1) * 30.5},1,{s.IoU},{s.IoU + 10},{s.IoU + 20},{s.IoU / 2},,{s.Depth},{s.Depth / 4},1.5,{s.Depth / 10},9.25,0.5,0.3,,10,900,0\n"
                            )
                    )
                )
        );
        folder.File(
            $"{name}/steps.csv",
            "step,epoch,learning_rate,loss,loss/cross_entropy(semseg),gradient_norm,skipped\n"
                + string.Concat(
                    Enumerable
                        .Range(1, scores.Length * 100)
                        .Select(s =>
                            Text(
                                $"{s},{(s - 1) / 100 + 1},0.0001,{5.0 / Math.Sqrt(s) + 0.3 * Math.Sin(s * (seed + 1))},{4.0 / Math.Sqrt(s)},1.5,0\n"
                            )
                        )
                )
        );
        folder.File(
            $"{name}/resources.csv",
            "step,seconds,images_per_second,memory_mb,peak_memory_mb,processors_busy\n"
                + string.Concat(
                    Enumerable.Range(1, scores.Length).Select(i => Text($"{i * 100},{i * 30},13.{i},{800 + 10 * i},900,1.9\n"))
                )
        );
        folder.File($"{name}/confusion-semseg.csv", "label,road,<car>,train\nroad,90,10,0\n<car>,25,75,0\ntrain,0,0,0\n");
        if (finished)
            new RunResult(
                TrainingOutcome.Completed,
                scores.Length * 100,
                0,
                scores.Length * 31,
                0.3,
                13.3,
                21_421_396,
                4_200_000_000,
                900L << 20,
                null
            ).Write(Path.Combine(folder.Path, name));
        for (var i = 1; pictures && i <= scores.Length; i++)
        {
            var shade = (byte)(255 * i / scores.Length);
            folder.File(
                $"{name}/samples/epoch-{i.ToString("D3", CultureInfo.InvariantCulture)}.png",
                Picture.Filled(60, 200, (shade, 90, 160)).ToPng()
            );
        }
        return StoredRun.Open(Path.Combine(folder.Path, name));
    }
}
