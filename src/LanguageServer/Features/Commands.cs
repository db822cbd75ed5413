using System.Globalization;
using System.Text;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Views;
using Mtlc.Dsl.Diagnostics;
using Mtlc.LanguageServer.Documents;

namespace Mtlc.LanguageServer.Features;

/// <summary>
/// What code lenses start. A client that has a command itself (a terminal for `run`, a view for `draw`) says so when it starts
/// the server; for others the server answers with a message. </summary>
static class Commands
{
    public const string Summary = "mtlc.summary",
        Plan = "mtlc.plan",
        Run = "mtlc.run",
        Check = "mtlc.check",
        Draw = "mtlc.draw";

    /// <summary>Before the names under which the server has them: an editor's own have none.</summary>
    public const string Prefix = "server.";

    public static readonly string[] Names = [.. new[] { Summary, Plan, Run, Check, Draw }.Select(n => Prefix + n)];

    /// <summary>What is told of a program.</summary>
    public static string Message(string command, Analysis file) =>
        command switch
        {
            Prefix + Run => $"mtlc run {Quoted(file.Path)}",
            Prefix + Draw => $"mtlc graph {Quoted(file.Path)} --format svg > {Path.GetFileNameWithoutExtension(file.Path)}.svg",
            _ when file.Compilation.Program is null => DiagnosticText.Summary(
                file.Compilation.Diagnostics,
                file.Compilation.Suppressed
            ),
            Prefix + Check => file.Compilation.Diagnostics.IsEmpty
                ? $"{Path.GetFileName(file.Path)}: nothing is wrong"
                : $"{Path.GetFileName(file.Path)}: {DiagnosticText.Summary(file.Compilation.Diagnostics)}",
            Prefix + Summary => Table(file),
            _ => Planned(file),
        };

    /// <summary>The same with every operation and what it costs, as JSON; null where the program has errors.</summary>
    public static string? Graph(Analysis file, string? phase) =>
        file.Program.Full is { Model: var model }
            ? DrawingJson.Write(model, phase == "infer" ? model.Inference : model.Training, file.Crop)
            : null;

    static string Table(Analysis file)
    {
        var text = new StringBuilder();
        foreach (var declaration in Compiler.Views.Summary.Of(file.Compilation.Program!.Model, file.Crop).Declarations)
            text.Append(
                CultureInfo.InvariantCulture,
                $"{declaration.Name}: {declaration.Shape?.ToString() ?? "-"}, {declaration.Parameters:N0} parameters, "
                    + $"{Amount.Count(declaration.MultiplyAdds)} multiply-adds\n"
            );
        return text.ToString().TrimEnd();
    }

    static string Planned(Analysis file) =>
        file.Program.Costs is { } costs
            ? $"batch {costs.Batch} of {costs.Crop}: training {Amount.Bytes(costs.TrainingPeak)}, evaluation "
                + $"{Amount.Bytes(costs.EvaluationPeak)}\n"
                + string.Join(
                    '\n',
                    costs
                        .Saved.OrderByDescending(s => s.Value)
                        .Take(8)
                        .Select(s => $"{(s.Key.Length == 0 ? "image" : s.Key)}: {Amount.Bytes(s.Value)}")
                )
            : "";

    static string Quoted(string path) => path.Contains(' ', StringComparison.Ordinal) ? $"'{path}'" : path;
}
