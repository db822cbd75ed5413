using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Text;

namespace Mtlc.Compiler.Lowering;

/// <summary>MTL6xxx: what the model wants of the data, or an encoder of its weights, and they do not have.</summary>
public static class DataErrors
{
    public static void ClassesDiffer(this DiagnosticBag bag, SourceSpan span, string task, int classes, string data, int available) =>
        bag.Add(new("MTL6001", Severity.Error, $"task '{task}' has {classes} classes, and {data} has {available}", span, $"{available} classes"));

    public static void ModalityMissing(this DiagnosticBag bag, SourceSpan span, string task, string modality, string data) =>
        bag.Add(new("MTL6002", Severity.Error, $"task '{task}' needs {modality}, which {data} does not have", span, null));

    public static void IgnoreDiffers(this DiagnosticBag bag, SourceSpan span, string task, int ignore, string data, int actual) =>
        bag.Add(new("MTL6003", Severity.Error, $"task '{task}' ignores label {ignore}, and {data} marks unlabelled pixels with {actual}", span, $"ignore: {actual}"));

    /// <param name="reason">Names the file.</param>
    public static void UnfitWeights(this DiagnosticBag bag, SourceSpan span, string reason) =>
        bag.Add(new("MTL6004", Severity.Error, reason, span, null));
}
