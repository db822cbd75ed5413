using Mtlc.Cli.CommandLine;
using Mtlc.Cli.Commands.Data;
using Mtlc.Cli.Errors;
using Mtlc.Cli.Output;
using Mtlc.Cli.Running;
using Mtlc.Runtime.Evaluation;

namespace Mtlc.Cli.Commands;

/// <summary>`mtlc eval RUN`: score a run on a split of its data.</summary>
static class EvalCommand
{
    public static Verb Create()
    {
        var (run, device, checkpoint, format) = (Choices.Run(), Choices.Device(), Choices.Checkpoint(), Choices.ScoresFormat());
        var (set, split) = (Choices.Set(), DataArgument.Split("val"));
        var verb = new Verb(
            "eval",
            "Score a run on a split of its data",
            "Each metric stands beside the best that can be predicted without looking at the picture.",
            "mtlc eval runs/first",
            "mtlc eval runs/first --split test --format json  # for a program",
            "mtlc eval runs/first --set 'data.source=miniscapes(\"other\")'  # on other data"
        )
        {
            run,
            set,
            split,
            checkpoint,
            device,
            format,
        };
        verb.SetAction(parsed =>
            Run(
                parsed.GetRequiredValue(run),
                parsed.GetRequiredValue(set),
                parsed.GetRequiredValue(split),
                parsed.GetRequiredValue(checkpoint),
                parsed.GetRequiredValue(device),
                parsed.GetRequiredValue(format) == "json"
            )
        );
        return verb;
    }

    static int Run(string run, IReadOnlyList<string> sets, string split, string checkpoint, string device, bool json)
    {
        var directory = RunDirectories.Open(run);
        if (Programs.Compile(directory, sets) is not { } program)
            return ExitCode.ProgramErrors;
        using var stop = new StopSignals("stopping");
        var evaluation = Counter.Watch(
            "images",
            count =>
                Scoring.Run(
                    program,
                    directory,
                    DataArgument.ParseSplit(split),
                    new InferenceOptions(checkpoint, device) { Stop = stop.Token, Warned = Terminal.Error.WriteWarning },
                    count
                )
        );
        foreach (var reason in evaluation.Corrupt)
            Terminal.Error.WriteLine($"{Terminal.Error.Style("warning", Ink.Yellow)}: not evaluated: {reason}");
        foreach (var task in evaluation.Unlabelled)
            Terminal.Error.WriteWarning($"task '{task}' has no score: no sample of the {split} split has a label of it");
        if (json)
            JsonText.Write(Terminal.Output, writer => ScoresJson.Write(writer, evaluation));
        else
            Write(evaluation, split);
        return ExitCode.Done;
    }

    static void Write(EvaluationReport evaluation, string split)
    {
        var output = Terminal.Output;
        output.WriteLine(
            output.Style(
                $"{Quantity.Grouped(evaluation.Images)} images of {split}, step {Quantity.Grouped(evaluation.Step)}",
                Ink.Bold
            )
        );
        output.WriteLine();
        ScoreTable.Write(output, evaluation.Rows);
    }
}
