using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Syntax;

namespace Mtlc.Compiler.Binding;

/// <summary>
/// Which encoders exchange features. All of them are made together, when the exchange is: what reads one of them stands behind the exchange, and the
/// exchange behind what any of them reads.
/// </summary>
static class Exchanges
{
    public static void Resolve(ModelSymbol model, DiagnosticBag diagnostics)
    {
        var taken = new Dictionary<string, NameSyntax>(StringComparer.Ordinal);
        foreach (var box in model.Boxes.Values.Where(b => b.Statement is ExchangeSyntax))
        {
            var exchange = (ExchangeSyntax)box.Statement;
            foreach (var name in exchange.Encoders)
            {
                if (model.Boxes.GetValueOrDefault(name.Text) is not { } encoder)
                {
                    diagnostics.NoBox(name.Span, name.Text, model.Name, model.Boxes.Values.Where(b => b.Kind == "encoder").Select(b => b.Name.Text));
                }
                else if (encoder.Statement is not EncoderSyntax)
                {
                    diagnostics.WrongKind(
                        name.Span, $"what '{box.Name.Text}' exchanges features of", "an encoder", $"the {encoder.Kind} '{name.Text}'");
                }
                else if (!taken.TryAdd(name.Text, name))
                {
                    diagnostics.GivenTwice(name.Span, $"the exchange of encoder '{name.Text}'", taken[name.Text].Span);
                }
                else
                {
                    box.Reads = box.Reads.AddRange(encoder.Reads);
                    encoder.Reads = [(box.Name.Text, name.Span)];
                    encoder.Exchange = box;
                }
            }
            foreach (var twice in exchange.Stages.GroupBy(s => s.Text).Where(g => g.Count() > 1))
                diagnostics.GivenTwice(twice.Last().Span, $"stage '{twice.Key}'", twice.First().Span);
            if (exchange.Encoders.Length < 2)
                diagnostics.BadStatement(
                    exchange.Encoders[0].Span, $"exchange '{box.Name.Text}' names one encoder", "with which other?",
                    "write exchange NAME: ENCODER, ENCODER at STAGE");
        }
    }
}
