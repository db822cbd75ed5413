using System.Collections.Immutable;
using Mtlc.Compiler.Binding;
using Mtlc.Compiler.Experiments;
using Mtlc.Compiler.Ir;
using Mtlc.Dsl.Syntax;
using Mtlc.LanguageServer.Documents;

namespace Mtlc.LanguageServer;

/// <summary>The words that the compiler knows besides names.</summary>
static class Words
{
    public static ImmutableArray<string> TaskKinds { get; } = [.. TaskKind.All.Select(k => k.Word)];

    public static ImmutableArray<string> Losses { get; } = [.. Loss.All.Select(l => l.Word)];

    public static ImmutableArray<string> Balancing { get; } = [.. BalancingScheme.All.Select(s => s.Word)];

    /// <summary>Keys of the scores that a program's runs store: "semseg/mean_iou", "multitask"; of a program with errors, those
    /// of the tasks that it declares.</summary>
    public static ImmutableArray<string> Scores(Analysis analysis) =>
        analysis.Compilation.Program is { } program ? Halving.Scores(program.Model)
        : analysis.Model is { } model
            ? Halving.Scores(
                model
                    .Tasks.Values.Where(t =>
                        t.Settings.Children.GetValueOrDefault("auxiliary")?.Head is not BooleanSyntax { Value: true }
                    )
                    .Select(t => (t.Name, Kind: TaskKind.Find(t.Syntax.Kind.Text)))
                    .Where(t => t.Kind is not null)
                    .Select(t => (t.Name, t.Kind!))
            )
        : [];

    /// <summary>The settings of a task, by its kind; of an unknown kind those that every one has.</summary>
    public static IEnumerable<SignatureParameter> TaskSettings(string kind) =>
        TaskKind.Find(kind) is { } found
            ? Signature.Of(found.Task).Parameters
            : Signature
                .Of(TaskKind.All[0].Task)
                .Parameters.Where(p => TaskKind.All.All(k => Signature.Of(k.Task).Parameters.Any(o => o.Name == p.Name)));

    public static readonly ImmutableArray<string> ReportKeys = ["caption", "runs", "labels", "scores", "costs", "baseline"];
    public static readonly ImmutableArray<string> Costs =
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
}
