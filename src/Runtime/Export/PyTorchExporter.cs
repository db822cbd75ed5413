using System.Collections.Immutable;
using System.Globalization;
using Mtlc.Compiler;
using Mtlc.Compiler.Lowering;
using Mtlc.Compiler.Targets.PyTorch;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Runtime.Checkpoints;
using Mtlc.Runtime.Data;
using Mtlc.Runtime.Files;
using Mtlc.Runtime.SelfTest;
using Mtlc.Runtime.Tasks;
using Mtlc.Runtime.Torch;
using Mtlc.Runtime.Training;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Export;

/// <summary>Writes a program as PyTorch source: a folder that needs mtlc no more, and may go on from its runs, and it from
/// theirs.</summary>
public static class PyTorchExporter
{
    static readonly ImmutableArray<string> Files =
    [
        "train.py",
        "check.py",
        "session.py",
        "losses.py",
        "balancing.py",
        "data.py",
        "draws.py",
        "metrics.py",
        "checkpoints.py",
        "parallel.py",
    ];

    /// <param name="run">Where the weights come from; null: those that training starts from.</param>
    /// <param name="overrides">The `--set path=value` in force, stored with the run that the program may be trained in.</param>
    /// <param name="diagnostics">Told what in the program has no words in PyTorch.</param>
    /// <param name="progress">Training steps that were made to be compared with, and of how many.</param>
    /// <returns>null after errors in the program; nothing was written.</returns>
    /// <exception cref="RunException">The folder is not empty; the run has no good checkpoint, or its weights do not fit the
    /// program; or the recipe has what the source cannot do.</exception>
    /// <exception cref="DataException">The data, of which units, names and pictures come, cannot be read.</exception>
    public static PyTorchReport? Run(
        CompiledProgram program,
        RunDirectory? run,
        ExportOptions options,
        ImmutableArray<string> overrides,
        DiagnosticBag diagnostics,
        Action<int, int>? progress = null
    )
    {
        var name = Path.GetFileName(program.Sources is [var main, ..] ? main.Path : program.Model.Name);
        if (PyTorchModel.Write(program.Model, name, diagnostics) is not { } model)
            return null;
        if (Directory.Exists(options.Path) && Directory.EnumerateFileSystemEntries(options.Path).Any())
            throw new RunException($"{options.Path}: not empty; choose another folder (--out)");
        var runtime = TorchRuntime.Start();
        var soundness = Soundness.Require(CPU, options.Warned);
        using var network = run is null
            ? ExportedNetwork.OfProgram(program)
            : ExportedNetwork.OfRun(program, run, options.Checkpoint);
        var source = DataSources.Open(program);
        program.RequireContract(source.Contract);
        var recipe = PyTorchRecipe.Of(program, network.Statistics, source);
        using var scope = NewDisposeScope();
        var numbers = PyTorchNumbers.Of(network, source, options.Stop, progress);

        AtomicFile.CreateFolder(options.Path);
        string In(string file) => Path.Combine(options.Path, file);
        AtomicFile.WriteText(In("model.py"), model);
        AtomicFile.WriteText(In("recipe.json"), recipe + "\n");
        foreach (var file in Files)
            AtomicFile.WriteText(In(file), PyTorchModel.Resource(file));
        AtomicFile.WriteText(In("README.md"), Readme(program, network, name));
        if (options.Job is { } job)
            AtomicFile.WriteText(In(job.File), job.Text);
        var weights = program.Model.Training.Parameters.Select(p => (p.Name, network.Tensors[p.Name]));
        Write(In("weights.safetensors"), weights);
        Write(In("numbers.safetensors"), numbers);
        if (run is null)
        {
            var made = RunDirectory.Create(
                In("run"),
                program,
                overrides,
                copy =>
                    ResolvedConfiguration.ToYaml(
                        program,
                        new(In("run")) { Overrides = overrides },
                        copy,
                        "pytorch",
                        runtime,
                        soundness
                    )
            );
            StatisticsFile.Write(made, network.Statistics);
        }
        else
            run.CopyProgram(In("run"));
        return new(
            options.Path,
            Directory.EnumerateFiles(options.Path).Sum(f => new FileInfo(f).Length),
            model.Count(c => c == '\n'),
            program.Model.Training.Parameters.Where(p => p.Spec.IsTrainable).Sum(p => p.Count),
            network.Step
        );
    }

    static void Write(string path, IEnumerable<(string Name, Tensor Value)> tensors) =>
        AtomicFile.WriteDurably(
            path,
            stream => SafeTensors.Write(stream, TensorCopies.Of(tensors), new Dictionary<string, string> { ["format"] = "pt" })
        );

    static string Readme(CompiledProgram program, ExportedNetwork network, string name)
    {
        var outputs = program.Model.Training.Outputs.Select(o =>
            $"| `{o.Name}` | {program.Model.Task(o.Task).Description} | {(o.IsFinal ? "scored" : "deep supervision")} |"
        );
        var maps = program.Model.Maps;
        var read = string.Concat(
            maps.Select(m =>
                $"`{m.Name}` is [N, {m.Channels}, H, W], as the data have it, NaN where there is no number; its mean and deviation "
                + "are\nkept with the weights.\n\n"
            )
        );
        var weights =
            network.Step == 0
                ? "those that training starts from"
                : string.Create(CultureInfo.InvariantCulture, $"those after {network.Step:N0} steps");
        return PyTorchModel
            .Resource("README.md")
            .Replace("{model}", program.Model.Name, StringComparison.Ordinal)
            .Replace("{class}", PyTorchModel.ClassName(program.Model), StringComparison.Ordinal)
            .Replace("{source}", name, StringComparison.Ordinal)
            .Replace("{weights}", weights, StringComparison.Ordinal)
            .Replace("{arguments}", string.Join(", ", maps.Select(m => m.Name).Prepend("pictures")), StringComparison.Ordinal)
            .Replace("{maps}", read, StringComparison.Ordinal)
            .Replace("{outputs}", string.Join('\n', outputs), StringComparison.Ordinal);
    }
}

/// <summary>What was written.</summary>
/// <param name="Bytes">Of all files.</param>
/// <param name="Lines">Of `model.py`.</param>
/// <param name="Step">Steps that the weights had been trained for; 0 for those that training starts from.</param>
public sealed record PyTorchReport(string Folder, long Bytes, int Lines, long Parameters, long Step);
