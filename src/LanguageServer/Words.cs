using System.Collections.Immutable;
using Mtlc.Compiler.Binding;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Lowering;
using Mtlc.LanguageServer.Documents;

namespace Mtlc.LanguageServer;

/// <summary>The words that the compiler knows besides names.</summary>
static class Words
{
    public static ImmutableArray<string> TaskKinds { get; } = [.. TaskKind.All.Select(k => k.Word)];

    public static ImmutableArray<string> Losses { get; } = [.. Loss.All.Select(l => l.Word)];

    public static ImmutableArray<string> Balancing { get; } = [.. BalancingScheme.All.Select(s => s.Word)];

    /// <summary>Keys of the scores that a program's runs store: "semseg/mean_iou", "multitask".</summary>
    public static ImmutableArray<string> Scores(Analysis analysis) =>
        analysis.Compilation.Program is { } program ? Compiler.Experiments.Halving.Scores(program.Model) : [];

    /// <summary>The settings of a task, by its kind; of an unknown kind those that every one has.</summary>
    public static ImmutableArray<string> TaskSettings(string kind) =>
        TaskKind.Find(kind) is { } found ? [.. Signature.Of(found.Task).Parameters.Select(p => p.Name)] : ["auxiliary"];

    /// <summary>What a statement takes besides its component's arguments.</summary>
    public static ImmutableArray<string> Own(string statement) =>
        statement switch
        {
            "encoder" => EncoderStatement.Own,
            "decoder" => DecoderLowering.Own,
            "refine" => StatementSettings.Common,
            "share" => StatementSettings.OfShares,
            _ => ["using", .. StatementSettings.Common],
        };

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
