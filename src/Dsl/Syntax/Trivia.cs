using System.Collections.Immutable;
using Mtlc.Dsl.Text;

namespace Mtlc.Dsl.Syntax;

/// <summary>A comment, from its `#` to the end of its line.</summary>
/// <param name="OwnLine">Whether nothing else stands on its line; otherwise it trails what stands before it.</param>
public sealed record CommentSyntax(bool OwnLine, SourceSpan Span) : SyntaxNode(Span)
{
    /// <summary>With its `#`, without spaces at its end.</summary>
    public string Text => Span.Text.TrimEnd();
}

/// <summary>What a file holds beside its tree: it means nothing to the compiler, and all to who reads the file.</summary>
/// <param name="Comments">In the order of the text.</param>
/// <param name="BlankLines">The 1-based lines that hold nothing but spaces; what lies behind the last line break is no
/// line.</param>
public sealed record TriviaSyntax(ImmutableArray<CommentSyntax> Comments, ImmutableArray<int> BlankLines)
{
    public static readonly TriviaSyntax None = new([], []);
}
