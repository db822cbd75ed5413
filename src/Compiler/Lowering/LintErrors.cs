using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Text;

namespace Mtlc.Compiler.Lowering;

/// <summary>MTL4xxx: legal, but surely not meant.</summary>
public static class LintErrors
{
    public static void Unused(this DiagnosticBag bag, SourceSpan span, string kind, string name, string why) =>
        Warn(bag, "MTL4001", $"{kind} '{name}' is not used", span, why);

    public static void PredictionWithoutLoss(this DiagnosticBag bag, SourceSpan span, string decoder, string task) =>
        Warn(
            bag,
            "MTL4002",
            $"the prediction of '{decoder}' for '{task}' is in no loss and not the final one",
            span,
            "its predicting convolution stays untrained"
        );

    public static void WeightZero(this DiagnosticBag bag, SourceSpan span) =>
        Warn(bag, "MTL4003", "a loss of weight 0 trains nothing", span, "weight 0");

    public static void FinalWithoutLoss(this DiagnosticBag bag, SourceSpan span, string decoder, string task) =>
        Warn(bag, "MTL4004", $"the final prediction of '{task}', by '{decoder}', is in no loss", span, "scored, but not trained");

    public static void SettingOfFrozen(this DiagnosticBag bag, SourceSpan span, string setting, string owner) =>
        Warn(bag, "MTL4005", $"'{setting}' of {owner} changes nothing", span, "it is frozen: nothing of it is trained");

    public static void AdaptedAndTrained(this DiagnosticBag bag, SourceSpan span, string owner) =>
        Warn(
            bag,
            "MTL4006",
            $"{owner} is adapted, and its own weights are trained too",
            span,
            "write frozen: true, and what is put beside them is trained alone"
        );

    static void Warn(DiagnosticBag bag, string code, string message, SourceSpan span, string? label) =>
        bag.Add(new(code, Severity.Warning, message, span, label));
}
