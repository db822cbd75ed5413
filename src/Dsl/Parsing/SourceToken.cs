using Antlr4.Runtime;
using Mtlc.Dsl.Generated;
using Mtlc.Dsl.Text;

namespace Mtlc.Dsl.Parsing;

/// <summary>What an open bracket encloses; it decides what may stand in it.</summary>
enum Enclosure
{
    File,
    Model,
    Body,
    Sweep,
    Settings,
    Parameters,
    Parentheses,
    List,
}

/// <summary>A token that knows its place among lines and brackets.</summary>
sealed class SourceToken(SourceText source, int type, int start, int length)
    : CommonToken(
        Tuple.Create<ITokenSource, ICharStream>(null!, null!),
        type,
        TokenConstants.DefaultChannel,
        start,
        start + length - 1
    )
{
    public SourceSpan Span { get; } = new(source, start, length);

    /// <summary>No other token stands before it on its line.</summary>
    public bool FirstOnLine { get; init; }

    /// <summary>Brackets open around it; an opening and its closing bracket stand at the same depth.</summary>
    public int Depth { get; set; }

    /// <summary>The innermost bracket open around it.</summary>
    public Enclosure In { get; set; }

    /// <summary>Already diagnosed and put right, as far as could be guessed: whatever follows from it is said once.</summary>
    public bool Repaired { get; set; }

    /// <summary>Stands for text that was left out or never written.</summary>
    public bool Missing => Span.Length == 0 && Type != TokenConstants.EOF;

    public override string Text => Type == TokenConstants.EOF ? "" : Span.Text;

    public bool IsName => Type is MtlLexer.ID or >= MtlLexer.IMPORT and <= MtlLexer.LOSS && Type != MtlLexer.LET;

    public bool IsWord => Type is MtlLexer.ID or >= MtlLexer.IMPORT and <= MtlLexer.NOT;

    public bool IsOpening => Type is MtlLexer.BRACE or MtlLexer.BRACKET or MtlLexer.PAREN;

    public bool IsClosing => Type is MtlLexer.UNBRACE or MtlLexer.UNBRACKET or MtlLexer.UNPAREN;

    /// <summary>The same text read as another kind of token, because what was written is wrong and has been said to be.</summary>
    public SourceToken As(int type) =>
        new(Span.Source, type, Span.Start, Span.Length)
        {
            FirstOnLine = FirstOnLine,
            Depth = Depth,
            In = In,
            Repaired = true,
        };

    /// <summary>A token that should have been written just behind this one.</summary>
    public SourceToken Followed(int type) =>
        new(Span.Source, type, Span.End, 0)
        {
            Depth = Depth,
            In = In,
            Repaired = true,
        };

    /// <summary>A token that should have been written just before this one.</summary>
    public SourceToken Preceded(int type) =>
        new(Span.Source, type, Span.Start, 0)
        {
            FirstOnLine = FirstOnLine,
            Depth = Depth,
            In = In,
            Repaired = true,
        };
}
