using System.Collections.Immutable;

namespace Mtlc.Dsl.Text;

/// <summary>The text of one file, with the name by which messages call it.</summary>
public sealed class SourceText
{
    readonly Lazy<ImmutableArray<int>> lineStarts;

    /// <summary>A byte order mark at the start is no part of the text.</summary>
    /// <param name="folder">Where relative paths in the text start, where that is not the folder of
    /// <paramref name="path"/>.</param>
    public SourceText(string path, string content, string? folder = null)
    {
        (Path, Folder) = (path, folder ?? System.IO.Path.GetDirectoryName(path) ?? "");
        content = content.StartsWith('\uFEFF') ? content[1..] : content;
        Content = content;
        lineStarts = new(() => FindLineStarts(content));
    }

    /// <summary>As the user wrote it, or "std/NAME.mtl" for the standard library.</summary>
    public string Path { get; }

    /// <summary>Where relative paths of data and weights start; empty for the working folder.</summary>
    public string Folder { get; }

    public string Content { get; }

    /// <summary>What the file has in common with itself under other paths and links, and with no other file; null where nobody
    /// knows.</summary>
    public string? Identity { get; init; }

    public int LineCount => lineStarts.Value.Length;

    public SourceSpan Span(int start, int length) => new(this, start, length);

    /// <summary>The 1-based line and column of an offset; an offset past the end is the end.</summary>
    public LinePosition Position(int offset)
    {
        var starts = lineStarts.Value;
        offset = Math.Clamp(offset, 0, Content.Length);
        var index = starts.BinarySearch(offset);
        if (index < 0)
            index = ~index - 1;
        return new(index + 1, offset - starts[index] + 1);
    }

    /// <summary>The text of a 1-based line, without its line break.</summary>
    public string Line(int line)
    {
        var starts = lineStarts.Value;
        var start = starts[line - 1];
        var end = line < starts.Length ? starts[line] : Content.Length;
        return Content[start..end].TrimEnd('\r', '\n');
    }

    /// <summary>The offset at which a 1-based line starts.</summary>
    public int LineStart(int line) => lineStarts.Value[line - 1];

    static ImmutableArray<int> FindLineStarts(string text)
    {
        var starts = ImmutableArray.CreateBuilder<int>();
        starts.Add(0);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\n' || (text[i] == '\r' && (i + 1 == text.Length || text[i + 1] != '\n')))
                starts.Add(i + 1);
        }
        return starts.ToImmutable();
    }
}

/// <summary>1-based line and column.</summary>
public readonly record struct LinePosition(int Line, int Column);
