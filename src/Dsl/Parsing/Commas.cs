using Antlr4.Runtime;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Generated;

namespace Mtlc.Dsl.Parsing;

/// <summary>Settings and the axes of a sweep are parted by a comma or a line break; the grammar does not see line
/// breaks.</summary>
static class Commas
{
    public static void Check(ParserRuleContext list, DiagnosticBag diagnostics)
    {
        ParserRuleContext? previous = null;
        foreach (var child in list.children)
        {
            if (child.Payload is SourceToken { Type: MtlLexer.COMMA })
                previous = null;
            if (child is not ParserRuleContext element || element is not (MtlParser.SettingContext or MtlParser.AxisContext))
                continue;
            var start = (SourceToken)element.Start;
            if (previous is { exception: null } && !start.FirstOnLine && !start.Repaired)
                diagnostics.Add(
                    SyntaxErrors.MissingComma(start.Span.Source.Span(ExpressionBuilder.Span(previous).End, 0), start.Text)
                );
            previous = element;
        }
    }
}
