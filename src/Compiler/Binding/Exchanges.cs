using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Syntax;

namespace Mtlc.Compiler.Binding;

/// <summary>
/// Which encoders exchange features. All of them are made together, when the exchange is: what reads one of them stands behind
/// the exchange, and the exchange behind what any of them reads. </summary>
static class Exchanges
{
    public static void Resolve(ModelSymbol model, DiagnosticBag diagnostics)
    {
        var taken = new Dictionary<string, NameSyntax>(StringComparer.Ordinal);
        foreach (var statement in model.Statements.Values.Where(b => b.Syntax is ExchangeSyntax))
        {
            var exchange = (ExchangeSyntax)statement.Syntax;
            foreach (var name in exchange.Encoders)
            {
                if (model.Statements.GetValueOrDefault(name.Text) is not { } encoder)
                {
                    diagnostics.NoBox(
                        name.Span,
                        name.Text,
                        model.Name,
                        model.Statements.Values.Where(b => b.Kind == "encoder").Select(b => b.Name.Text)
                    );
                }
                else if (encoder.Syntax is not EncoderSyntax)
                {
                    diagnostics.WrongKind(
                        name.Span,
                        $"what '{statement.Name.Text}' exchanges features of",
                        "an encoder",
                        $"the {encoder.Kind} '{name.Text}'"
                    );
                }
                else if (!taken.TryAdd(name.Text, name))
                {
                    diagnostics.GivenTwice(name.Span, $"the exchange of encoder '{name.Text}'", taken[name.Text].Span);
                }
                else
                {
                    statement.Reads = statement.Reads.AddRange(encoder.Reads);
                    encoder.Reads = [(statement.Name.Text, name.Span)];
                    encoder.Exchange = statement;
                }
            }
            foreach (var twice in exchange.Stages.GroupBy(s => s.ToString()).Where(g => g.Count() > 1))
                diagnostics.GivenTwice(twice.Last().Span, $"stage '{twice.Key}'", twice.First().Span);
            if (exchange.Encoders.Length < 2)
                diagnostics.BadStatement(
                    exchange.Encoders[0].Span,
                    $"exchange '{statement.Name.Text}' names one encoder",
                    "with which other?",
                    "write exchange NAME: ENCODER, ENCODER at STAGE"
                );
        }
    }
}
