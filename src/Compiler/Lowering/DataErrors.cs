using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Text;

namespace Mtlc.Compiler.Lowering;

/// <summary>MTL6xxx: what the model wants of the data, or an encoder of its weights, and they do not have.</summary>
public static class DataErrors
{
    public static void ClassesDiffer(
        this DiagnosticBag bag,
        SourceSpan span,
        string task,
        int classes,
        string data,
        int available
    ) =>
        bag.Add(
            new(
                "MTL6001",
                Severity.Error,
                $"task '{task}' has {classes} classes, and {data} has {available}",
                span,
                $"{available} classes"
            )
        );

    public static void ModalityMissing(this DiagnosticBag bag, SourceSpan span, string task, string modality, string data) =>
        bag.Add(new("MTL6002", Severity.Error, $"task '{task}' needs {modality}, which {data} does not have", span, null));

    public static void IgnoreDiffers(this DiagnosticBag bag, SourceSpan span, string task, int ignore, string data, int actual) =>
        bag.Add(
            new(
                "MTL6003",
                Severity.Error,
                $"task '{task}' ignores label {ignore}, and {data} marks unlabelled pixels with {actual}",
                span,
                $"ignore: {actual}"
            )
        );

    /// <param name="maps">Those that the data have.</param>
    public static void MapMissing(
        this DiagnosticBag bag,
        SourceSpan span,
        string input,
        string data,
        IReadOnlyCollection<string> maps
    ) =>
        bag.Add(
            new(
                "MTL6005",
                Severity.Error,
                $"{data} has no map '{input}' for the input of that name",
                span,
                Suggestions.Closest(input, maps) is { } closest ? $"did you mean '{closest}'?" : null,
                Help: maps.Count == 0 ? $"{data} has pictures only" : $"maps: {string.Join(", ", maps)}"
            )
        );

    public static void MapChannelsDiffer(
        this DiagnosticBag bag,
        SourceSpan span,
        string input,
        int channels,
        string data,
        int available
    ) =>
        bag.Add(
            new(
                "MTL6006",
                Severity.Error,
                $"input '{input}' has {Channels(channels)}, and the map of that name of {data} has {available}",
                span,
                $"channels: {available}"
            )
        );

    static string Channels(int count) => count == 1 ? "1 channel" : FormattableString.Invariant($"{count} channels");

    public static void StepTooLarge(this DiagnosticBag bag, SourceSpan span, int batch, int accumulate, string data, int samples)
    {
        var step =
            accumulate == 1
                ? $"{batch} samples"
                : FormattableString.Invariant($"{(long)batch * accumulate} samples ({accumulate} batches of {batch})");
        bag.Add(
            new(
                "MTL6010",
                Severity.Error,
                $"a step takes {step}, and {data} has {samples} to train on: an epoch would have no step",
                span,
                null,
                Help: samples == 0 ? null
                    : accumulate == 1 ? $"write train.batch: {samples} or less"
                    : $"lower train.batch or train.accumulate, whose product may be {samples}"
            )
        );
    }

    public static void NothingToValidate(this DiagnosticBag bag, SourceSpan span, string data) =>
        bag.Add(new("MTL6011", Severity.Error, $"{data} has no samples to validate on: its val split is missing", span, null));

    /// <param name="reason">Names the file.</param>
    /// <param name="isBorne">Whether the run leaves such samples out (`corrupt: skip`).</param>
    public static void UnreadableSample(this DiagnosticBag bag, SourceSpan span, string reason, bool isBorne) =>
        bag.Add(
            new(
                "MTL6012",
                isBorne ? Severity.Warning : Severity.Error,
                reason,
                span,
                null,
                Help: isBorne
                    ? null
                    : "mend it, take it out, or write data.corrupt: skip; 'mtlc data check' lists every sample that "
                        + "cannot be read"
            )
        );

    public static void UnlabelledTask(this DiagnosticBag bag, SourceSpan span, string task, string data) =>
        bag.Add(
            new(
                "MTL6013",
                Severity.Warning,
                $"no validation sample of {data} has a label of task '{task}': it will have no score",
                span,
                null
            )
        );

    /// <param name="reason">Names the file.</param>
    public static void UnfitWeights(this DiagnosticBag bag, SourceSpan span, string reason) =>
        bag.Add(new("MTL6004", Severity.Error, reason, span, null));
}
