using System.Globalization;
using System.Text;
using Mtlc.Dsl.Text;

namespace Mtlc.Dsl.Diagnostics;

/// <summary>Diagnostics as a person reads them: the message, the place, the source line with the piece underlined,
/// remarks.</summary>
sealed class HumanText(bool color, int width)
{
    readonly StringBuilder text = new();

    public void Add(Diagnostic diagnostic)
    {
        var (word, strong) = diagnostic.Severity == Severity.Error ? ("error", Ansi.Red) : ("warning", Ansi.Yellow);
        var spans = diagnostic.Notes.Select(n => n.Span).OfType<SourceSpan>().Prepend(diagnostic.Span);
        var gutter = spans.Max(s => LastLine(s).ToString(CultureInfo.InvariantCulture).Length);
        text.Append(In(strong, $"{word}[{diagnostic.Code}]"))
            .Append(In(Ansi.Bold, ": " + VisibleText.Of(diagnostic.Message)))
            .Append('\n');
        Snippet(diagnostic.Span, '^', strong, diagnostic.Label, gutter);
        foreach (var note in diagnostic.Notes)
        {
            if (note.Span is { } span)
            {
                text.Append(In(Ansi.Cyan, "note")).Append(": ").Append(VisibleText.Of(note.Message)).Append('\n');
                Snippet(span, '-', Ansi.Cyan, null, gutter);
            }
            else
            {
                Remark("note", note.Message, gutter);
            }
        }
        if (diagnostic.Help is not null)
            Remark("help", diagnostic.Help, gutter);
        text.Append('\n');
    }

    public override string ToString() => text.ToString();

    void Remark(string kind, string message, int gutter) =>
        text.Append(' ', gutter + 1)
            .Append(In(Ansi.Blue, "="))
            .Append(' ')
            .Append(In(Ansi.Bold, kind))
            .Append(": ")
            .Append(VisibleText.Of(message))
            .Append('\n');

    void Snippet(SourceSpan span, char mark, string strong, string? label, int gutter)
    {
        var (first, last) = (span.Position.Line, LastLine(span));
        text.Append(' ', gutter).Append(In(Ansi.Blue, "-->")).Append(' ').Append(VisibleText.Of(span.ToString())).Append('\n');
        Bar(gutter).Append('\n');
        for (var line = first; line <= last; line++)
        {
            // Of a long piece the first and the last line tell enough.
            if (line == first + 1 && last - first > 2)
            {
                text.Append(In(Ansi.Blue, "...")).Append('\n');
                line = last;
            }
            Underlined(span, line, mark, strong, line == last ? label : null, gutter);
        }
    }

    void Underlined(SourceSpan span, int line, char mark, string strong, string? label, int gutter)
    {
        var source = span.Source.Line(line);
        var lineStart = span.Source.LineStart(line);
        var indent = source.Length - source.TrimStart().Length;
        var from = Math.Clamp(span.Start - lineStart, span.Start < lineStart ? indent : 0, source.Length);
        var to = Math.Clamp(span.End - lineStart, from, source.Length);
        var window = SourceWindow.Of(source, from, to, Math.Max(20, width - gutter - 3));
        text.Append(In(Ansi.Blue, line.ToString(CultureInfo.InvariantCulture).PadLeft(gutter) + " |"));
        text.Append(window.Shown.Length == 0 ? "" : " ").Append(window.Shown).Append('\n');
        Bar(gutter)
            .Append(' ', window.From + 1)
            .Append(
                In(
                    strong,
                    new string(mark, Math.Max(1, window.To - window.From)) + (label is null ? "" : " " + VisibleText.Of(label))
                )
            );
        text.Append('\n');
    }

    StringBuilder Bar(int gutter) => text.Append(' ', gutter + 1).Append(In(Ansi.Blue, "|"));

    /// <summary>The line that a span's last character is on.</summary>
    static int LastLine(SourceSpan span) => span.Source.Position(Math.Max(span.Start, span.End - 1)).Line;

    string In(string style, string piece) => color ? style + piece + Ansi.Plain : piece;

    static class Ansi
    {
        public const string Plain = "\e[0m",
            Bold = "\e[1m",
            Red = "\e[1;31m",
            Yellow = "\e[1;33m",
            Blue = "\e[1;34m",
            Cyan = "\e[1;36m";
    }
}
