using Mtlc.Compiler.Binding;
using Mtlc.Compiler.Ir;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Syntax;
using Mtlc.Dsl.Text;

namespace Mtlc.Compiler.Lowering;

/// <summary>`trunk.layer3` and `trunk/4`.</summary>
public static class EncoderFeatures
{
    /// <summary>The `let` of that name in the encoder's component.</summary>
    public static Value Named(EncoderValue encoder, NameSyntax member, DiagnosticBag diagnostics)
    {
        foreach (var (name, node) in encoder.Lets)
        {
            if (name == member.Text)
                return new FeatureValue(node);
        }
        diagnostics.NoSuchFeatures(member.Span, encoder.Name, $"features called '{member.Text}'", Available(encoder));
        return ErrorValue.Instance;
    }

    /// <summary>The last `let` at a fraction of the input.</summary>
    public static Value At(EncoderValue encoder, double divisor, SourceSpan span, DiagnosticBag diagnostics)
    {
        if (divisor >= 1 && divisor <= 1 << 20 && Math.Floor(divisor) == divisor)
        {
            var extent = Extent.Fraction(1, (int)divisor);
            foreach (var (_, node) in encoder.Lets.Reverse())
            {
                if (node.Shape.Height == extent && node.Shape.Width == extent)
                    return new FeatureValue(node);
            }
        }
        diagnostics.NoSuchFeatures(span, encoder.Name, FormattableString.Invariant($"features at 1/{divisor} of the input"), Available(encoder));
        return ErrorValue.Instance;
    }

    private static IEnumerable<string> Available(EncoderValue encoder) =>
        encoder.Lets.Select(l => $"{encoder.Name}.{l.Name} ({l.Node.Shape})");
}
