using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Formatting;
using Mtlc.Dsl.Text;
using Mtlc.LanguageServer.Documents;
using Mtlc.LanguageServer.Protocol;

namespace Mtlc.LanguageServer.Features;

/// <summary>The one layout, as `mtlc fmt` makes it; a text that does not parse is left as it is.</summary>
static class Formatting
{
    public static TextEdit[] Of(SourceText source)
    {
        var text = source.Content;
        if (Formatter.Format(source, new(), new DiagnosticBag()) is not { } laid || laid == text)
            return [];
        // What both begin and end with stays, and with it the cursor and the folds.
        var start = text.AsSpan().CommonPrefixLength(laid);
        start = start > 0 && char.IsSurrogate(text[start - 1]) ? start - 1 : start;
        var end = 0;
        while (end < Math.Min(text.Length, laid.Length) - start && text[^(end + 1)] == laid[^(end + 1)])
            end++;
        return [new(source.RangeOf(start, text.Length - end), laid[start..^end])];
    }
}
