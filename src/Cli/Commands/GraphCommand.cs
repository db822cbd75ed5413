using System.Collections.Immutable;
using System.CommandLine;
using Mtlc.Cli.CommandLine;
using Mtlc.Cli.Errors;
using Mtlc.Cli.Output;
using Mtlc.Cli.Running;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Planning;
using Mtlc.Compiler.Recipes;
using Mtlc.Compiler.Views;
using Mtlc.Runtime.Torch;

namespace Mtlc.Cli.Commands;

/// <summary>`mtlc graph FILE`: the compiled graph.</summary>
static class GraphCommand
{
    public static Verb Create()
    {
        var (file, set) = (Choices.File(), Choices.Set());
        var format = Choices.OneOf(
            "--format",
            "text: every operation with its shape; dot: the same for Graphviz; svg: a drawing of the declarations; json: "
                + "both, with places and costs, for programs.",
            "text",
            "text",
            "dot",
            "svg",
            "json"
        );
        var phase = Choices.OneOf(
            "--phase",
            "train: every prediction that has a loss; step: the same, as training runs it; infer: the scored predictions alone.",
            "train",
            "train",
            "step",
            "infer"
        );
        var passes = new Option<bool>("--explain-passes")
        {
            Description =
                "Instead of the graph, what each pass left and saved: operations, parameters read, multiply-adds, and bytes "
                + "alive at once.",
        };
        var size = Choices.Size("--size", "The picture's size, for json and --explain-passes. Default: the training crop.");
        var time = new Option<bool>("--time")
        {
            Description = "With json: also what each operation takes in a forward pass over one picture, on this machine's CPU.",
        };
        var verb = new Verb(
            "graph",
            "Print the compiled graph",
            "The same program gives the same bytes, so that two versions can be compared.",
            "mtlc graph branched.mtl --format svg > branched.svg",
            "mtlc graph branched.mtl --format dot | dot -Tpdf > branched.pdf",
            "diff <(mtlc graph a.mtl) <(mtlc graph b.mtl)  # what really differs?"
        )
        {
            file,
            set,
            format,
            phase,
            passes,
            size,
            time,
        };
        verb.SetAction(parsed =>
        {
            if (
                Programs.Compile(parsed.GetRequiredValue(file), parsed.GetRequiredValue(set))
                is not { Model: var model, Data: var data, Train: var train }
            )
                return ExitCode.ProgramErrors;
            var infer = parsed.GetRequiredValue(phase) == "infer";
            var step = parsed.GetRequiredValue(phase) == "step";
            var picture = parsed.GetValue(size) ?? data.Augment.Crop;
            if (parsed.GetValue(passes))
            {
                Explain(
                    Terminal.Output,
                    infer ? PassReport.OfInference(model, picture) : PassReport.OfTraining(model, train.Precision, picture),
                    picture
                );
                return ExitCode.Done;
            }
            var graph =
                infer ? model.Inference
                : step ? model.TrainingStep
                : model.Training;
            Terminal.Output.Writer.Write(
                parsed.GetRequiredValue(format) switch
                {
                    "dot" => Dot.Write(graph),
                    "svg" => Svg.Write(model, graph),
                    "json" => DrawingJson.Write(
                        model,
                        graph,
                        picture,
                        parsed.GetValue(time) ? OperationTimes.Of(graph, picture) : null
                    ),
                    _ => TextDump.Write(graph),
                }
            );
            return ExitCode.Done;
        });
        return verb;
    }

    static void Explain(Terminal output, ImmutableArray<PassReport> reports, ImageSize size)
    {
        var table = new TextTable(
            new("after"),
            new TableColumn("operations", IsNumber: true),
            new TableColumn("parameters", IsNumber: true),
            new TableColumn("multiply-adds", IsNumber: true),
            new TableColumn("bytes at peak", IsNumber: true)
        );
        foreach (var (before, after) in reports.Prepend(reports[0]).Zip(reports))
        {
            table.Add(
                after.Pass,
                Changed(Quantity.Grouped, before.Nodes, after.Nodes),
                Changed(Quantity.Grouped, before.Parameters, after.Parameters),
                Changed(Amount.Count, before.MultiplyAdds, after.MultiplyAdds),
                Changed(Amount.Count, before.PeakBytes, after.PeakBytes)
            );
        }
        table.Write(output);
        output.WriteLine();
        output.WriteText($"multiply-adds and activations of one picture of {size}; in brackets what the pass changed");
    }

    static string Changed(Func<long, string> text, long before, long after) =>
        after == before ? text(after) : $"({(after > before ? "+" : "-")}{text(Math.Abs(after - before))}) {text(after)}";
}
