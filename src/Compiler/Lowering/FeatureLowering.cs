using Mtlc.Compiler.Binding;
using Mtlc.Compiler.Ir;
using Mtlc.Dsl.Syntax;

namespace Mtlc.Compiler.Lowering;

/// <summary>`trunk`, `trunk.layer3`, `trunk/4`, `semseg_1` in a statement.</summary>
static class FeatureLowering
{
    public static Node? Lower(FeatureSyntax feature, Scope scope, Evaluator evaluator)
    {
        if (scope.Find(feature.Name.Text) is not { } slot)
            return null;
        var value = evaluator.Force(slot, feature.Name.Span);
        var before = feature.Name.Span;
        foreach (var member in feature.Members)
        {
            if (value is EncoderValue encoder)
                value = EncoderFeatures.Named(encoder, member, evaluator.Diagnostics);
            else
                return Misused($"what has '.{member.Text}'");
            before = before.To(member.Span);
        }
        foreach (var place in feature.Places)
        {
            value = evaluator.Item(value, before, null, evaluator.Evaluate(place, scope, ""), place.Span, null);
            before = before.To(place.Span);
        }
        if (feature.Divisor is { } divisor)
        {
            if (value is EncoderValue encoder)
                value = EncoderFeatures.At(encoder, divisor.Value, feature.Span, evaluator.Diagnostics);
            else
                return Misused($"what has '/{divisor.Text}'");
        }
        return evaluator.Features(value, feature.Span, $"'{feature}'");

        Node? Misused(string what)
        {
            evaluator.WrongKind(feature.Name.Span, what, "an encoder", value);
            return null;
        }
    }
}
