using System.CommandLine;
using System.Globalization;
using Mtlc.Cli.CommandLine;
using Mtlc.Cli.Errors;
using Mtlc.Cli.Files;
using Mtlc.Cli.Output;
using Mtlc.Cli.Running;
using Mtlc.Compiler;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Recipes;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Runtime.Export;

namespace Mtlc.Cli.Commands;

/// <summary>`mtlc export RUN|FILE --to onnx|pytorch --out FILE|DIR`: a network as a file that other programs run, compared with
/// what mtlc computes; or the whole program as PyTorch source.</summary>
static class ExportCommand
{
    public static Verb Create()
    {
        var given = new Argument<string>("RUN|FILE")
        {
            Description = "A run directory, or a program (.mtl): then the weights are those that training starts from.",
        };
        var (set, checkpoint) = (Choices.Set(), Choices.Checkpoint());
        var to = new Option<string>("--to")
        {
            HelpName = "onnx|pytorch",
            Description = "onnx: one file. pytorch: a folder with the source of the network and its training.",
            Required = true,
        };
        to.AcceptOnlyFromAmong("onnx", PyTorch);
        var output = Choices.Out(
            "The file to write (weights beyond 2 GiB go beside it, to FILE.data), or the folder.",
            "FILE|DIR",
            required: true
        );
        var size = Choices.Size(
            "--size",
            "Fix the picture's size, and the batch at one picture. Default: any number of pictures of any size."
        );
        var raw = new Option<bool>("--raw")
        {
            Description =
                "The network alone: normalised float32 pictures in, logits out. Default: bytes in; classes, metres, "
                + "probabilities out.",
        };
        var precision = Choices.OneOf(
            "--precision",
            "Numbers of the network. int8 measures ranges on training pictures, and keeps 8 bits where scores stay within "
                + "--tolerance.",
            "float32",
            "float32",
            "fp16",
            "int8"
        );
        var tolerance = new Option<double>("--tolerance")
        {
            HelpName = "PERCENT",
            Description = "The most that another precision may cost of each score. Default: 0.5.",
            DefaultValueFactory = _ => 0.5,
            CustomParser = result =>
            {
                if (
                    double.TryParse(result.Tokens[0].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var percent)
                    && percent is >= 0 and <= 100
                )
                    return percent;
                result.AddError($"'--tolerance' takes a percentage from 0 to 100, not '{result.Tokens[0].Value}'");
                return 0;
            },
        };
        var unchecked_ = new Option<bool>("--no-certificate") { Description = "Only write the file; do not run it and compare." };
        var launch = new LaunchOptions(
            "PyTorch: also write the job in which a cluster trains what was exported, DIR/job.sh for sbatch or DIR/job.yaml for "
                + "kubectl create. Default: local, none.",
            LaunchOptions.Local
        );
        var training = new TorchrunOptions();
        var verb = new Verb(
            "export",
            "Write a network as ONNX, proven to compute the same, or as PyTorch source",
            "The file takes pictures as a camera gives them (bytes, red green blue) and gives classes, metres and "
                + "probabilities; it names its classes, their colours and "
                + "units, and the recipe that it came of. Operator set 17.\n\n"
                + "Then ONNX Runtime runs the file on pictures of the val split, whole and cut to odd sizes: the worst error "
                + "of each statement's features and of each "
                + "output stands at its source line, and each score beside that of 'mtlc eval'. The table goes into the file, "
                + "too. Exit code 1 where an error is larger than rounding explains, or another precision costs more than --tolerance.\n\n"
                + "As PyTorch the folder has model.py, train.py, the weights, and check.py, which holds the source against numbers "
                + "that mtlc computed. torchrun trains it on many processes, of which --launch writes the job; 'mtlc resume' goes on from "
                + "its checkpoints.",
            "mtlc export runs/first --to onnx --out first.onnx",
            "mtlc export runs/first --to onnx --out phone.onnx --size 512x1024  # for compilers that want fixed shapes",
            "mtlc export runs/first --to onnx --out small.onnx --precision int8 --tolerance 1",
            "mtlc export net.mtl --to onnx --out net.onnx --no-certificate  # before it is trained",
            "mtlc export net.mtl --to pytorch --out net-pytorch  # for torchrun",
            "mtlc export net.mtl --to pytorch --out net-pytorch --launch slurm --gpus 4 --nodes 2 --time 8:00:00"
        )
        {
            given,
            to,
            output,
            set,
            size,
            raw,
            precision,
            tolerance,
            unchecked_,
            checkpoint,
        };
        launch.AddTo(verb);
        training.AddTo(verb);
        verb.SetAction(parsed =>
        {
            var isPyTorch = parsed.GetRequiredValue(to) == PyTorch;
            foreach (var option in (Option[])[size, raw, precision, tolerance, unchecked_])
                if (isPyTorch && parsed.GetResult(option) is { Implicit: false })
                    throw Failure.Usage($"'{option.Name}' is for '--to onnx'", "'mtlc export --help' shows how it is called");
            var target = launch.Target(parsed);
            if (!isPyTorch && target != LaunchOptions.Local)
                throw Failure.Usage("'--launch' is for '--to pytorch'", "an ONNX file is not trained");
            if (target == LaunchOptions.Local)
                training.Refuse(parsed);
            var path = parsed.GetRequiredValue(output)!;
            var numbers = parsed.GetRequiredValue(precision) switch
            {
                "fp16" => ExportPrecision.Fp16,
                "int8" => ExportPrecision.Int8,
                _ => ExportPrecision.Float32,
            };
            if (numbers != ExportPrecision.Float32 && parsed.GetValue(unchecked_))
                throw Failure.Usage(
                    "'--precision' is judged by the scores of the file, which '--no-certificate' leaves out",
                    "leave out one of them"
                );
            return Run(
                parsed.GetRequiredValue(given),
                parsed.GetRequiredValue(set),
                new(
                    isPyTorch ? path : Target(path),
                    parsed.GetValue(size),
                    parsed.GetValue(raw),
                    !parsed.GetValue(unchecked_),
                    parsed.GetRequiredValue(checkpoint)
                )
                {
                    Precision = numbers,
                    Tolerance = parsed.GetValue(tolerance) / 100,
                },
                isPyTorch,
                target == LaunchOptions.Local
                    ? null
                    : program =>
                        training.Job(
                            parsed,
                            launch.Job(parsed, program.Model.Name, Path.GetFullPath(path)),
                            target == LaunchOptions.Kubernetes,
                            Path.GetFullPath(path),
                            program.Data.Source is not StoredRecipe
                        )
            );
        });
        return verb;
    }

    const string PyTorch = "pytorch";

    /// <param name="job">Of a program, the job that trains it; null for none.</param>
    static int Run(
        string given,
        IReadOnlyList<string> sets,
        ExportOptions options,
        bool isPyTorch,
        Func<CompiledProgram, ExportedJob>? job
    )
    {
        var run = Directory.Exists(given) ? RunDirectories.Open(given) : null;
        if ((run is null ? Programs.Compile(given, sets) : Programs.Compile(run, sets)) is not { } program)
            return ExitCode.ProgramErrors;
        options = options with { Job = job?.Invoke(program) };
        using var stop = new StopSignals("stopping");
        var diagnostics = new DiagnosticBag();
        options = options with { Stop = stop.Token, Warned = Terminal.Error.WriteWarning };
        if (isPyTorch)
        {
            var written = Counter.Watch(
                "steps",
                count => PyTorchExporter.Run(program, run, options, [.. sets], diagnostics, count)
            );
            if (written is null)
                Programs.Show(diagnostics.ToSorted(), diagnostics.Suppressed);
            else
                Tell(written, options.Job);
            return written is null ? ExitCode.ProgramErrors : ExitCode.Done;
        }
        var report = Counter.Watch("pictures", count => OnnxExporter.Run(program, run, options, diagnostics, count));
        if (report is null)
        {
            Programs.Show(diagnostics.ToSorted(), diagnostics.Suppressed);
            return ExitCode.ProgramErrors;
        }
        CertificateTable.Write(Terminal.Output, report);
        return report.IsKept ? ExitCode.Done : ExitCode.ProgramErrors;
    }

    static void Tell(PyTorchReport written, ExportedJob? job)
    {
        Terminal.Output.WriteLine(
            $"{written.Folder}: model.py of {Quantity.Grouped(written.Lines)} lines, {Quantity.Grouped(written.Parameters)} parameters, "
                + $"{Amount.Bytes(written.Bytes)}"
        );
        Terminal.Output.WriteLine($"next: python {Path.Combine(written.Folder, "check.py")}");
        if (job is not null)
            Terminal.Output.WriteLine($"then: {job.Command} {Path.Combine(written.Folder, job.File)}");
    }

    /// <summary>The file's path, once it is sure that it can be made.</summary>
    static string Target(string path)
    {
        if (Directory.Exists(path))
            throw Failure.InputOutput($"'{path}' is a folder, not a file");
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        Directory.CreateDirectory(OutputPath.Folder(folder));
        return path;
    }
}
