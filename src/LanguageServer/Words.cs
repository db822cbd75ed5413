using System.Collections.Immutable;
using Mtlc.Compiler.Binding;
using Mtlc.Compiler.Ir;
using Mtlc.LanguageServer.Documents;

namespace Mtlc.LanguageServer;

/// <summary>The words that the compiler knows besides names.</summary>
internal static class Words
{
    public static ImmutableArray<string> TaskKinds { get; } = [.. Enum.GetNames<TaskKind>().Select(Signature.Snake)];

    public static ImmutableArray<string> Losses { get; } = ["cross_entropy", "l1", "l2", "balanced_bce"];

    public static ImmutableArray<string> Balancing { get; } = ["uncertainty", "dwa", "geometric", "random", "gradnorm", "pcgrad"];

    /// <summary>Keys of the scores that a program's runs store: "semseg/mean_iou", "multitask".</summary>
    public static ImmutableArray<string> Scores(Analysis analysis) =>
        analysis.Compilation.Program is { } program ? Compiler.Sweeps.Halving.Scores(program.Model) : [];

    /// <summary>The settings of a task, by its kind, from the manual.</summary>
    public static ImmutableArray<string> TaskSettings(string kind) => kind switch
    {
        "segmentation" => ["classes", "ignore", "auxiliary"],
        "depth" => ["unit", "auxiliary"],
        _ => ["auxiliary"],
    };

    /// <summary>What a statement takes besides its component's arguments.</summary>
    public static ImmutableArray<string> Own(string statement) => statement switch
    {
        "encoder" => ["weights", "partial", "recompute"],
        "decoder" => ["using", "kernel", "at", "recompute"],
        "refine" => ["recompute"],
        _ => ["using", "recompute"],
    };

    public static readonly ImmutableArray<string> ReportKeys = ["caption", "runs", "labels", "scores", "costs", "baseline"];
    public static readonly ImmutableArray<string> Costs =
        ["time", "steps", "step_time", "images_per_second", "memory", "gpu_memory", "energy", "parameters", "multiply_adds"];
}
