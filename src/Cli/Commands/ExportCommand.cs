using System.CommandLine;
using System.Globalization;
using Mtlc.Cli.CommandLine;
using Mtlc.Cli.Errors;
using Mtlc.Cli.Files;
using Mtlc.Cli.Output;
using Mtlc.Cli.Running;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Runtime.Export;

namespace Mtlc.Cli.Commands;

/// <summary>`mtlc export RUN|FILE --to onnx --out FILE`: a network as a file that other programs run, compared with what mtlc
/// computes.</summary>
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
            HelpName = "onnx",
            Description = "The format of the file.",
            Required = true,
        };
        to.AcceptOnlyFromAmong("onnx");
        var output = Choices.Out("The file to write. Weights beyond 2 GiB go beside it, to FILE.data.", "FILE", required: true);
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
        var verb = new Verb(
            "export",
            "Write a network as an ONNX file and prove that it computes the same",
            "The file takes pictures as a camera gives them (bytes, red green blue) and gives classes, metres and "
                + "probabilities; it names its classes, their colours and "
                + "units, and the recipe that it came of. Operator set 17.\n\n"
                + "Then ONNX Runtime runs the file on pictures of the val split, whole and cut to odd sizes: the worst error "
                + "of each statement's features and of each "
                + "output stands at its source line, and each score beside that of 'mtlc eval'. The table goes into the file, "
                + "too. Exit code 1 where an error is larger than rounding explains, or another precision costs more than --tolerance.",
            "mtlc export runs/first --to onnx --out first.onnx",
            "mtlc export runs/first --to onnx --out phone.onnx --size 512x1024  # for compilers that want fixed shapes",
            "mtlc export runs/first --to onnx --out small.onnx --precision int8 --tolerance 1",
            "mtlc export net.mtl --to onnx --out net.onnx --no-certificate  # before it is trained"
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
        verb.SetAction(parsed =>
        {
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
                    Target(parsed.GetRequiredValue(output)!),
                    parsed.GetValue(size),
                    parsed.GetValue(raw),
                    !parsed.GetValue(unchecked_),
                    parsed.GetRequiredValue(checkpoint)
                )
                {
                    Precision = numbers,
                    Tolerance = parsed.GetValue(tolerance) / 100,
                }
            );
        });
        return verb;
    }

    static int Run(string given, IReadOnlyList<string> sets, ExportOptions options)
    {
        var run = Directory.Exists(given) ? RunDirectories.Open(given) : null;
        if ((run is null ? Programs.Compile(given, sets) : Programs.Compile(run, sets)) is not { } program)
            return ExitCode.ProgramErrors;
        using var stop = new StopSignals("stopping");
        var diagnostics = new DiagnosticBag();
        var report = Counter.Watch(
            "pictures",
            count =>
                OnnxExporter.Run(
                    program,
                    run,
                    options with
                    {
                        Stop = stop.Token,
                        Warned = Terminal.Error.WriteWarning,
                    },
                    diagnostics,
                    count
                )
        );
        if (report is null)
        {
            Programs.Show(diagnostics.ToSorted(), diagnostics.Suppressed);
            return ExitCode.ProgramErrors;
        }
        CertificateTable.Write(Terminal.Output, report);
        return report.IsKept ? ExitCode.Done : ExitCode.ProgramErrors;
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
