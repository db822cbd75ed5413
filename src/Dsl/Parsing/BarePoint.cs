using System.Text.RegularExpressions;
using Mtlc.Dsl.Generated;

namespace Mtlc.Dsl.Parsing;

/// <summary>`1.` and `1.e-4`: a point that touches the number before it and no digit behind it.</summary>
static partial class BarePoint
{
    /// <param name="before">The tokens so far.</param>
    /// <param name="point">The token behind them.</param>
    /// <returns>Where the number ends, with the exponent behind the point; null where the token is no such point.</returns>
    public static int? EndOf(List<SourceToken> before, SourceToken point) =>
        point.Type == MtlLexer.DOT
        && before is [.., { Type: MtlLexer.NUMBER } number]
        && number.Span.End == point.Span.Start
        && !(before is [.., { Type: MtlLexer.DOT }, _]) // a number in a path: trunk.dilate.2.x
        && Tail().Match(point.Span.Source.Content, point.Span.Start) is { Success: true } tail
            ? tail.Index + tail.Length
            : null;

    [GeneratedRegex(@"\G\.([eE][+-]?[0-9]+)?(?![A-Za-z0-9_.])", RegexOptions.CultureInvariant)]
    private static partial Regex Tail();
}
