using System.Collections.Immutable;
using Mtlc.Compiler.Binding;
using Mtlc.Compiler.Ir;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Parsing;
using Mtlc.Dsl.Syntax;
using Mtlc.Dsl.Text;

namespace Mtlc.Compiler.Experiments;

public enum ReportItemKind
{
    Table,
    Curves,
}

/// <param name="Recipe">The digest of the experiment (<see cref="RecipeDigest.Recipe"/>) whose runs fill the row.</param>
/// <param name="Parameters">Trainable parameters: known without any run.</param>
/// <param name="MultiplyAdds">Of one forward pass over one training crop.</param>
public sealed record ReportRow(string Label, string Recipe, long Parameters, long MultiplyAdds);

/// <summary>A table or a figure of a `report`.</summary>
/// <param name="Scores">Keys of metrics; empty for the headlines.</param>
/// <param name="Costs">Of "time", "steps", "step_time", "images_per_second", "memory", "gpu_memory", "energy", "parameters",
/// "multiply_adds"; empty for none.</param>
/// <param name="Baseline">The row that differences refer to; -1 for none.</param>
public sealed record ReportItem(
    string Name,
    ReportItemKind Kind,
    string Caption,
    ImmutableArray<ReportRow> Rows,
    ImmutableArray<string> Scores,
    ImmutableArray<string> Costs,
    int Baseline
);

/// <summary>`report NAME { ... }`: tables and figures as queries over runs. Every program and sweep that it names is
/// compiled.</summary>
public sealed record ReportPlan(string Name, ImmutableArray<ReportItem> Items)
{
    internal static readonly ImmutableArray<string> Costs =
    [
        "time",
        "steps",
        "step_time",
        "images_per_second",
        "memory",
        "gpu_memory",
        "energy",
        "parameters",
        "multiply_adds",
    ];

    /// <summary>Those that are sampled over a run.</summary>
    internal static readonly ImmutableArray<string> Sampled = ["memory", "gpu_memory", "images_per_second", "energy"];

    /// <param name="sets">Applied to every program, so that runs made with the same `--set` are found.</param>
    public static ReportCompilation Compile(
        SourceText main,
        Func<string, SourceText?>? open = null,
        IReadOnlyList<string>? sets = null
    )
    {
        ReportCompilation? result = null;
        LargeStack.Run(() =>
        {
            var bag = new DiagnosticBag();
            var report = SyntaxTree.Parse(main, bag, TaskKind.Vocabulary).Declarations.OfType<ReportSyntax>().FirstOrDefault();
            if (report is null && !bag.HasErrors)
                bag.NoReport(main.Span(0, 0));
            var builder = new ReportBuilder(main, open ?? (_ => null), sets ?? [], bag);
            ImmutableArray<ReportItem> items = report is null
                ? []
                : [.. report.Settings.Items.Select(builder.Item).OfType<ReportItem>()];
            result = new(bag.HasErrors ? null : new(report!.Name.Text, items), bag.ToSorted(), bag.Suppressed);
        });
        return result!;
    }
}

/// <param name="Plan">null where there are errors.</param>
public sealed record ReportCompilation(ReportPlan? Plan, ImmutableArray<Diagnostic> Diagnostics, int Suppressed);
