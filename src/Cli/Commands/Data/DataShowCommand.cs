using Mtlc.Cli.CommandLine;
using Mtlc.Cli.Output;
using Mtlc.Runtime.Data;

namespace Mtlc.Cli.Commands.Data;

/// <summary>`mtlc data show SOURCE`: samples as a picture.</summary>
internal static class DataShowCommand
{
    private const int StandardCount = 8;

    public static Verb Create()
    {
        var (source, set, split) = (DataArgument.Create(), Choices.Set(), DataArgument.Split("train"));
        var output = Choices.Out("The PNG to write.", "FILE", required: true);
        var count = Choices.Count("--count", $"How many samples, taken evenly over the split. Default: {StandardCount}.");
        var verb = new Verb("show", "Write a contact sheet of pictures, labels and depth",
            "A row a sample: the picture, its labels laid over it, and its depth in colour.",
            "mtlc data show synthetic --out sheet.png",
            "mtlc data show /data/miniscapes --split val --count 4 --out sheet.png")
        { source, output, set, split, count };
        verb.SetAction(parsed => Run(
            parsed.GetRequiredValue(source), parsed.GetRequiredValue(set), parsed.GetRequiredValue(output)!,
            parsed.GetRequiredValue(split), parsed.GetValue(count) ?? StandardCount));
        return verb;
    }

    private static int Run(string source, string[] sets, string output, string split, int count)
    {
        if (DataArgument.Recipe(source, sets) is not { } recipe)
            return ExitCode.ProgramErrors;
        var sheet = DataSheet.Compose(DataSources.Open(recipe), DataArgument.ParseSplit(split), count);
        sheet.SavePng(output);
        Terminal.Output.WriteLine($"{output}: {sheet.Width} x {sheet.Height} pixels");
        return ExitCode.Done;
    }
}
