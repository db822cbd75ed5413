using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Mtlc.Cli.CommandLine;
using Mtlc.Cli.Errors;
using Mtlc.Cli.Output;
using Mtlc.Cli.Running;
using Mtlc.Runtime.Training;

namespace Mtlc.Cli.Commands;

/// <summary>`mtlc verify-resume FILE`: proof on the user's own program that stopping and resuming leaves no trace.</summary>
static class VerifyResumeCommand
{
    const int StandardSteps = 8;

    public static Verb Create()
    {
        var (file, set, device) = (Choices.File(), Choices.Set(), Choices.Device());
        var steps = Choices.Count("--steps", $"How far to train. Default: {StandardSteps}.", minimum: 2);
        var at = At();
        var verb = new Verb(
            "verify-resume",
            "Prove that stopping and resuming a program leaves no trace",
            """
            Trains the program twice for so many steps, once undisturbed, once stopped and resumed at the chosen steps, and
            compares the digests of weights, optimizer, state, steps.csv and metrics.csv (without its seconds). Equal to the
            last bit: exit code 0; otherwise 1. The runs lie in a temporary folder that is removed. On a GPU kernels that
            add in no fixed order can differ.
            """,
            "mtlc verify-resume net.mtl",
            "mtlc verify-resume net.mtl --steps 40 --at 7,25 --device cpu"
        )
        {
            file,
            steps,
            at,
            set,
            device,
        };
        verb.SetAction(parsed =>
        {
            if (Programs.Compile(parsed.GetRequiredValue(file), parsed.GetRequiredValue(set)) is not { } program)
                return ExitCode.ProgramErrors;
            var count = parsed.GetValue(steps) ?? StandardSteps;
            var stops =
                parsed.GetValue(at)
                ??
                [
                    .. new long[] { count / 3, 2 * count / 3 }
                        .Where(s => s > 0)
                        .Distinct(),
                ];
            if (stops.Where(s => s >= count).Select(s => (long?)s).FirstOrDefault() is { } late)
                throw Failure.Usage(
                    $"'--at' stops after step {late}, and '--steps' is {count}",
                    "stop before the last step, or give more '--steps'"
                );
            var folder = Directory.CreateTempSubdirectory("mtlc-verify-resume-").FullName;
            try
            {
                using var signals = new StopSignals("stopping after this step (Ctrl-C again: at once)");
                var made = new List<long>();
                var comparisons = ResumeCheck.Run(
                    program,
                    new(folder, count, stops, parsed.GetRequiredValue(device)) { Stop = signals.Token },
                    step =>
                    {
                        made.Add(step);
                        Terminal.Error.WriteLine($"stopped after step {step}, resuming");
                    }
                );
                if (made.Count < stops.Distinct().Count())
                    throw Failure.Usage(
                        $"the program ends before step {stops.Max()}",
                        "stop earlier (--at), or give it more epochs (--set train.epochs=N)"
                    );
                return Report(comparisons, count, made);
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        });
        return verb;
    }

    static int Report(ImmutableArray<ResumeComparison> comparisons, int steps, List<long> stops)
    {
        var output = Terminal.Output;
        foreach (var comparison in comparisons)
            output.WriteLine(
                $"{comparison.What, -11}  "
                    + $"{(comparison.Difference is { } difference ? $"DIFFERS: {difference}" : $"equal  {comparison.Digest[..16]}")}"
            );
        var isEqual = comparisons.All(c => c.Difference is null);
        var where = string.Join(" and ", stops.Select(s => s.ToString(CultureInfo.InvariantCulture)));
        output.WriteText(
            isEqual
                ? $"Stopped after step {where} and resumed, the run of {steps} steps is bit-identical to one that never stopped."
                : $"Stopped after step {where} and resumed, the run of {steps} steps is NOT the one that never stopped."
        );
        return isEqual ? ExitCode.Done : ExitCode.ProgramErrors;
    }

    static Option<ImmutableArray<long>?> At() =>
        new("--at")
        {
            HelpName = "N,N...",
            Description = "After which steps to stop. Default: a third and two thirds of the way.",
            CustomParser = result =>
            {
                var stops = ImmutableArray.CreateBuilder<long>();
                foreach (var word in result.Tokens[0].Value.Split(','))
                {
                    if (!int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var stop) || stop < 1)
                    {
                        result.AddError(
                            $"'--at' takes steps from 1 on with commas between, as in 7,25, not '{result.Tokens[0].Value}'"
                        );
                        return null;
                    }
                    stops.Add(stop);
                }
                return stops.ToImmutable();
            },
        };
}
