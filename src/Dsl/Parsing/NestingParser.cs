using Antlr4.Runtime;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Generated;

namespace Mtlc.Dsl.Parsing;

/// <summary>
/// The generated parser, which calls itself for every level of the text: this counts the levels, because nothing can catch an
/// overflown stack. And a word that opens a statement on its own line is no name that the line before lacks.
/// </summary>
sealed class NestingParser : MtlParser
{
    readonly IReadOnlyList<SourceToken> tokens;
    readonly StatementRecovery recovery;
    int depth;

    public NestingParser(IReadOnlyList<SourceToken> tokens, DiagnosticBag diagnostics, Vocabulary words)
        : base(new CommonTokenStream(new ListTokenSource([.. tokens])))
    {
        this.tokens = tokens;
        ErrorHandler = recovery = new StatementRecovery(tokens, diagnostics, words);
        RemoveErrorListeners();
    }

    public override void EnterRule(ParserRuleContext localctx, int state, int ruleIndex)
    {
        Enter(localctx);
        if (
            ruleIndex is RULE_name or RULE_word
            && CurrentToken is SourceToken { FirstOnLine: true } token
            && Statements.OpensAt(tokens, token.TokenIndex)
        )
        {
            depth--;
            throw new InputMismatchException(this);
        }
        base.EnterRule(localctx, state, ruleIndex);
    }

    public override void ExitRule()
    {
        depth--;
        recovery.Leave(this);
        base.ExitRule();
    }

    public override void EnterRecursionRule(ParserRuleContext localctx, int state, int ruleIndex, int precedence)
    {
        Enter(localctx);
        base.EnterRecursionRule(localctx, state, ruleIndex, precedence);
    }

    public override void UnrollRecursionContexts(ParserRuleContext parentctx)
    {
        depth--;
        base.UnrollRecursionContexts(parentctx);
    }

    void Enter(ParserRuleContext context)
    {
        if (depth >= SyntaxLimits.Rules || !System.Runtime.CompilerServices.RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw new TooDeepException(this, context);
        depth++;
    }
}

/// <summary>Travels up to the statement like any other mistake.</summary>
sealed class TooDeepException : RecognitionException
{
    public TooDeepException(Parser parser, ParserRuleContext context)
        : base(parser, parser.InputStream, context) => OffendingToken = parser.CurrentToken;
}
