using Antlr4.Runtime;
using Mtlc.Dsl.Generated;

namespace Mtlc.Dsl.Parsing;

/// <summary>
/// The generated parser, which calls itself for every level of the text: this counts the levels, because nothing can catch an
/// overflown stack.
/// </summary>
internal sealed class NestingParser(ITokenStream tokens) : MtlParser(tokens)
{
    private int depth;

    public override void EnterRule(ParserRuleContext localctx, int state, int ruleIndex)
    {
        Enter(localctx);
        base.EnterRule(localctx, state, ruleIndex);
    }

    public override void ExitRule()
    {
        depth--;
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

    private void Enter(ParserRuleContext context)
    {
        if (depth >= SyntaxLimits.Rules || !System.Runtime.CompilerServices.RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw new TooDeepException(this, context);
        depth++;
    }
}

/// <summary>Travels up to the statement like any other mistake.</summary>
internal sealed class TooDeepException : RecognitionException
{
    public TooDeepException(Parser parser, ParserRuleContext context)
        : base(parser, parser.InputStream, context) => OffendingToken = parser.CurrentToken;
}
