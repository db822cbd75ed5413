using System.CommandLine;
using Mtlc.Cli.CommandLine;
using Mtlc.Cli.Files;
using Mtlc.Cli.Output;
using Mtlc.Runtime.Evaluation;
using Mtlc.Runtime.Prediction;

namespace Mtlc.Cli.Commands;

/// <summary>`mtlc predict RUN IMAGE|DIR`: apply a run to pictures.</summary>
internal static class PredictCommand
{
    public static Verb Create()
    {
        var (run, device, checkpoint) = (Choices.Run(), Choices.Device(), Choices.Checkpoint());
        var images = new Argument<string[]>("IMAGE|DIR")
        {
            Description = "Pictures (PNG, JPEG), or folders of pictures; several may be given.",
            Arity = ArgumentArity.OneOrMore,
        };
        var output = Choices.Out("The folder for the results; it is made where there is none.", required: true);
        var verb = new Verb("predict", "Apply a run to pictures",
            "Writes for each picture and task: labels (palette PNG) and an overlay; depth in millimetres (16-bit PNG) and in colour; contours "
            + "and normals as pictures; and a sheet of the first pictures side by side. Prints the files it wrote, one a line.",
            "mtlc predict runs/first street.jpg --out results",
            "mtlc predict runs/first pictures --out results --checkpoint last")
        { run, images, output, checkpoint, device };
        verb.SetAction(parsed => Run(
            parsed.GetRequiredValue(run), parsed.GetRequiredValue(images), OutputPath.Folder(parsed.GetRequiredValue(output)!),
            parsed.GetRequiredValue(checkpoint), parsed.GetRequiredValue(device)));
        return verb;
    }

    private static int Run(string run, string[] images, string output, string checkpoint, string device)
    {
        var directory = RunDirectories.Open(run);
        if (images.FirstOrDefault(i => !Path.Exists(i)) is { } missing)
            throw UserText.Missing(missing, "no picture or folder");
        if (Programs.Compile(directory.Program, directory.Overrides) is not { } program)
            return ExitCode.ProgramErrors;
        using var stop = new StopSignals("stopping");
        var files = Counter.Watch("pictures", count => Predictor.Run(
            program, directory, images, output, new InferenceOptions(checkpoint, device) { Stop = stop.Token },
            (_, done, all) => count(done, all)));
        foreach (var file in files)
            Terminal.Output.WriteLine(file);
        return ExitCode.Done;
    }
}
