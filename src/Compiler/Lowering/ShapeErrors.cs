using Mtlc.Compiler.Ir;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Text;

namespace Mtlc.Compiler.Lowering;

/// <summary>MTL3xxx: channels and resolutions. Both sides as the user wrote them, and where each shape came about.</summary>
/// <param name="Span">The user's statement or call that led here.</param>
/// <param name="Operands">The operands and where they are written.</param>
/// <param name="Notes">The calls inside components between the two.</param>
/// <param name="Declared">The user's statement that made a node of a library component, where it is another than this
/// one.</param>
public sealed record ShapeErrors(
    DiagnosticBag Bag,
    string Operation,
    SourceSpan Span,
    IReadOnlyList<(Node Node, SourceSpan Span)> Operands,
    Func<IEnumerable<DiagnosticNote>> Notes,
    Func<Node, (string Kind, SourceSpan Span)?>? Declared = null
) : IShapeErrors
{
    public TensorShape? ChannelsDiffer(int first, int second)
    {
        var (a, b) = (Operands[first], Operands[second]);
        return Error(
            "MTL3001",
            $"{Operation} needs equal channels: {Written(a)} has {a.Node.Shape.Channels}, {Written(b)} has "
                + $"{b.Node.Shape.Channels}",
            $"{a.Node.Shape.Channels} and {b.Node.Shape.Channels} channels",
            [Made(a), Made(b)],
            "bring one to the other's channels with conv(x, CHANNELS)"
        );
    }

    public TensorShape? ResolutionsDiffer(int first, int second)
    {
        var (a, b) = (Operands[first], Operands[second]);
        return Error(
            "MTL3002",
            $"{Operation} needs equal resolutions: {Written(a)} is {a.Node.Shape.Resolution}, {Written(b)} is "
                + $"{b.Node.Shape.Resolution}",
            $"{a.Node.Shape.Resolution} and {b.Node.Shape.Resolution}",
            [Made(a), Made(b)],
            $"resize one: resize_like({Written(a).Trim('\'')}, {Written(b).Trim('\'')})"
        );
    }

    public TensorShape? NotPlain(int operand)
    {
        var (node, written) = (Operands[operand].Node, Written(Operands[operand]));
        var hasTokens = node.Shape.Tokens > 0;
        var what = hasTokens
            ? FormattableString.Invariant($"carries {node.Shape.Tokens} token{(node.Shape.Tokens == 1 ? "" : "s")}")
            : FormattableString.Invariant($"is padded to a multiple of {node.Shape.Height.Multiple}");
        return Error(
            "MTL3009",
            $"{Operation} needs a map of pixels, and {written} {what}",
            node.Shape.ToString(),
            [Made(Operands[operand])],
            hasTokens
                ? $"its map is pixels({written.Trim('\'')})"
                : $"cut it to the size before: crop_like({written.Trim('\'')}, MAP)"
        );
    }

    public TensorShape? Invalid(string message, string? help = null) =>
        Error("MTL3003", $"{Operation}: {message}", null, Operands.Select(Made), help);

    TensorShape? Error(string code, string message, string? label, IEnumerable<DiagnosticNote> made, string? help)
    {
        Bag.Add(new(code, Severity.Error, message, Span, label, [.. made, .. Notes()], help));
        return null;
    }

    static string Written((Node Node, SourceSpan Span) operand)
    {
        var text = operand.Span.Text;
        return text.Length is > 0 and <= 40 && !text.Contains('\n') ? $"'{text}'" : $"'{operand.Node.Name}'";
    }

    DiagnosticNote Made((Node Node, SourceSpan Span) operand) =>
        Declared?.Invoke(operand.Node) is { } statement
            ? new(
                $"{Written(operand)} is {operand.Node.Shape}, made by {statement.Kind} '{operand.Node.Declaration}'",
                statement.Span
            )
            : new($"{Written(operand)} is {operand.Node.Shape}, made by {operand.Node.Op.Name}", operand.Node.Origin);
}

/// <summary>MTL3xxx that concern the whole model.</summary>
public static class ModelShapeErrors
{
    public static void SingleValueNorm(this DiagnosticBag bag, SourceSpan span, string statement, SourceSpan? inside) =>
        bag.Add(
            new(
                "MTL3004",
                Severity.Error,
                $"'{statement}' normalises a single value a channel: a 1x1 map in a batch of 1 has no variance",
                span,
                null,
                inside is { } place ? [new("by this batch_norm", place)] : [],
                "train with a batch of at least 2"
            )
        );

    public static void CropNotDivisible(this DiagnosticBag bag, SourceSpan span, string what, string size, int stride) =>
        bag.Add(
            new(
                "MTL3005",
                Severity.Error,
                $"{what} {size} does not divide by the network's stride {stride}",
                span,
                $"use multiples of {stride}"
            )
        );

    public static void RefinementMisfit(
        this DiagnosticBag bag,
        SourceSpan span,
        string task,
        TensorShape expected,
        TensorShape found
    ) =>
        bag.Add(
            new(
                "MTL3006",
                Severity.Error,
                $"the refinement of '{task}' must keep {expected}, and makes {found}",
                span,
                $"expected {expected}"
            )
        );

    public static void CannotBringTo(this DiagnosticBag bag, SourceSpan span, int target, TensorShape found) =>
        bag.Add(
            new(
                "MTL3007",
                Severity.Error,
                $"features of {found.Resolution} cannot be upsampled to 1/{target} of the input",
                span,
                "a whole factor is needed"
            )
        );

    public static void CropTooLarge(this DiagnosticBag bag, SourceSpan span, string crop, string picture, bool isWritten) =>
        bag.Add(
            new(
                "MTL3008",
                Severity.Error,
                $"a crop of {crop} does not fit into pictures of {picture}",
                span,
                isWritten ? $"at most {picture}" : $"smaller than the crop, which is {crop} where nothing is written",
                Help: isWritten ? null : "write augment: { crop: ... } with a size that fits"
            )
        );
}
