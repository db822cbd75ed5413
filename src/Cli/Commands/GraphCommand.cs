using Mtlc.Cli.CommandLine;
using Mtlc.Cli.Output;
using Mtlc.Compiler.Backends;

namespace Mtlc.Cli.Commands;

/// <summary>`mtlc graph FILE`: the compiled graph.</summary>
internal static class GraphCommand
{
    public static Verb Create()
    {
        var (file, set) = (Choices.File(), Choices.Set());
        var format = Choices.OneOf(
            "--format", "text: every operation with its shape; dot: the same for Graphviz; svg: a drawing of the declarations.", "text",
            "text", "dot", "svg");
        var phase = Choices.OneOf(
            "--phase", "train: every prediction that has a loss; infer: the scored predictions alone.", "train", "train", "infer");
        var verb = new Verb("graph", "Print the compiled graph",
            "The same program gives the same bytes, so that two versions can be compared.",
            "mtlc graph branched.mtl --format svg > branched.svg",
            "mtlc graph branched.mtl --format dot | dot -Tpdf > branched.pdf",
            "diff <(mtlc graph a.mtl) <(mtlc graph b.mtl)  # what really differs?")
        { file, set, format, phase };
        verb.SetAction(parsed =>
        {
            if (Programs.Compile(parsed.GetRequiredValue(file), parsed.GetRequiredValue(set)) is not { Model: var model })
                return ExitCode.ProgramErrors;
            var graph = parsed.GetRequiredValue(phase) == "infer" ? model.Inference : model.Training;
            Terminal.Output.Writer.Write(parsed.GetRequiredValue(format) switch
            {
                "dot" => Dot.Write(graph),
                "svg" => Svg.Write(model, graph),
                _ => TextDump.Write(graph),
            });
            return ExitCode.Done;
        });
        return verb;
    }
}
