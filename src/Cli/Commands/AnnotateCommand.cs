using Mtlc.Cli.CommandLine;
using Mtlc.Cli.Errors;
using Mtlc.Cli.Output;
using Mtlc.Cli.Running;
using Mtlc.Compiler.Views;

namespace Mtlc.Cli.Commands;

/// <summary>`mtlc annotate FILE`: the source with what was inferred.</summary>
static class AnnotateCommand
{
    public static Verb Create()
    {
        var (file, set) = (Choices.File(), Choices.Set());
        var verb = new Verb(
            "annotate",
            "Print the source with the inferred shapes beside it",
            "Shapes are channels x height x width, height and width as fractions of the picture's: 256 x H/4 x W/4.",
            "mtlc annotate branched.mtl"
        )
        {
            file,
            set,
        };
        verb.SetAction(parsed =>
        {
            if (Programs.Compile(parsed.GetRequiredValue(file), parsed.GetRequiredValue(set)) is not { } program)
                return ExitCode.ProgramErrors;
            Terminal.Output.Writer.Write(Annotation.Write(program.Model));
            return ExitCode.Done;
        });
        return verb;
    }
}
