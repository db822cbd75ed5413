using System.Collections.Immutable;
using System.CommandLine;
using Mtlc.Cli.CommandLine;
using Mtlc.Cli.Commands.Data;
using Mtlc.Cli.Errors;
using Mtlc.Cli.Files;
using Mtlc.Cli.Output;
using Mtlc.Cli.Running;
using Mtlc.Runtime.Data;
using Mtlc.Runtime.Evaluation;
using Mtlc.Runtime.Prediction;

namespace Mtlc.Cli.Commands;

/// <summary>`mtlc predict RUN IMAGE|DIR` and `mtlc predict RUN --split SPLIT`: apply a run to pictures, or to a split of its
/// data.</summary>
static class PredictCommand
{
    public static Verb Create()
    {
        var (run, set, device, checkpoint) = (Choices.Run(), Choices.Set(), Choices.Device(), Choices.Checkpoint());
        var images = new Argument<string[]>("IMAGE|DIR")
        {
            Description = "Pictures (PNG, JPEG), or folders of pictures; several may be given. With '--split' there are none.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var output = Choices.Out("The folder for the results; it is made where there is none.", required: true);
        var split = new Option<string?>("--split")
        {
            HelpName = "train|val|test",
            Description = "Predict a split of the run's own data; it needs no labels.",
        };
        split.AcceptOnlyFromAmong("train", "val", "test");
        var layout = new Option<string?>("--layout")
        {
            HelpName = "miniscapes|cityscapes",
            Description =
                "How the predictions of a split lie: semseg/N.png and depth/N.png, or ID_pred_labelIds.png. Default: miniscapes.",
        };
        layout.AcceptOnlyFromAmong("miniscapes", "cityscapes");
        var zip = new Option<string?>("--zip")
        {
            HelpName = "FILE",
            Description = "Also pack the predictions of a split into an archive, to hand in.",
        };
        var unit = new Option<string?>("--depth-unit")
        {
            HelpName = string.Join('|', DepthPng.All.Select(u => u.Symbol)),
            Description =
                $"The unit of the depth of pictures: "
                + $"{string.Join(", ", DepthPng.All.Select(u => $"{u.Symbol} up to {u.Farthest}"))}. Default: "
                + $"{DepthPng.Standard.Symbol}.",
        };
        unit.AcceptOnlyFromAmong([.. DepthPng.All.Select(u => u.Symbol)]);
        var inputs = new Option<string[]>("--input")
        {
            HelpName = "NAME=DIR",
            Description =
                "Where the files of an input beside the picture lie, each called like its picture (.npy, .pfm, .png), or the "
                + "file of an only picture. For networks with inputs; may be given several times.",
            DefaultValueFactory = _ => [],
        };
        var verb = new Verb(
            "predict",
            "Apply a run to pictures, or to a split of its data",
            "Writes for each picture and task: labels (palette PNG) and an overlay; depth in millimetres or centimetres "
                + "(16-bit PNG) and in colour; contours "
                + "and normals as pictures; and a sheet of the first pictures side by side. Prints the files it wrote, "
                + "one a line.\n\n"
                + "With '--split' it writes what a benchmark takes in: labels (palette PNG) and depth (disparity code) of the "
                + "MiniScapes layout, or "
                + "label ids of the Cityscapes layout, each as large as its picture.",
            "mtlc predict runs/first street.jpg --out results",
            "mtlc predict runs/first pictures --out results --checkpoint last",
            "mtlc predict runs/rgbd street.jpg --input disparity=maps --out results",
            "mtlc predict runs/first --split test --out predictions --zip predictions.zip"
        )
        {
            run,
            images,
            output,
            set,
            inputs,
            unit,
            split,
            layout,
            zip,
            checkpoint,
            device,
        };
        verb.SetAction(parsed =>
        {
            var (given, folder) = (parsed.GetValue(images) ?? [], OutputPath.Folder(parsed.GetRequiredValue(output)!));
            var (name, options) = (
                parsed.GetRequiredValue(run),
                new InferenceOptions(parsed.GetRequiredValue(checkpoint), parsed.GetRequiredValue(device))
            );
            var sets = parsed.GetRequiredValue(set);
            const string help = "'mtlc predict --help' shows how it is called";
            if (parsed.GetValue(unit) is { } symbol)
                options = parsed.GetValue(split) is null
                    ? options with
                    {
                        DepthUnit = DepthPng.All.First(u => u.Symbol == symbol),
                    }
                    : throw Failure.Usage("'--depth-unit' goes with pictures, not with '--split'", help);
            var maps = Maps(parsed.GetRequiredValue(inputs), help);
            if (parsed.GetValue(split) is { } word)
                return maps.Count > 0 ? throw Failure.Usage("'--input' goes with pictures, not with '--split'", help)
                    : given is [var extra, ..] ? throw Failure.Usage($"'--split' takes the run's own data, not '{extra}'", help)
                    : RunSplit(name, sets, word, parsed.GetValue(layout), folder, Archive(parsed.GetValue(zip)), options);
            foreach (var option in (Option<string?>[])[layout, zip])
            {
                if (parsed.GetValue(option) is not null)
                    throw Failure.Usage($"'{option.Name}' goes with '--split'", help);
            }
            return given.Length > 0
                ? Run(name, sets, given, folder, options with { Maps = maps })
                : throw Failure.Usage("'mtlc predict' needs IMAGE|DIR, or '--split'", help);
        });
        return verb;
    }

    static ImmutableDictionary<string, string> Maps(string[] given, string help)
    {
        var maps = ImmutableDictionary<string, string>.Empty;
        foreach (var input in given)
        {
            if (input.Split('=', 2) is not [{ Length: > 0 } name, { Length: > 0 } place])
                throw Failure.Usage($"'--input {input}': write NAME=DIR", help);
            maps = maps.ContainsKey(name) ? throw Failure.Usage($"'--input {name}' is given twice", help) : maps.Add(name, place);
        }
        return maps;
    }

    static int Run(string run, IReadOnlyList<string> sets, string[] images, string output, InferenceOptions options)
    {
        var directory = RunDirectories.Open(run);
        if (images.FirstOrDefault(i => !Path.Exists(i)) is { } missing)
            throw UserText.Missing(missing, "no picture or folder");
        if (Programs.Compile(directory, sets) is not { } program)
            return ExitCode.ProgramErrors;
        using var stop = new StopSignals("stopping");
        var warnings = new List<string>(); // below the moving line, not through it
        IReadOnlyList<string> files;
        try
        {
            files = Counter.Watch(
                "pictures",
                count =>
                    Predictor.Run(
                        program,
                        directory,
                        images,
                        output,
                        options with
                        {
                            Stop = stop.Token,
                            Warned = warnings.Add,
                        },
                        (_, done, all) => count(done, all)
                    )
            );
        }
        finally
        {
            warnings.ForEach(Terminal.Error.WriteWarning);
        }
        foreach (var file in files)
            Terminal.Output.WriteData(file);
        return ExitCode.Done;
    }

    static int RunSplit(
        string run,
        IReadOnlyList<string> sets,
        string split,
        string? layout,
        string output,
        string? archive,
        InferenceOptions options
    )
    {
        var directory = RunDirectories.Open(run);
        if (Programs.Compile(directory, sets) is not { } program)
            return ExitCode.ProgramErrors;
        var form = layout == "cityscapes" ? PredictionLayout.Cityscapes : PredictionLayout.MiniScapes;
        using var stop = new StopSignals("stopping");
        var predictions = Counter.Watch(
            "pictures",
            count =>
                SplitPredictor.Run(
                    program,
                    directory,
                    DataArgument.ParseSplit(split),
                    form,
                    output,
                    options with
                    {
                        Stop = stop.Token,
                        Warned = Terminal.Error.WriteWarning,
                    },
                    count
                )
        );
        foreach (var reason in predictions.Corrupt)
            Terminal.Error.WriteLine($"{Terminal.Error.Style("warning", Ink.Yellow)}: not predicted: {reason}");
        Terminal.Output.WriteLine(
            $"{Quantity.Grouped(predictions.Samples)} pictures of {split}, {Quantity.Grouped(predictions.Files.Length)} "
                + $"files in {output}"
        );
        if (archive is not null)
        {
            PredictionWriter.Pack(output, archive, predictions.Files);
            Terminal.Output.WriteData(archive);
        }
        return ExitCode.Done;
    }

    /// <summary>The archive's path, once it is sure that it can be made.</summary>
    static string? Archive(string? path)
    {
        if (path is null)
            return null;
        if (Directory.Exists(path))
            throw Failure.InputOutput($"'{path}' is a folder, not an archive");
        OutputPath.Folder(Path.GetDirectoryName(Path.GetFullPath(path))!);
        return path;
    }
}
