using System.Text;
using Mtlc.Dsl.Text;
using Mtlc.LanguageServer.Protocol;
using Range = Mtlc.LanguageServer.Protocol.Range;

namespace Mtlc.LanguageServer.Documents;

/// <summary>A text that the editor has open.</summary>
public sealed record Document(string Uri, string Path, int Version, SourceText Source)
{
    public static Document Of(TextDocumentItem item)
    {
        var path = Paths.OfUri(item.Uri);
        return new(item.Uri, path, item.Version, new(path, item.Text) { Identity = path });
    }

    /// <summary>The text after changes, each made to what the one before it left.</summary>
    public Document With(int version, IEnumerable<TextDocumentContentChange> changes)
    {
        var text = Source.Content;
        foreach (var change in changes)
        {
            if (change.Range is not { } range)
            {
                text = change.Text;
                continue;
            }
            var source = new SourceText(Path, text);
            var (start, end) = (source.OffsetOf(range.Start), source.OffsetOf(range.End));
            text = new StringBuilder(text.Length + change.Text.Length)
                .Append(text, 0, Math.Min(start, end))
                .Append(change.Text)
                .Append(text, Math.Max(start, end), text.Length - Math.Max(start, end))
                .ToString();
        }
        return this with
        {
            Version = version,
            Source = new(Path, text) { Identity = Path },
        };
    }
}

/// <summary>Between the protocol's 0-based positions and offsets of a text.</summary>
public static class TextPositions
{
    /// <summary>What lies outside of the text or a line is its end.</summary>
    public static int OffsetOf(this SourceText source, Position position)
    {
        if (position.Line < 0)
            return 0;
        if (position.Line >= source.LineCount)
            return source.Content.Length;
        var start = source.LineStart(position.Line + 1);
        return Math.Clamp(start + position.Character, start, start + source.Line(position.Line + 1).Length);
    }

    public static Position PositionOf(this SourceText source, int offset)
    {
        var position = source.Position(offset);
        return new(position.Line - 1, position.Column - 1);
    }

    public static Range RangeOf(this SourceText source, int start, int end) =>
        new(source.PositionOf(start), source.PositionOf(end));

    public static Range ToRange(this SourceSpan span) => span.Source.RangeOf(span.Start, span.End);
}
