using System.Collections.Immutable;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Parsing;
using Mtlc.Dsl.Syntax;
using Mtlc.Dsl.Text;

namespace Mtlc.Compiler.Experiments;

/// <summary>What a file without a model declares: sweeps that choose models, and reports.</summary>
public sealed record DeclaredExperiments(
    ImmutableArray<SweepPlan> Sweeps,
    ImmutableArray<ReportPlan> Reports,
    ImmutableArray<Diagnostic> Diagnostics,
    int Suppressed
)
{
    /// <summary>Compiles them all, with every program that they name; null where there are none.</summary>
    /// <param name="open">As of
    /// <see cref="Compilation.Compile(SourceText, Func{string, SourceText?}?, IReadOnlyList{string}?)"/>, as
    /// <paramref name="sets"/>.</param>
    public static DeclaredExperiments? Compile(
        SourceText main,
        Func<string, SourceText?>? open = null,
        IReadOnlyList<string>? sets = null
    )
    {
        var declared = SyntaxTree.Parse(main, new()).Declarations;
        SweepCompilation[] sweeps =
        [
            .. declared.OfType<SweepSyntax>().Select(s => SweepPlan.Compile(main, open, sets, s.Name.Text)),
        ];
        ReportCompilation[] reports = declared.OfType<ReportSyntax>().Any() ? [ReportPlan.Compile(main, open, sets)] : [];
        return sweeps.Length + reports.Length == 0
            ? null
            : new(
                [.. sweeps.Select(s => s.Plan).OfType<SweepPlan>()],
                [.. reports.Select(r => r.Plan).OfType<ReportPlan>()],
                [.. sweeps.SelectMany(s => s.Diagnostics).Concat(reports.SelectMany(r => r.Diagnostics)).Distinct()],
                sweeps.Select(s => s.Suppressed).Concat(reports.Select(r => r.Suppressed)).Max()
            );
    }
}
