using Mtlc.Cli.CommandLine;
using Mtlc.Cli.Errors;
using Mtlc.Cli.Output;
using Mtlc.Cli.Running;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Views;

namespace Mtlc.Cli.Commands;

/// <summary>`mtlc summary FILE`: shapes, parameters and multiply-adds.</summary>
static class SummaryCommand
{
    public static Verb Create()
    {
        var (file, set) = (Choices.File(), Choices.Set());
        var size = Choices.Size("--size", "The picture's size, for the multiply-adds. Default: the training crop.");
        var format = Choices.OneOf("--format", "How the summary is printed.", "table", "table", "json");
        var verb = new Verb(
            "summary",
            "List each declaration's shape, parameters and multiply-adds",
            "Shapes are channels x height x width, height and width as fractions of the picture's. Parameters are the "
                + "trainable ones; "
                + "multiply-adds are those of one forward pass over one picture.",
            "mtlc summary branched.mtl",
            "mtlc summary branched.mtl --size 256x512 --format json  # for a program"
        )
        {
            file,
            set,
            size,
            format,
        };
        verb.SetAction(parsed =>
        {
            if (Programs.Compile(parsed.GetRequiredValue(file), parsed.GetRequiredValue(set)) is not { } program)
                return ExitCode.ProgramErrors;
            var summary = Summary.Of(program.Model, parsed.GetValue(size) ?? program.Data.Augment.Crop);
            if (parsed.GetRequiredValue(format) == "json")
                WriteJson(summary);
            else
                Write(Terminal.Output, summary);
            return ExitCode.Done;
        });
        return verb;
    }

    static void Write(Terminal output, Summary summary)
    {
        output.WriteLine($"model {output.Style(summary.Model, Ink.Bold)}");
        output.WriteLine();
        var table = new TextTable(
            new("declaration"),
            new TableColumn("kind", Rank: 3),
            new TableColumn("shape", Rank: 2),
            new("parameters", IsNumber: true),
            new TableColumn("multiply-adds", IsNumber: true, Rank: 1)
        );
        foreach (var declaration in summary.Declarations)
        {
            table.Add(
                declaration.Name,
                declaration.Kind,
                declaration.Shape?.ToString() ?? "",
                Count(declaration.Parameters, declaration.Frozen),
                Amount.Count(declaration.MultiplyAdds)
            );
        }
        table.BeginTotals();
        table.Add("total", "", "", Count(summary.Parameters, summary.Frozen), Amount.Count(summary.MultiplyAdds));
        table.Write(output);
        output.WriteLine();
        output.WriteText($"multiply-adds for one picture of {summary.Size}; output stride {summary.OutputStride}");
    }

    /// <summary>"1,024", "1,024 and 512 frozen".</summary>
    static string Count(long trained, long frozen) =>
        (trained, frozen) switch
        {
            (_, 0) => Quantity.Grouped(trained),
            (0, _) => $"{Quantity.Grouped(frozen)} frozen",
            _ => $"{Quantity.Grouped(trained)} and {Quantity.Grouped(frozen)} frozen",
        };

    static void WriteJson(Summary summary) =>
        JsonText.Write(
            Terminal.Output,
            json =>
            {
                json.WriteString("model", summary.Model);
                json.WriteNumber("parameters", summary.Parameters);
                json.WriteNumber("frozen_parameters", summary.Frozen);
                json.WriteNumber("multiply_adds", summary.MultiplyAdds);
                json.WriteNumber("output_stride", summary.OutputStride);
                json.WriteString("size", summary.Size.ToString());
                json.WriteStartArray("declarations");
                foreach (var declaration in summary.Declarations)
                {
                    json.WriteStartObject();
                    json.WriteString("name", declaration.Name);
                    json.WriteString("kind", declaration.Kind);
                    if (declaration.Shape is { } shape)
                        json.WriteString("shape", shape.ToString());
                    else
                        json.WriteNull("shape");
                    json.WriteNumber("parameters", declaration.Parameters);
                    json.WriteNumber("frozen_parameters", declaration.Frozen);
                    json.WriteNumber("multiply_adds", declaration.MultiplyAdds);
                    json.WriteEndObject();
                }
                json.WriteEndArray();
            }
        );
}
