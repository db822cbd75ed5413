using System.Text;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Parsing;
using Mtlc.Dsl.Syntax;
using Mtlc.Dsl.Text;

namespace Mtlc.Dsl.Formatting;

/// <summary>Lays a program out anew, in one style. Formatting twice is formatting once.</summary>
public static class Formatter
{
    /// <summary>
    /// The text in its one layout, with one line break at its end, all of them CR LF where one is; null where it does not parse,
    /// which
    /// <paramref name="diagnostics"/> then tell. Tokens and comments stay, but for commas that a line break or a closing bracket
    /// makes needless. </summary>
    /// <param name="words">For messages; none by default.</param>
    public static string? Format(SourceText source, FormatStyle style, DiagnosticBag diagnostics, Vocabulary? words = null)
    {
        var tree = SyntaxTree.Parse(source, diagnostics, words);
        if (diagnostics.Count > 0)
            return null;
        var lines = new List<WrittenLine>();
        LargeStack.Run(
            () =>
            {
                var file = SyntaxTree.Read(source, new(), new());
                lines = DocWriter.Write(new FileLayout(new(file, tree.Trivia), style).File(file), style);
            },
            SyntaxTree.StackSize
        );
        var written = Lines(lines, source.Content.Contains("\r\n", StringComparison.Ordinal) ? "\r\n" : "\n");
        if (!IsSame(source, tree, new(source.Path, written)))
            throw new InvalidOperationException($"the layout of '{source.Path}' would change what it says");
        return written;
    }

    /// <summary>Comments behind neighbouring lines of one block begin in one column.</summary>
    static string Lines(List<WrittenLine> lines, string lineBreak)
    {
        var text = new StringBuilder();
        for (var (from, to) = (0, 0); from < lines.Count; from = to)
        {
            for (to = from + 1; to < lines.Count && Continues(lines[from], lines[to]); )
                to++;
            var block = lines[from..to];
            var column = block.Where(l => l.Comment.Length > 0).Select(l => l.Code.Length + 1).DefaultIfEmpty(0).Max();
            foreach (var (code, comment) in block)
                text.Append(comment.Length == 0 ? code : code.PadRight(column) + comment).Append(lineBreak);
        }
        return text.Length == lineBreak.Length ? "" : text.ToString();
    }

    static bool Continues(WrittenLine first, WrittenLine line) =>
        line.Code.Length > 0
        && IndentOf(line) == IndentOf(first)
        && line.Code.TrimStart()[0] is not ('#' or '}' or ')' or ']')
        && first.Code.Length > 0
        && first.Code.TrimStart()[0] != '#';

    static int IndentOf(WrittenLine line) => line.Code.Length - line.Code.TrimStart().Length;

    /// <summary>Whether two texts have the same tokens, but for commas, and the same comments.</summary>
    static bool IsSame(SourceText before, FileSyntax old, SourceText after)
    {
        var diagnostics = new DiagnosticBag();
        var anew = SyntaxTree.Parse(after, diagnostics);
        return diagnostics.Count == 0
            && Words(before).SequenceEqual(Words(after))
            && old.Trivia.Comments.Select(c => c.Text).SequenceEqual(anew.Trivia.Comments.Select(c => c.Text));
    }

    static IEnumerable<string> Words(SourceText source) =>
        Lexing.Tokens(source, new()).Where(t => t.Type != Generated.MtlLexer.COMMA).Select(t => t.Text);
}
