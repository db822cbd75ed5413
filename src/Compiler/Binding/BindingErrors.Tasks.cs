using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Text;

namespace Mtlc.Compiler.Binding;

// Tasks, their predictions and their losses.
public static partial class BindingErrors
{
    public static void UnknownTaskKind(this DiagnosticBag bag, SourceSpan span, string kind, IEnumerable<string> kinds) =>
        Error(bag, "MTL2013", $"no task kind '{kind}'", span, Meant(kind, kinds), help: There("kinds", kinds));

    public static void NoTask(this DiagnosticBag bag, SourceSpan span, string name, string model, IEnumerable<string> tasks) =>
        Error(bag, "MTL2014", $"no task '{name}' in model {model}", span, Meant(name, tasks), help: There("tasks", tasks));

    public static void TaskWithoutDecoder(this DiagnosticBag bag, SourceSpan span, string task) =>
        Error(
            bag,
            "MTL2015",
            $"nothing predicts task '{task}'",
            span,
            "no decoder",
            help: $"write decoder NAME: FEATURE -> {task}"
        );

    public static void NoLoss(this DiagnosticBag bag, SourceSpan span, string model) =>
        Error(
            bag,
            "MTL2016",
            $"model {model} has no loss",
            span,
            null,
            help: "write loss: EXPRESSION, e.g. loss: cross_entropy(semseg)"
        );

    public static void TwoLosses(this DiagnosticBag bag, SourceSpan span, SourceSpan first) =>
        Error(
            bag,
            "MTL2016",
            "a model has one loss",
            span,
            "second here",
            [new("the first loss is here", first)],
            "add the terms in one expression"
        );

    public static void TaskWithoutLoss(this DiagnosticBag bag, SourceSpan span, string task, string example) =>
        Error(
            bag,
            "MTL2017",
            $"task '{task}' has no loss: nothing would train it",
            span,
            "not in the loss",
            help: $"add {example} to the loss"
        );

    public static void LossDoesNotFit(
        this DiagnosticBag bag,
        SourceSpan span,
        string loss,
        string task,
        string kind,
        string fitting
    ) => Error(bag, "MTL2018", $"{loss} does not fit '{task}', a {kind} task", span, $"use {fitting}");

    public static void UnknownLoss(this DiagnosticBag bag, SourceSpan span, string name, IEnumerable<string> losses) =>
        Error(bag, "MTL2019", $"no loss '{name}'", span, Meant(name, losses), help: There("losses", losses));

    public static void TwoFinalPredictions(
        this DiagnosticBag bag,
        SourceSpan span,
        string task,
        string first,
        string second,
        SourceSpan other
    ) =>
        Error(
            bag,
            "MTL2020",
            $"'{first}' and '{second}' both end in task '{task}': which prediction is the final one?",
            span,
            "nothing of the task follows",
            [new($"nor does anything follow '{first}'", other)],
            "let one of them read the other, or give each a task of its own"
        );

    public static void BadLoss(
        this DiagnosticBag bag,
        SourceSpan span,
        string message,
        string? label = null,
        string? help = null
    ) => Error(bag, "MTL2033", message, span, label, help: help);

    public static void BalancingInside(this DiagnosticBag bag, SourceSpan span, string scheme) =>
        Error(
            bag,
            "MTL2034",
            $"{scheme} must wrap the whole loss",
            span,
            "inside another expression",
            help: $"write loss: {scheme}(...)"
        );

    public static void AmbiguousDecoder(this DiagnosticBag bag, SourceSpan span, string name, SourceSpan other) =>
        Error(
            bag,
            "MTL2035",
            $"decoder '{name}' is called like its task, which has other decoders",
            span,
            "which one would the loss mean?",
            [new("another decoder of the task", other)],
            "give the decoder a name of its own"
        );

    public static void LossTrainsNothing(this DiagnosticBag bag, SourceSpan span, string task, SourceSpan? refine) =>
        Error(
            bag,
            "MTL2041",
            $"this loss reaches no parameter: nothing trained leads to the prediction of '{task}'",
            span,
            "trains nothing",
            refine is { } place ? [new("the prediction is replaced here", place)] : []
        );
}
