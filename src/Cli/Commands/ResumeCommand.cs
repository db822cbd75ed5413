using Mtlc.Cli.CommandLine;
using Mtlc.Cli.Errors;
using Mtlc.Cli.Running;

namespace Mtlc.Cli.Commands;

/// <summary>`mtlc resume RUN`: go on where a run stopped.</summary>
static class ResumeCommand
{
    public static Verb Create()
    {
        var (run, device, steps, tracker, format) = (
            Choices.Run(),
            Choices.Device(),
            Choices.MaxSteps(),
            Choices.Tracker(),
            Choices.ScoresFormat()
        );
        var unbounded = Choices.NoMemoryCheck();
        var verb = new Verb(
            "resume",
            "Continue a run from its newest good checkpoint",
            "Takes the program and the settings from the run directory. On the CPU the result equals that of a run that "
                + "never stopped.",
            "mtlc resume runs/first"
        )
        {
            run,
            steps,
            device,
            tracker,
            format,
            unbounded,
        };
        verb.SetAction(parsed =>
        {
            var directory = RunDirectories.Open(parsed.GetRequiredValue(run));
            if (Programs.Compile(directory) is not { } program)
                return ExitCode.ProgramErrors;
            return Training.Run(
                program,
                directory.Root,
                new(
                    directory.Overrides,
                    parsed.GetRequiredValue(device),
                    parsed.GetValue(steps),
                    Resume: true,
                    parsed.GetRequiredValue(format) == "json",
                    parsed.GetValue(tracker)
                )
                {
                    ChecksMemory = !parsed.GetValue(unbounded),
                }
            );
        });
        return verb;
    }
}
