using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using Mtlc.Tests.Verbs;

namespace Mtlc.Tests.Reliability;

/// <summary>A program that trains in a second or two, and what its run directory must hold.</summary>
static class SmallRun
{
    /// <summary>48 steps, 4 an epoch, a checkpoint every 3.</summary>
    public const string Program = """
        data { source: synthetic { scenes: 8, size: 32x64 }, augment: { crop: 32 }, workers: 1 }
        train { optimizer: adam { lr: 1e-3 }, batch: 2, epochs: 12, evaluate: { samples: 0, every: 3 }, checkpoint: { every: 3 } }

        component tiny(x) {
          let layer1 = conv_bn_relu(x, 4, kernel: 3, stride: 4)
          return conv_bn_relu(layer1, 8, kernel: 3, stride: 2)
        }

        model small {
          task semseg: segmentation { classes: 19, ignore: 255 }
          task depth: depth
          encoder trunk: tiny
          decoder head: trunk -> semseg, depth { at: 8, convs: 0, kernel: 1 }
          loss: uncertainty(cross_entropy(semseg), l2(depth))
        }
        """;

    public static string Newest(string run) => Checkpoints(run)[^1];

    public static string[] Checkpoints(string run)
    {
        var folder = Path.Combine(run, "checkpoints");
        return Directory.Exists(folder) ? [.. Directory.GetDirectories(folder, "step-*").Order(StringComparer.Ordinal)] : [];
    }

    /// <summary>Everything that must not depend on how often a run was stopped: digests of all tensors and of the state, and the
    /// logs.</summary>
    public static string Digest(string run) =>
        string.Join(
            '\n',
            File.ReadAllText(Path.Combine(Newest(run), "manifest.json")),
            File.ReadAllText(Path.Combine(run, "steps.csv")),
            string.Join(
                '\n',
                File.ReadLines(Path.Combine(run, "metrics.csv"))
                    .Select(l => string.Join(',', l.Split(',').Where((_, i) => i != 2)))
            )
        );

    /// <summary>Hashes every file of every checkpoint: all must be what their manifests say.</summary>
    public static void AllWhole(string run)
    {
        foreach (var checkpoint in Checkpoints(run))
        {
            using var manifest = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(checkpoint, "manifest.json")));
            var digests = manifest.RootElement.GetProperty("sha256").EnumerateObject().ToList();
            Assert.Equal(["model.safetensors", "optimizer.safetensors", "state.json"], digests.Select(d => d.Name));
            foreach (var file in digests)
                Assert.Equal(
                    file.Value.GetString(),
                    Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(checkpoint, file.Name))))
                );
        }
    }

    /// <summary>Starts the command; its lines go to <paramref name="line"/>.</summary>
    public static Process Start(Command command, Action<string> line, params string[] arguments)
    {
        var process = new Process
        {
            StartInfo = new("dotnet", [Command.Assembly, .. arguments])
            {
                WorkingDirectory = command.Folder,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        process.OutputDataReceived += (_, e) => line(e.Data ?? "");
        process.ErrorDataReceived += (_, e) => line(e.Data ?? "");
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }
}
