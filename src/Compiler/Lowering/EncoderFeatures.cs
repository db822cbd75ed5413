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
        foreach (var (name, value) in encoder.Lets)
        {
            if (name == member.Text)
                return value;
        }
        diagnostics.NoSuchFeatures(member.Span, encoder.Name, $"features called '{member.Text}'", Available(encoder));
        return ErrorValue.Instance;
    }

    /// <summary>
    /// The last of the maps that its component returns as a list at a fraction of the input; where there is none, the last `let`;
    /// and else the last step of a loop or pipe. </summary>
    public static Value At(EncoderValue encoder, double divisor, SourceSpan span, DiagnosticBag diagnostics)
    {
        if (divisor >= 1 && divisor <= 1 << 20 && Math.Floor(divisor) == divisor)
        {
            var extent = Extent.Fraction(1, (int)divisor);
            var (lets, steps) = (encoder.Lets.Select(l => l.Value.Features!), Steps(encoder).Select(s => s.Node));
            foreach (var node in encoder.Items.Reverse().Concat(lets.Reverse()).Concat(steps.Reverse()))
            {
                if (node.Shape.Height == extent && node.Shape.Width == extent && node.Shape.IsPlain)
                    return new FeatureValue(node);
            }
        }
        diagnostics.NoSuchFeatures(
            span,
            encoder.Name,
            FormattableString.Invariant($"features at 1/{divisor} of the input"),
            Available(encoder)
        );
        return ErrorValue.Instance;
    }

    static IEnumerable<(string Name, Node Node)> Steps(EncoderValue encoder)
    {
        foreach (var (name, value) in encoder.Lets)
        {
            if (value is not ChainValue chain)
                continue;
            foreach (var (i, step) in chain.Steps.Index())
            {
                if (step.Features is { } node)
                    yield return (FormattableString.Invariant($"{name}[{i}]"), node);
            }
        }
    }

    // Of an encoder that is one chain, as torchvision's `features`, the last step at each resolution.
    static IEnumerable<string> Available(EncoderValue encoder)
    {
        var named = encoder.Lets.Select(l => (l.Name, Node: l.Value.Features!)).ToList();
        var steps = Steps(encoder)
            .GroupBy(s => s.Node.Shape.Height)
            .Where(g => named.TrueForAll(n => n.Node.Shape.Height != g.Key))
            .Select(g => g.Last());
        var items = encoder.Items.Select(n =>
            FormattableString.Invariant($"{encoder.Name}/{n.Shape.Height.Denominator} ({n.Shape})")
        );
        return items.Concat(named.Concat(steps).Select(f => $"{encoder.Name}.{f.Name} ({f.Node.Shape})"));
    }
}
