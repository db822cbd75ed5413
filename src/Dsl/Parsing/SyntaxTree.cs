using System.Collections.Immutable;
using System.Runtime.ExceptionServices;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Syntax;
using Mtlc.Dsl.Text;

namespace Mtlc.Dsl.Parsing;

/// <summary>From text to syntax.</summary>
public static class SyntaxTree
{
    /// <summary>The generated parser takes up to 3 KB a rule.</summary>
    private const int StackSize = SyntaxLimits.Rules * 8 * 1024;

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
        ImmutableArray<DeclarationSyntax> declarations = [];
        OnLargeStack(() => declarations = Read(source, diagnostics));
        return new(source, declarations, span);
    }

    private static ImmutableArray<DeclarationSyntax> Read(SourceText source, DiagnosticBag diagnostics)
    {
        var tokens = Habits.Correct(ContextualWords.Read(Brackets.Balance(Lexing.Tokens(source, diagnostics), diagnostics)), diagnostics);
        var parser = new NestingParser(tokens, diagnostics);
        return new DeclarationBuilder(source, diagnostics).Declarations(parser.file());
    }

    /// <summary>Not every caller's stack holds what the limits allow, and what is said of a file must not depend on the caller.</summary>
    private static void OnLargeStack(Action action)
    {
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(
            () =>
            {
                try
                {
                    action();
                }
                catch (Exception e)
                {
                    failure = ExceptionDispatchInfo.Capture(e);
                }
            },
            StackSize);
        thread.Start();
        thread.Join();
        failure?.Throw();
    }

    private static Diagnostic? Refused(SourceText source)
    {
        if (source.Content.Length > SyntaxLimits.FileLength)
            return SyntaxErrors.FileTooLarge(source);
        var nul = source.Content.IndexOf('\0', StringComparison.Ordinal);
        return nul < 0 ? null : SyntaxErrors.NotText(source.Span(nul, 1));
    }
}
