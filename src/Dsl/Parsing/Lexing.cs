using Antlr4.Runtime;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Generated;
using Mtlc.Dsl.Text;

namespace Mtlc.Dsl.Parsing;

/// <summary>
/// Cuts a text into tokens, without spaces and comments. What no program contains is diagnosed here and then read as what was
/// meant, so that the parser never speaks of it again. </summary>
static class Lexing
{
    public static List<SourceToken> Tokens(SourceText source, DiagnosticBag diagnostics) => Tokens(source, diagnostics, new());

    /// <param name="trivia">Takes what stands between the tokens.</param>
    public static List<SourceToken> Tokens(SourceText source, DiagnosticBag diagnostics, TriviaBuilder trivia)
    {
        // UTF-16 units, so that ANTLR's offsets are ours, whatever the text holds.
        var lexer = new MtlLexer(new AntlrInputStream(source.Content));
        lexer.RemoveErrorListeners();
        var tokens = new List<SourceToken>();
        var line = 0;
        SourceToken? unknown = null;
        var taken = 0; // what lies before was read with an earlier token
        for (var token = lexer.NextToken(); ; token = lexer.NextToken())
        {
            if (token.Channel != TokenConstants.DefaultChannel)
            {
                trivia.Add(source, token);
                continue;
            }
            if (token.StartIndex < taken && token.Type != TokenConstants.EOF)
                continue;
            var isEnd = token.Type == TokenConstants.EOF;
            var (start, length) = isEnd ? (source.Content.Length, 0) : (token.StartIndex, token.StopIndex - token.StartIndex + 1);
            var startLine = source.Position(start).Line;
            var read = new SourceToken(source, token.Type, start, length) { FirstOnLine = startLine != line };
            if (read.Type == MtlLexer.UNKNOWN)
            {
                unknown =
                    unknown is not null && unknown.Span.End == start
                        ? new(source, MtlLexer.UNKNOWN, unknown.Span.Start, unknown.Span.Length + length)
                        {
                            FirstOnLine = unknown.FirstOnLine,
                        }
                        : Report(unknown, read);
                continue;
            }
            if (BarePoint.EndOf(tokens, read) is { } end)
            {
                diagnostics.Add(SyntaxErrors.BarePoint(tokens[^1].Span.To(source.Span(start, end - start))));
                (tokens[^1].Repaired, taken) = (true, end);
                continue;
            }
            read.Repaired = unknown is not null && !read.FirstOnLine;
            unknown = Report(unknown, null);
            foreach (var repaired in Repair(read, tokens.Count > 0 ? tokens[^1] : null, diagnostics))
            {
                tokens.Add(repaired);
                line = startLine;
            }
            if (isEnd)
                return tokens;
        }

        SourceToken? Report(SourceToken? finished, SourceToken? next)
        {
            if (finished is not null)
            {
                diagnostics.Add(SyntaxErrors.UnknownCharacters(finished.Span));
                if (tokens.Count > 0 && !finished.FirstOnLine)
                    tokens[^1].Repaired = true;
            }
            return next;
        }
    }

    static IEnumerable<SourceToken> Repair(SourceToken token, SourceToken? previous, DiagnosticBag diagnostics)
    {
        switch (token.Type)
        {
            case MtlLexer.OPEN_STRING:
                var text = token.Span.Text;
                diagnostics.Add(SyntaxErrors.OpenString(token.Span));
                var length = MeantLength(text);
                yield return new(token.Span.Source, MtlLexer.STRING, token.Span.Start, length)
                {
                    FirstOnLine = token.FirstOnLine,
                    Repaired = true,
                };
                for (var i = length; i < text.Length; i++)
                {
                    if (Punctuation(text[i]) is { } type)
                        yield return new(token.Span.Source, type, token.Span.Start + i, 1) { Repaired = true };
                }
                break;
            case MtlLexer.APOSTROPHES:
                diagnostics.Add(SyntaxErrors.Apostrophes(token.Span));
                yield return token.As(MtlLexer.STRING);
                break;
            case MtlLexer.GLUED_NUMBER:
                diagnostics.Add(SyntaxErrors.GluedNumber(token.Span));
                yield return token.As(MtlLexer.NUMBER);
                break;
            case MtlLexer.FOREIGN_COMMENT:
                diagnostics.Add(SyntaxErrors.ForeignComment(token.Span));
                break;
            case MtlLexer.FOREIGN:
                var meant = SyntaxErrors.MeantBy(token.Span.Text);
                diagnostics.Add(SyntaxErrors.ForeignSymbol(token.Span, meant));
                // Between settings a ';' is a comma, between statements nothing: the brackets will tell.
                if (TypeOf(meant ?? ",") is { } known)
                    yield return token.As(known);
                break;
            case MtlLexer.NUMBER when previous is { Type: MtlLexer.DOT } && IsBareFraction(previous, token):
                diagnostics.Add(SyntaxErrors.BareFraction(previous.Span.To(token.Span)));
                previous.Type = MtlLexer.NUMBER;
                previous.Repaired = true;
                break;
            default:
                yield return token;
                break;
        }
    }

    /// <summary>The brackets and commas that end the line were hardly meant to be part of the text, unless they opened in
    /// it.</summary>
    static int MeantLength(string text)
    {
        var open = 0;
        var closing = text.Length;
        for (var i = 1; i < text.Length && closing == text.Length; i++)
        {
            open +=
                text[i] is '(' or '[' or '{' ? 1
                : text[i] is ')' or ']' or '}' ? -1
                : 0;
            closing = open < 0 ? i : closing;
        }
        var tail = text.TrimEnd(' ', '\t', '}', ']', ')', ',').Length;
        return Math.Max(1, text[..Math.Max(tail, closing)].TrimEnd(' ', '\t', ',').Length);
    }

    /// <summary>`.5` after something that is no path: the point touches the number and nothing before it.</summary>
    static bool IsBareFraction(SourceToken point, SourceToken number) =>
        point.Span.End == number.Span.Start
        && (
            point.Span.Start == 0
            || point.Span.Source.Content[point.Span.Start - 1]
                is ' '
                    or '\t'
                    or '\n'
                    or '('
                    or '['
                    or ','
                    or ':'
                    or '*'
                    or '/'
                    or '+'
                    or '-'
                    or '='
        );

    static int? Punctuation(char c) =>
        c switch
        {
            '}' => MtlLexer.UNBRACE,
            ']' => MtlLexer.UNBRACKET,
            ')' => MtlLexer.UNPAREN,
            ',' => MtlLexer.COMMA,
            _ => null,
        };

    static int? TypeOf(string? symbol) =>
        symbol switch
        {
            "->" => MtlLexer.ARROW,
            "=" => MtlLexer.ASSIGN,
            "and" => MtlLexer.AND,
            "or" => MtlLexer.OR,
            "not" => MtlLexer.NOT,
            "*" => MtlLexer.TIMES,
            "-" => MtlLexer.MINUS,
            "," => MtlLexer.COMMA,
            _ => null,
        };
}
