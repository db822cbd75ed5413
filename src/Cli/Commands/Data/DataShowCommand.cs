using System.CommandLine;
using Mtlc.Cli.CommandLine;
using Mtlc.Cli.Errors;
using Mtlc.Cli.Output;
using Mtlc.Runtime.Data;
using Mtlc.Runtime.Data.Augmentation;
using Mtlc.Runtime.Data.Samples;

namespace Mtlc.Cli.Commands.Data;

/// <summary>`mtlc data show SOURCE`: samples as a picture.</summary>
static class DataShowCommand
{
    const int StandardCount = 8;

    public static Verb Create()
    {
        var (source, set, split) = (DataArgument.Create(), Choices.Set(), DataArgument.Split("train"));
        var output = Choices.Out("The PNG to write.", "FILE", required: true);
        var count = Choices.Count("--count", $"How many samples, taken evenly over the split. Default: {StandardCount}.");
        var augment = new Option<bool>("--augment")
        {
            Description = "As training sees them in the first epoch: crop, warp and jitter of the program's 'augment'.",
        };
        var maps = new Option<bool>("--maps")
        {
            Description = "Also what models may read beside the picture ('input NAME: map').",
        };
        var verb = new Verb(
            "show",
            "Write a contact sheet of pictures, labels and depth",
            "A row a sample: the picture, its labels laid over it, and its depth in colour.",
            "mtlc data show synthetic --out sheet.png",
            "mtlc data show /data/miniscapes --split val --count 4 --out sheet.png",
            "mtlc data show branched.mtl --augment --out sheet.png  # is the augmentation right?"
        )
        {
            source,
            output,
            set,
            split,
            count,
            augment,
            maps,
        };
        verb.SetAction(parsed =>
            Run(
                parsed.GetRequiredValue(source),
                parsed.GetRequiredValue(set),
                parsed.GetRequiredValue(output)!,
                parsed.GetRequiredValue(split),
                parsed.GetValue(count) ?? StandardCount,
                parsed.GetValue(augment),
                parsed.GetValue(maps)
            )
        );
        return verb;
    }

    static int Run(string source, string[] sets, string output, string split, int count, bool augment, bool maps)
    {
        if (augment && split != "train")
            throw Failure.Usage(
                $"'--augment' goes with the training split, not '{split}'",
                "'mtlc data show --help' shows how it is called"
            );
        if (DataArgument.Varied(source, sets) is not var (recipe, variation, seed))
            return ExitCode.ProgramErrors;
        var data = DataSources.Open(recipe);
        if (maps)
            data = MappedSource.All(data);
        var sheet = DataSheet.Compose(
            augment ? new VariedSource(data, variation, seed) : data,
            DataArgument.ParseSplit(split),
            count
        );
        sheet.SavePng(output);
        Terminal.Output.WriteLine($"{output}: {sheet.Width} x {sheet.Height} pixels");
        return ExitCode.Done;
    }
}
