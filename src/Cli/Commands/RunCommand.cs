using System.CommandLine;
using Mtlc.Cli.CommandLine;
using Mtlc.Cli.Errors;
using Mtlc.Cli.Files;
using Mtlc.Cli.Running;
using Mtlc.Compiler;
using Mtlc.Dsl.Diagnostics;

namespace Mtlc.Cli.Commands;

/// <summary>`mtlc run FILE`: train, validate each epoch, evaluate.</summary>
static class RunCommand
{
    public static Verb Create()
    {
        var (file, set, device, steps) = (Choices.File(), Choices.Set(), Choices.Device(), Choices.MaxSteps());
        var output = Choices.Out("The run directory. Default: runs/MODEL-DATE-TIME.");
        var tracker = Choices.Tracker();
        var resume = new Option<bool>("--resume") { Description = "Continue the run in --out from its newest good checkpoint." };
        var format = Choices.ScoresFormat();
        var log = new Option<string?>("--log")
        {
            HelpName = "FILE",
            Description = "Append the progress to a file instead of showing it.",
        };
        var expect = new Option<string?>("--expect")
        {
            HelpName = "DIGEST",
            Description = "Run only if the resolved recipe has this digest.",
        };
        var unbounded = Choices.NoMemoryCheck();
        var verb = new Verb(
            "run",
            "Train a program and evaluate it",
            """
            Trains the model on its data, validates after each epoch, and ends with a table in which each metric stands
            beside the best that can be predicted without looking at the picture. The run directory keeps the program, every
            setting, the metrics, the checkpoints and pictures of fixed validation samples.

            Ctrl-C finishes the step, saves and ends with exit code 75; a second Ctrl-C ends at once. 'mtlc resume' continues.
            """,
            "mtlc run examples/branched.mtl",
            "mtlc run branched.mtl --set train.batch=8 --set train.optimizer.lr=2e-4  # other settings, same file",
            "mtlc run branched.mtl --out runs/first --max-steps 20  # does it run at all?",
            "mtlc run branched.mtl --out runs/first --resume  # continue after a stop or a crash"
        )
        {
            file,
            output,
            set,
            steps,
            device,
            resume,
            tracker,
            log,
            format,
            expect,
            unbounded,
        };
        verb.SetAction(parsed =>
        {
            if (parsed.GetValue(resume) && parsed.GetValue(output) is null)
                throw Failure.Usage("'--resume' needs '--out DIR', the run to continue", "'mtlc resume RUN' does the same");
            var json = parsed.GetRequiredValue(format) == "json";
            var (sets, directory) = (
                parsed.GetRequiredValue(set),
                parsed.GetValue(output) is { } given ? OutputPath.Folder(given) : null
            );
            if (
                Programs.Compile(parsed.GetRequiredValue(file), sets, json ? DiagnosticFormat.Json : DiagnosticFormat.Human)
                is not { } program
            )
                return ExitCode.ProgramErrors;
            if (parsed.GetValue(expect) is { } digest && RecipeDigest.Of(program).Run != digest)
                throw Failure.InputOutput("the program has changed since the sweep was planned", "start the sweep again");
            var made = directory is null ? RunDirectories.MakeFree(program.Model.Name) : null;
            try
            {
                return Training.Run(
                    program,
                    directory ?? made!,
                    new(
                        sets,
                        parsed.GetRequiredValue(device),
                        parsed.GetValue(steps),
                        parsed.GetValue(resume),
                        json,
                        parsed.GetValue(tracker),
                        parsed.GetValue(log)
                    )
                    {
                        ChecksMemory = !parsed.GetValue(unbounded),
                    }
                );
            }
            finally
            {
                if (made is not null)
                    RunDirectories.GiveBack(made);
            }
        });
        return verb;
    }
}
