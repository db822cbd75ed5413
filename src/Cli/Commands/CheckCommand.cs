using System.Collections.Immutable;
using Mtlc.Cli.CommandLine;
using Mtlc.Cli.Errors;
using Mtlc.Cli.Files;
using Mtlc.Cli.Output;
using Mtlc.Cli.Running;
using Mtlc.Compiler;
using Mtlc.Compiler.Experiments;
using Mtlc.Compiler.Lowering;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Runtime.Data;
using Mtlc.Runtime.Data.Samples;
using Mtlc.Runtime.Planning;

namespace Mtlc.Cli.Commands;

/// <summary>`mtlc check FILE`: everything that can be known before the first batch.</summary>
static class CheckCommand
{
    public static Verb Create()
    {
        var (file, set) = (Choices.File(), Choices.Set());
        var format = Choices.OneOf("--format", "How diagnostics are written.", "human", "human", "msbuild", "json");
        var verb = new Verb(
            "check",
            "Find every error of a program without training",
            "Errors and warnings go to stderr. A program without errors is confirmed on stdout with its tasks, its "
                + "parameters, its loss as "
                + "expanded and its data; a file of sweeps or reports with what they have. Data and weights that are on this "
                + "machine are checked "
                + $"against the model: of data up to {SampleProbe.MostSamples} samples of train and val are read, 'mtlc data "
                + $"check' reads all.",
            "mtlc check branched.mtl",
            "mtlc check branched.mtl --set trunk.dilate=[false,true,true]  # would this setting work?",
            "mtlc check branched.mtl --format msbuild  # one line a diagnostic, for editors and build logs"
        )
        {
            file,
            set,
            format,
        };
        verb.SetAction(parsed =>
        {
            var chosen = parsed.GetRequiredValue(format) switch
            {
                "json" => DiagnosticFormat.Json,
                "msbuild" => DiagnosticFormat.MsBuild,
                _ => DiagnosticFormat.Human,
            };
            var (path, sets) = (parsed.GetRequiredValue(file), parsed.GetRequiredValue(set));
            var (text, open) = (UserText.Read(path), UserText.Remembering());
            var compilation = Compilation.Compile(text, open, sets);
            if (compilation.LacksModel && DeclaredExperiments.Compile(text, open, sets) is { } experiments)
                return Check(path, experiments, chosen);
            var (check, starts) = (new ProgramCheck(), new List<EncoderStart>());
            ImmutableArray<Diagnostic> diagnostics = compilation.Program is { } compiled
                ? [.. compilation.Diagnostics, .. check.OfData(compiled), .. check.OfWeights(compiled.Model, starts)]
                : compilation.Diagnostics;
            Programs.Show(diagnostics, compilation.Suppressed, chosen);
            if (compilation.Program is not { } program || diagnostics.Any(d => d.Severity == Severity.Error))
                return ExitCode.ProgramErrors;
            var source = Contracts.Name(program.Data.Source);
            var state = check.Data(program.Data.Source) is { } data
                ? $"{source}: {Counts(data)}{Unread(program, check)}"
                : $"{source}, not on this machine: what the model needs of it was not checked";
            IReadOnlyList<string> weights =
            [
                .. starts.Select(s => s.Weights is { } found ? WeightsText.Loaded(found) : WeightsText.Absent(s.Encoder)),
            ];
            if (chosen == DiagnosticFormat.Json)
                JsonText.Write(Terminal.Output, json => WriteJson(json, program, weights, state));
            else
                Write(Terminal.Output, program, weights, state);
            return ExitCode.Done;
        });
        return verb;
    }

    /// <summary>Of a file that declares sweeps over models, or reports, and no model.</summary>
    static int Check(string path, DeclaredExperiments experiments, DiagnosticFormat format)
    {
        var check = new ProgramCheck();
        ImmutableArray<Diagnostic> diagnostics =
        [
            .. experiments.Diagnostics,
            .. experiments
                .Sweeps.SelectMany(s => s.Points)
                .SelectMany(p => check.OfWeights(p.Program.Model).Concat(check.OfData(p.Program)))
                .Distinct(),
        ];
        Programs.Show(diagnostics, experiments.Suppressed, format);
        if (diagnostics.Any(d => d.Severity == Severity.Error))
            return ExitCode.ProgramErrors;
        var output = Terminal.Output;
        if (format == DiagnosticFormat.Json)
        {
            JsonText.Write(
                output,
                json =>
                {
                    WriteJson(json, "sweeps", experiments.Sweeps.Select(s => s.Name));
                    WriteJson(json, "reports", experiments.Reports.Select(r => r.Name));
                }
            );
            return ExitCode.Done;
        }
        foreach (var sweep in experiments.Sweeps)
            Confirm($"sweep {output.Style(sweep.Name, Ink.Bold)}", $"{Quantity.Grouped(sweep.Points.Length)} points");
        foreach (var report in experiments.Reports)
            Confirm(
                $"report {output.Style(report.Name, Ink.Bold)}",
                $"{Quantity.Grouped(report.Items.Length)} tables and figures"
            );
        return ExitCode.Done;

        void Confirm(string what, string size) =>
            output.WriteLine($"{path}: {what} {output.Style("has no errors", Ink.Green)}, {size}");
    }

    static void WriteJson(System.Text.Json.Utf8JsonWriter json, string property, IEnumerable<string> names)
    {
        json.WriteStartArray(property);
        foreach (var name in names)
            json.WriteStringValue(name);
        json.WriteEndArray();
    }

    static string Counts(IDataSource data) =>
        string.Join(
            ", ",
            Splits.All.Where(s => data.Count(s) > 0).Select(s => $"{Quantity.Grouped(data.Count(s))} {s.Folder()}")
        );

    /// <summary>What was not looked at, where the data are more than are read here.</summary>
    static string Unread(CompiledProgram program, ProgramCheck check) =>
        check.Reach(program) is (> 0 and var unread, var total)
            ? $"; {Quantity.Grouped(total - unread)} of the {Quantity.Grouped(total)} for training and validation were read, "
                + $"'mtlc data check' reads all"
            : "";

    static void Write(Terminal output, CompiledProgram program, IReadOnlyList<string> weights, string data)
    {
        var model = program.Model;
        var tasks = model.Tasks.Select(t => $"{t.Name}: {t.FullDescription}").ToList();
        output.WriteLine(
            $"{program.Sources[0].Path}: model {output.Style(model.Name, Ink.Bold)} {output.Style("has no errors", Ink.Green)}"
        );
        Field("tasks", tasks);
        var frozen = model.Training.FrozenCount == 0 ? "" : $" and {Quantity.Grouped(model.Training.FrozenCount)} frozen";
        Field("parameters", [Quantity.Grouped(model.Training.TrainableCount) + frozen]);
        Field("weights", [.. weights.SelectMany(Wrapped)]);
        Field("loss", Wrapped(ObjectiveText.Write(model.Objective)));
        Field("data", Wrapped(data));
        if (program.Sweeps.Length > 0)
            Field("sweeps", [string.Join(", ", program.Sweeps)]);

        IReadOnlyList<string> Wrapped(string text) => Wrapping.Words(text, Math.Max((output.Width ?? 100) - 14, 20));

        void Field(string name, IReadOnlyList<string> lines)
        {
            for (var i = 0; i < lines.Count; i++)
                output.WriteLine($"  {(i == 0 ? name : ""), -10}  {lines[i]}");
        }
    }

    static void WriteJson(
        System.Text.Json.Utf8JsonWriter json,
        CompiledProgram program,
        IReadOnlyList<string> weights,
        string data
    )
    {
        var model = program.Model;
        json.WriteString("model", model.Name);
        json.WriteStartArray("tasks");
        foreach (var task in model.Tasks)
        {
            json.WriteStartObject();
            json.WriteString("name", task.Name);
            json.WriteString("kind", task.Kind.Word);
            json.WriteNumber("channels", task.Channels);
            json.WriteBoolean("auxiliary", task.Auxiliary);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteNumber("parameters", model.Training.TrainableCount);
        WriteJson(json, "weights", weights);
        json.WriteString("loss", ObjectiveText.Write(model.Objective));
        json.WriteString("data", data);
        WriteJson(json, "sweeps", program.Sweeps);
    }
}
