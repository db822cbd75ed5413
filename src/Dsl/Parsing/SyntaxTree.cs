using Antlr4.Runtime;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Syntax;
using Mtlc.Dsl.Text;

namespace Mtlc.Dsl.Parsing;

/// <summary>From text to syntax.</summary>
public static class SyntaxTree
{
    /// <summary>
    /// Reads one file. There is always a tree, and no text makes this throw: what cannot be understood is diagnosed (MTL1xxx) and left out,
    /// or stands in the tree as an <see cref="ErrorExpressionSyntax"/>.
    /// </summary>
    public static FileSyntax Parse(SourceText source, DiagnosticBag diagnostics)
    {
        var span = source.Span(0, source.Content.Length);
        if (Refused(source) is { } refusal)
        {
            diagnostics.Add(refusal);
            return new(source, [], span);
        }
        var tokens = Habits.Correct(Brackets.Balance(Lexing.Tokens(source, diagnostics), diagnostics), diagnostics);
        var parser = new NestingParser(new CommonTokenStream(new ListTokenSource([.. tokens])))
        {
            ErrorHandler = new StatementRecovery(tokens, diagnostics),
        };
        parser.RemoveErrorListeners();
        return new(source, new DeclarationBuilder(source, diagnostics).Declarations(parser.file()), span);
    }

    private static Diagnostic? Refused(SourceText source)
    {
        if (source.Content.Length > SyntaxLimits.FileLength)
            return SyntaxErrors.FileTooLarge(source);
        var nul = source.Content.IndexOf('\0', StringComparison.Ordinal);
        return nul < 0 ? null : SyntaxErrors.NotText(source.Span(nul, 1));
    }
}
