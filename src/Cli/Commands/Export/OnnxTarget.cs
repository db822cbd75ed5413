using System.CommandLine;
using System.Globalization;
using Mtlc.Cli.CommandLine;
using Mtlc.Cli.Errors;
using Mtlc.Cli.Files;
using Mtlc.Cli.Output;
using Mtlc.Compiler.Recipes;
using Mtlc.Runtime.Export;

namespace Mtlc.Cli.Commands.Export;

/// <summary>`--to onnx`: one file, which is run and compared with what mtlc computes.</summary>
sealed class OnnxTarget : ExportTarget
{
    readonly Option<ImageSize?> size = Choices.Size(
        "--size",
        "Fix the picture's size, and the batch at one picture. Default: any number of pictures of any size."
    );
    readonly Option<bool> raw = new("--raw")
    {
        Description =
            "The network alone: normalised float32 pictures in, logits out. Default: bytes in; classes, metres, "
            + "probabilities out.",
    };
    readonly Option<string> precision = Choices.OneOf(
        "--precision",
        "Numbers of the network. int8 measures ranges on training pictures, and keeps 8 bits where scores stay within "
            + "--tolerance.",
        "float32",
        "float32",
        "fp16",
        "int8"
    );
    readonly Option<double> tolerance = new("--tolerance")
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
    readonly Option<bool> isUnchecked = new("--no-certificate")
    {
        Description = "Only write the file; do not run it and compare.",
    };

    public override string Word => "onnx";

    public override string Makes => "one file";

    public override IReadOnlyList<Option> Options => [size, raw, precision, tolerance, isUnchecked];

    public override Func<Exported, int> Prepare(ParseResult parsed, string path, string checkpoint)
    {
        var numbers = parsed.GetRequiredValue(precision) switch
        {
            "fp16" => ExportPrecision.Fp16,
            "int8" => ExportPrecision.Int8,
            _ => ExportPrecision.Float32,
        };
        if (numbers != ExportPrecision.Float32 && parsed.GetValue(isUnchecked))
            throw Failure.Usage(
                "'--precision' is judged by the scores of the file, which '--no-certificate' leaves out",
                "leave out one of them"
            );
        var options = new ExportOptions(
            File(path),
            parsed.GetValue(size),
            parsed.GetValue(raw),
            !parsed.GetValue(isUnchecked),
            checkpoint
        )
        {
            Precision = numbers,
            Tolerance = parsed.GetValue(tolerance) / 100,
        };
        return exported => Run(exported, options);
    }

    static int Run(Exported exported, ExportOptions options)
    {
        var report = Watch(
            "pictures",
            options,
            (o, diagnostics, count) => OnnxExporter.Run(exported.Program, exported.Run, o, diagnostics, count)
        );
        if (report is null)
            return ExitCode.ProgramErrors;
        CertificateTable.Write(Terminal.Output, report);
        return report.IsKept ? ExitCode.Done : ExitCode.ProgramErrors;
    }

    /// <summary>The file's path, once it is sure that it can be made.</summary>
    static string File(string path)
    {
        if (Directory.Exists(path))
            throw Failure.InputOutput($"'{path}' is a folder, not a file");
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        Directory.CreateDirectory(OutputPath.Folder(folder));
        return path;
    }
}
