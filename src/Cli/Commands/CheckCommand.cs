using Mtlc.Cli.CommandLine;
using Mtlc.Cli.Commands.Data;
using Mtlc.Cli.Output;
using Mtlc.Compiler;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Lowering;
using Mtlc.Compiler.Recipes;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Runtime.Data;

namespace Mtlc.Cli.Commands;

/// <summary>`mtlc check FILE`: everything that can be known before the first batch.</summary>
internal static class CheckCommand
{
    public static Verb Create()
    {
        var (file, set) = (Choices.File(), Choices.Set());
        var format = Choices.OneOf("--format", "How diagnostics are written.", "human", "human", "msbuild", "json");
        var verb = new Verb("check", "Find every error of a program without training",
            "Errors and warnings go to stderr. A program without errors is confirmed on stdout with its tasks, its parameters, its loss as "
            + "expanded and its data. Data that are on this machine are checked against the model, but not read: 'mtlc data check' does that.",
            "mtlc check branched.mtl",
            "mtlc check branched.mtl --set trunk.dilate=[false,true,true]  # would this setting work?",
            "mtlc check branched.mtl --format msbuild  # one line a diagnostic, for editors and build logs")
        { file, set, format };
        verb.SetAction(parsed =>
        {
            var chosen = parsed.GetRequiredValue(format) switch
            {
                "json" => DiagnosticFormat.Json,
                "msbuild" => DiagnosticFormat.MsBuild,
                _ => DiagnosticFormat.Human,
            };
            if (Programs.Compile(parsed.GetRequiredValue(file), parsed.GetRequiredValue(set), chosen) is not { } program)
                return ExitCode.ProgramErrors;
            if (Data(program.Data.Source) is not { } data)
                return Confirm(program, $"{Contracts.Name(program.Data.Source)}, not on this machine: what the model needs of it was not checked", chosen);
            try
            {
                program.RequireContract(data.Contract);
            }
            catch (ContractException exception)
            {
                Programs.Show(exception.Diagnostics, format: chosen);
                return ExitCode.ProgramErrors;
            }
            return Confirm(program, $"{Contracts.Name(program.Data.Source)}: {Counts(data)}", chosen);
        });
        return verb;
    }

    /// <summary>The data set, opened but for its samples; null where it is not here.</summary>
    private static IDataSource? Data(SourceRecipe recipe) =>
        recipe is SyntheticRecipe || Path.Exists(DataArgument.Location(recipe)) ? DataSources.Open(recipe) : null;

    private static string Counts(IDataSource data) => string.Join(", ", Splits.All.Where(s => data.Count(s) > 0).Select(s => $"{Quantity.Grouped(data.Count(s))} {s.Folder()}"));

    private static int Confirm(CompiledProgram program, string data, DiagnosticFormat format)
    {
        if (format == DiagnosticFormat.Json)
            JsonText.Write(Terminal.Output, json => WriteJson(json, program, data));
        else
            Write(Terminal.Output, program, data);
        return ExitCode.Done;
    }

    private static void Write(Terminal output, CompiledProgram program, string data)
    {
        var model = program.Model;
        var tasks = model.Tasks.Select(t => $"{t.Name}: {Describe(t)}").ToList();
        output.WriteLine($"{program.Sources[0].Path}: model {output.Style(model.Name, Ink.Bold)} {output.Style("has no errors", Ink.Green)}");
        Field("tasks", tasks);
        Field("parameters", [Quantity.Grouped(model.Training.TrainableCount)]);
        Field("loss", Wrapping.Words(ObjectiveText.Write(model.Objective), Math.Max((output.Width ?? 100) - 14, 20)));
        Field("data", Wrapping.Words(data, Math.Max((output.Width ?? 100) - 14, 20)));
        if (program.Sweeps.Length > 0)
            Field("sweeps", [string.Join(", ", program.Sweeps)]);

        void Field(string name, IReadOnlyList<string> lines)
        {
            for (var i = 0; i < lines.Count; i++)
                output.WriteLine($"  {(i == 0 ? name : ""),-10}  {lines[i]}");
        }
    }

    private static string Describe(ModelTask task)
    {
        var kind = task.Kind switch
        {
            TaskKind.Segmentation => $"segmentation, {task.Classes} classes",
            TaskKind.Depth => $"depth in {task.Unit switch
            {
                DepthUnit.Log => "log metres",
                DepthUnit.Inverse => "inverse metres",
                _ => "metres",
            }}",
            TaskKind.Contour => $"contour of {task.Of}",
            TaskKind.Normals => $"normals of {task.Of}",
            _ => throw new ArgumentOutOfRangeException(nameof(task)),
        };
        return task.Auxiliary ? $"{kind}, auxiliary" : kind;
    }

    private static void WriteJson(System.Text.Json.Utf8JsonWriter json, CompiledProgram program, string data)
    {
        var model = program.Model;
        json.WriteString("model", model.Name);
        json.WriteStartArray("tasks");
        foreach (var task in model.Tasks)
        {
            json.WriteStartObject();
            json.WriteString("name", task.Name);
            json.WriteString("kind", task.Kind.ToString().ToLowerInvariant());
            json.WriteNumber("channels", task.Channels);
            json.WriteBoolean("auxiliary", task.Auxiliary);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteNumber("parameters", model.Training.TrainableCount);
        json.WriteString("loss", ObjectiveText.Write(model.Objective));
        json.WriteString("data", data);
        json.WriteStartArray("sweeps");
        foreach (var sweep in program.Sweeps)
            json.WriteStringValue(sweep);
        json.WriteEndArray();
    }
}
