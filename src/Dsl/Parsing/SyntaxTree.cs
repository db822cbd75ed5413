using System.Collections.Immutable;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Generated;
using Mtlc.Dsl.Syntax;
using Mtlc.Dsl.Text;

namespace Mtlc.Dsl.Parsing;

/// <summary>From text to syntax.</summary>
public static class SyntaxTree
{
    /// <summary>The generated parser takes up to 3 KB a rule.</summary>
    internal const int StackSize = SyntaxLimits.Rules * 8 * 1024;

    /// <summary>
    /// Reads one file. There is always a tree, and no text makes this throw: what cannot be understood is diagnosed (MTL1xxx) and
    /// left out, or stands in the tree as an <see cref="ErrorExpressionSyntax"/>. </summary>
    /// <param name="words">For messages; none by default.</param>
    public static FileSyntax Parse(SourceText source, DiagnosticBag diagnostics, Vocabulary? words = null)
    {
        var span = source.Span(0, source.Content.Length);
        if (Refused(source) is { } refusal)
        {
            diagnostics.Add(refusal);
            return new(source, [], span);
        }
        var trivia = new TriviaBuilder();
        ImmutableArray<DeclarationSyntax> declarations = [];
        LargeStack.Run(
            () =>
                declarations = new DeclarationBuilder(source, diagnostics).Declarations(Read(source, diagnostics, trivia, words)),
            StackSize
        );
        return new(source, declarations, span) { Trivia = trivia.ToTrivia(source) };
    }

    /// <summary>The parse tree, whose leaves are the text's tokens; to be read on a large stack.</summary>
    internal static MtlParser.FileContext Read(
        SourceText source,
        DiagnosticBag diagnostics,
        TriviaBuilder trivia,
        Vocabulary? words = null
    )
    {
        var tokens = Habits.Correct(
            ContextualWords.Read(Brackets.Balance(Lexing.Tokens(source, diagnostics, trivia), diagnostics)),
            diagnostics
        );
        return new NestingParser(tokens, diagnostics, words ?? Vocabulary.Empty).file();
    }

    static Diagnostic? Refused(SourceText source)
    {
        if (source.Content.Length > SyntaxLimits.FileLength)
            return SyntaxErrors.FileTooLarge(source);
        var nul = source.Content.IndexOf('\0', StringComparison.Ordinal);
        return nul < 0 ? null : SyntaxErrors.NotText(source.Span(nul, 1));
    }
}
