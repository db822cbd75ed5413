using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Text;

namespace Mtlc.Compiler.Binding;

// What single kinds of statements ask for.
public static partial class BindingErrors
{
    public static void SharedShapesDiffer(
        this DiagnosticBag bag,
        SourceSpan span,
        string share,
        string parameter,
        IReadOnlyList<int> first,
        IReadOnlyList<int> second,
        SourceSpan firstUse
    ) =>
        Error(
            bag,
            "MTL2043",
            $"the uses of '{share}' do not fit one set of weights: '{parameter}' is [{string.Join(", ", first)}] in one and "
                + $"[{string.Join(", ", second)}] here",
            span,
            "other channels than before",
            [new("first used here", firstUse)],
            "bring the features to the same number of channels first, or write two shares"
        );

    public static void BadExchange(
        this DiagnosticBag bag,
        SourceSpan span,
        string message,
        string? label,
        IEnumerable<DiagnosticNote>? notes = null,
        string? help = null
    ) => Error(bag, "MTL2044", message, span, label, notes, help);

    public static void BadStatement(
        this DiagnosticBag bag,
        SourceSpan span,
        string message,
        string? label,
        string? help = null
    ) => Error(bag, "MTL2038", message, span, label, help: help);

    public static void NoWeights(this DiagnosticBag bag, SourceSpan span, string component, IEnumerable<string> known) =>
        Error(
            bag,
            "MTL2039",
            $"there are no ImageNet weights for '{component}'",
            span,
            "weights: none, or a file",
            help: "published weights are known for " + string.Join(", ", known)
        );

    public static void UnknownInputKind(this DiagnosticBag bag, SourceSpan span, string input, string kind) =>
        Error(
            bag,
            "MTL2051",
            $"'{kind}' is no kind of input",
            span,
            Meant(kind, ["map"]),
            help: $"write input {input}: map {{ channels: 1 }}"
        );

    public static void WeightsOfPictures(
        this DiagnosticBag bag,
        SourceSpan span,
        string encoder,
        string source,
        string shape,
        int channels,
        SourceSpan written
    ) =>
        Error(
            bag,
            "MTL2052",
            $"the ImageNet weights of '{encoder}' are for pictures of 3 channels, and it reads '{source}', {shape}",
            span,
            channels == 1 ? "1 channel" : FormattableString.Invariant($"{channels} channels"),
            [new("the weights are asked for here", written)],
            channels == 1
                ? $"bring it to 3 channels, let three = concat({source}, {source}, {source}), and read that; or write "
                    + "weights: none"
                : "bring it to 3 channels with a convolution first, or write weights: none"
        );
}
