using System.Collections.Immutable;
using Mtlc.Compiler.Binding;
using Mtlc.Compiler.Lowering;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Syntax;
using Mtlc.Dsl.Text;

namespace Mtlc.Compiler.Experiments;

/// <summary>Reads the items of a report and compiles what they name.</summary>
sealed class ReportBuilder(SourceText main, Func<string, SourceText?> open, IReadOnlyList<string> sets, DiagnosticBag bag)
{
    static readonly ImmutableArray<string> Known = ["caption", "runs", "labels", "scores", "costs", "baseline"];

    readonly Evaluator evaluator = new(new ProgramSymbols(), new GraphBuilder(bag), bag);
    readonly Dictionary<string, CompiledProgram?> programs = new(StringComparer.Ordinal);
    readonly Dictionary<(string, string?), SweepPlan?> sweeps = [];

    /// <summary>`NAME: table { ... }` or `NAME: curves { ... }`.</summary>
    public ReportItem? Item(SettingSyntax setting)
    {
        if (
            setting.Value
            is not ConfiguredSyntax { Head: ReferenceSyntax { Name: { Text: "table" or "curves" } kind }, Settings: var settings }
        )
        {
            bag.BadReport(
                setting.Value.Span,
                $"'{setting.Key}' is neither a table nor a figure",
                "table { ... } or curves { ... }"
            );
            return null;
        }
        var given = new Dictionary<string, ExpressionSyntax>(StringComparer.Ordinal);
        foreach (var item in settings.Items)
        {
            if (!Known.Contains(item.Key.ToString()))
                bag.NoSetting(item.Key.Span, item.Key.ToString(), kind.Text, Known);
            else if (!given.TryAdd(item.Key.ToString(), item.Value))
                bag.GivenTwice(item.Key.Span, $"'{item.Key}'", null);
        }
        if (!given.TryGetValue("runs", out var runs))
        {
            bag.MissingArgument(setting.Key.Span, kind.Text, "runs", $"{kind.Text} {{ runs: [\"FILE\", ...] }}");
            return null;
        }
        var rows = Rows(runs).ToImmutableArray();
        var labels = Texts("labels");
        if (labels.Length > 0 && labels.Length != rows.Length && !bag.HasErrors)
            bag.BadReport(
                given["labels"].Span,
                FormattableString.Invariant($"{labels.Length} labels for {rows.Length} rows"),
                "one a row"
            );
        else if (labels.Length > 0)
            rows = [.. rows.Zip(labels, (row, label) => row with { Label = label })];
        var costs = Texts("costs");
        var known = kind.Text == "table" ? ReportPlan.Costs : ReportPlan.Sampled;
        foreach (var wrong in costs.Where(c => !known.Contains(c)))
            bag.WordNotAllowed(given["costs"].Span, "'costs'", $"'{wrong}'", known);
        var baseline = given.TryGetValue("baseline", out var chosen) ? Baseline(chosen, rows) : -1;
        return new(
            setting.Key.ToString(),
            kind.Text == "table" ? ReportItemKind.Table : ReportItemKind.Curves,
            Texts("caption").FirstOrDefault() ?? "",
            rows,
            Texts("scores"),
            costs,
            baseline
        );

        ImmutableArray<string> Texts(string name) =>
            given.TryGetValue(name, out var value)
                ? [.. (value is ListSyntax list ? list.Items : [value]).Select(v => Text(v, name)).OfType<string>()]
                : [];
    }

    /// <summary>A string, or a word.</summary>
    string? Text(ExpressionSyntax value, string name)
    {
        switch (value)
        {
            case StringSyntax text:
                return text.Value;
            case ReferenceSyntax word:
                return word.Name.Text;
            case ErrorExpressionSyntax:
                return null;
            default:
                bag.WrongKind(value.Span, $"'{name}'", "a text in double quotes or a word", "something else");
                return null;
        }
    }

    int Baseline(ExpressionSyntax value, ImmutableArray<ReportRow> rows)
    {
        if (
            evaluator.Evaluate(value, evaluator.Globals, "") is NumberValue { IsInteger: true } number
            && number.Number >= 1
            && number.Number <= rows.Length
        )
            return (int)number.Number - 1;
        if (bag.HasErrors && rows.IsEmpty)
            return -1; // why there are none was said
        bag.BadReport(
            value.Span,
            "'baseline' is the number of a row, from 1",
            FormattableString.Invariant($"1 to {rows.Length}")
        );
        return -1;
    }

    IEnumerable<ReportRow> Rows(ExpressionSyntax runs) =>
        runs switch
        {
            ListSyntax list => list.Items.SelectMany(Rows),
            StringSyntax file => Program(file) is { } program ? [Row(program.Model.Name, program)] : [],
            CallSyntax { Name.Text: "sweep" } call => Sweep(call),
            ErrorExpressionSyntax => [],
            _ => Wrong(runs),
        };

    IEnumerable<ReportRow> Wrong(ExpressionSyntax runs)
    {
        bag.BadReport(runs.Span, "'runs' are programs and sweeps", "\"FILE.mtl\", sweep(\"FILE.mtl\", NAME), or a list of these");
        return [];
    }

    static ReportRow Row(string label, CompiledProgram program)
    {
        var crop = program.Data.Augment.Crop;
        return new(
            label,
            RecipeDigest.Of(program).Recipe,
            program.Model.Training.TrainableCount,
            program.Model.Training.MultiplyAdds(crop.Height, crop.Width)
        );
    }

    CompiledProgram? Program(StringSyntax file)
    {
        if (!programs.TryGetValue(file.Value, out var program))
        {
            if (Source(file) is { } source)
            {
                var compiled = Compilation.Compile(source, open, sets);
                program = compiled.Program;
                Report(file, compiled.Diagnostics);
            }
            programs[file.Value] = program;
        }
        return program;
    }

    /// <summary>`sweep("FILE", NAME)`: a row a recipe; repeats over seeds share one.</summary>
    IEnumerable<ReportRow> Sweep(CallSyntax call)
    {
        if (call.Arguments is not [{ Value: StringSyntax file }, ..] || call.Arguments.Length > 2)
            return Wrong(call);
        var name = call.Arguments.Length > 1 ? Text(call.Arguments[1].Value, "sweep") : null;
        if (!sweeps.TryGetValue((file.Value, name), out var plan))
        {
            if (Source(file) is { } source)
            {
                var compiled = SweepPlan.Compile(source, open, sets, name);
                plan = compiled.Plan;
                Report(file, compiled.Diagnostics);
            }
            sweeps[(file.Value, name)] = plan;
        }
        return plan?.Points.DistinctBy(p => p.Digest.Recipe)
                .Select(p => Row(string.Join(", ", p.Settings.Where(s => s.Path != "train.seed").Select(Label)), p.Program))
            ?? [];
    }

    /// <summary>A word says what it is; a number needs its setting's name: "adam, lr 1e-4".</summary>
    static string Label(SweepSetting setting) =>
        double.TryParse(setting.Value, System.Globalization.CultureInfo.InvariantCulture, out _)
            ? $"{setting.Path[(setting.Path.LastIndexOf('.') + 1)..]} {setting.Label}"
            : setting.Label;

    SourceText? Source(StringSyntax file)
    {
        var path = ProgramBinder.Normalize(Path.Combine(Path.GetDirectoryName(main.Path) ?? "", file.Value));
        if (open(path) is { } source)
            return source;
        bag.CannotImport(file.Span, file.Value, $"there is no file {path}");
        return null;
    }

    void Report(StringSyntax file, ImmutableArray<Diagnostic> diagnostics)
    {
        foreach (var error in diagnostics.Where(d => d.Severity == Severity.Error).Take(1))
            bag.BadReport(file.Span, $"\"{file.Value}\" does not compile: {error.Message}", null, error.Span);
    }
}
