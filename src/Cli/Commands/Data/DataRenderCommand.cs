using Mtlc.Cli.CommandLine;
using Mtlc.Cli.Errors;
using Mtlc.Cli.Files;
using Mtlc.Cli.Output;
using Mtlc.Cli.Running;
using Mtlc.Compiler.Recipes;
using Mtlc.Runtime.Data.MiniScapes;
using Mtlc.Runtime.Data.Samples;
using Mtlc.Runtime.Data.Synthetic;

namespace Mtlc.Cli.Commands.Data;

/// <summary>`mtlc data render`: the embedded street scenes as files.</summary>
static class DataRenderCommand
{
    public static Verb Create()
    {
        var standard = new SyntheticRecipe();
        var output = Choices.Out("The folder to make; it must not exist yet, or be empty.", required: true);
        var layout = Choices.OneOf("--layout", "How the files lie.", "miniscapes", "miniscapes");
        var scenes = Choices.Count(
            "--scenes",
            $"Training scenes; validation and test get an eighth each, at least 8. Default: {standard.Scenes}."
        );
        var size = Choices.Size("--size", $"Height and width of every picture. Default: {standard.Size}.");
        var seed = Choices.Count("--seed", "Another seed is another town. Default: 0.", minimum: 0);
        var verb = new Verb(
            "render",
            "Write the embedded street scenes to disk",
            "Renders the data set 'synthetic' into the MiniScapes layout: pictures as JPEG, labels as palette PNG, depth as "
                + "disparity code. "
                + "Train from the folder with 'data { source: miniscapes(\"DIR\") }'.",
            "mtlc data render --out scenes --scenes 64 --size 256x512"
        )
        {
            output,
            layout,
            scenes,
            size,
            seed,
        };
        verb.SetAction(parsed =>
            Run(
                OutputPath.Folder(parsed.GetRequiredValue(output)!),
                parsed.GetValue(scenes) ?? standard.Scenes,
                parsed.GetValue(size) ?? standard.Size,
                parsed.GetValue(seed) ?? standard.Seed
            )
        );
        return verb;
    }

    static int Run(string output, int scenes, ImageSize size, int seed)
    {
        var source = new SyntheticSource(scenes, size, seed);
        var all = Enum.GetValues<Split>().Sum(source.Count);
        using var stop = new StopSignals("stopping; nothing is left behind");
        Counter.Watch(
            "scenes",
            all,
            count =>
            {
                MiniScapesWriter.Write(source, output, count, cancel: stop.Token);
                return all;
            }
        );
        Terminal.Output.WriteLine($"{Quantity.Grouped(all)} scenes of {size} in {output}");
        return ExitCode.Done;
    }
}
