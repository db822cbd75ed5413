using Antlr4.Runtime;
using Antlr4.Runtime.Atn;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Generated;

namespace Mtlc.Dsl.Parsing;

/// <summary>
/// One message a mistake: no token is inserted or deleted, the rest of a broken statement or setting is skipped without a word,
/// and reading goes on where the next one begins. A misspelt statement word is taken for the one that was meant. Counts on
/// balanced brackets. </summary>
sealed class StatementRecovery(IReadOnlyList<SourceToken> tokens, DiagnosticBag diagnostics, Vocabulary words)
    : DefaultErrorStrategy
{
    int skippedTo = -1;
    SourceToken? poisoned;
    int poisonedType;

    static SourceToken Current(Parser parser) => (SourceToken)parser.CurrentToken;

    SourceToken? Previous(Parser parser) => parser.InputStream.Index > 0 ? tokens[parser.InputStream.Index - 1] : null;

    public override IToken RecoverInline(Parser recognizer) => throw new InputMismatchException(recognizer);

    /// <summary>Before each element of a list of statements or settings: is there one?</summary>
    public override void Sync(Parser recognizer)
    {
        var state = recognizer.Atn.states[recognizer.State];
        if (state.StateType is not (StateType.StarLoopEntry or StateType.StarLoopBack))
            return;
        var rule = recognizer.Context.RuleIndex;
        if (
            rule
            is not (
                MtlParser.RULE_file
                or MtlParser.RULE_model
                or MtlParser.RULE_body
                or MtlParser.RULE_settings
                or MtlParser.RULE_sweep
            )
        )
            return;
        var expected = recognizer.Atn.NextTokens(state);
        while (!expected.Contains(Current(recognizer).Type) && Current(recognizer).Type != TokenConstants.EOF)
        {
            if (rule is MtlParser.RULE_settings or MtlParser.RULE_sweep)
            {
                if (!InErrorRecoveryMode(recognizer))
                    Say(
                        recognizer,
                        Current(recognizer),
                        rule == MtlParser.RULE_sweep
                            ? "a path and its values, or '}'"
                            : ExpectedWords.Setting(Previous(recognizer))
                    );
                Skip(recognizer, Current(recognizer).Depth);
            }
            else if (UnknownStatement(recognizer, rule))
            {
                return;
            }
        }
    }

    public override void ReportError(Parser recognizer, RecognitionException e)
    {
        if (InErrorRecoveryMode(recognizer))
            return;
        BeginErrorCondition(recognizer);
        var found = (SourceToken)e.OffendingToken;
        var index = found.TokenIndex;
        if (found.Repaired || (index > 0 && tokens[index - 1].Repaired))
            return;
        if (e is TooDeepException)
            diagnostics.Add(SyntaxErrors.TooDeep(found.Span));
        else
            Mismatch(recognizer, e, found, index > 0 ? tokens[index - 1] : null);
    }

    /// <summary>
    /// The rule ends here, and so do all around it up to an element of a list: nothing matches a poisoned token. (Throwing on
    /// would be simpler, but .NET keeps the stack of a throw within a catch until the last is done, 10 KB a level.) </summary>
    public override void Recover(Parser recognizer, RecognitionException e)
    {
        if (poisoned is null)
        {
            poisoned = Current(recognizer);
            (poisonedType, poisoned.Type) = (poisoned.Type, MtlLexer.UNKNOWN);
        }
        // A rule around may end without noticing, where all that could follow in it is optional.
        for (
            var outer = recognizer.Context;
            outer is not null;
            outer = IsElement(outer.RuleIndex) ? null : (ParserRuleContext?)outer.Parent
        )
            outer.exception ??= e;
    }

    /// <summary>At the end of every rule: where it is an element in which there was a mistake, reading goes on behind
    /// it.</summary>
    public void Leave(Parser parser)
    {
        if (poisoned is null || !IsElement(parser.Context.RuleIndex))
            return;
        poisoned.Type = poisonedType;
        poisoned = null;
        Skip(parser, ((SourceToken)parser.Context.Start).Depth);
    }

    static bool IsElement(int rule) =>
        rule
            is MtlParser.RULE_include
                or MtlParser.RULE_assignment
                or MtlParser.RULE_let
                or MtlParser.RULE_model
                or MtlParser.RULE_component
                or MtlParser.RULE_recipe
                or MtlParser.RULE_sweep
                or MtlParser.RULE_task
                or MtlParser.RULE_input
                or MtlParser.RULE_encoder
                or MtlParser.RULE_aspp
                or MtlParser.RULE_attention
                or MtlParser.RULE_decoder
                or MtlParser.RULE_refine
                or MtlParser.RULE_share
                or MtlParser.RULE_exchange
                or MtlParser.RULE_loss
                or MtlParser.RULE_result
                or MtlParser.RULE_setting
                or MtlParser.RULE_axis
                or MtlParser.RULE_file;

    /// <summary>Goes to the next token at this depth with which a statement or setting begins, or that ends their list.</summary>
    void Skip(Parser parser, int depth)
    {
        if (parser.InputStream.Index == skippedTo)
            parser.Consume();
        while (!Stops(parser.InputStream.Index, depth))
            parser.Consume();
        skippedTo = parser.InputStream.Index;
        EndErrorCondition(parser);
    }

    bool Stops(int index, int depth)
    {
        var token = tokens[index];
        if (token.Type == TokenConstants.EOF || token.Depth < depth)
            return true;
        if (token.Depth > depth)
            return false;
        return token.In is Enclosure.Settings or Enclosure.Sweep
            ? token.Type == MtlLexer.COMMA || (token.FirstOnLine && token.IsWord)
            : Statements.MayBegin(tokens, index) || Statements.OpensAt(tokens, index);
    }

    /// <summary>At a token that opens no statement of this block. True where it was put right.</summary>
    bool UnknownStatement(Parser parser, int rule)
    {
        var (block, found, index) = (BlockOf(rule), Current(parser), parser.InputStream.Index);
        if (!InErrorRecoveryMode(parser) && !found.Repaired)
        {
            if (!found.FirstOnLine && Previous(parser) is not { Type: MtlLexer.BRACE })
            {
                Say(parser, found, "a new line");
            }
            else if (Owner(found.Type) is { } owner && Statements.MayBegin(tokens, index))
            {
                diagnostics.Add(SyntaxErrors.Misplaced(found.Span, block.Name, owner));
                SkipMisplaced(parser, rule);
                return false;
            }
            else if (found.IsWord)
            {
                var meant = Meant(found, index, block);
                diagnostics.Add(SyntaxErrors.UnknownStatement(found.Span, block.Name, block.Choices, Literal(meant)));
                if (meant is { } type)
                {
                    found.Type = type;
                    return true;
                }
            }
            else
            {
                Say(parser, found, block.Choices.Replace(" and", " or", StringComparison.Ordinal), null);
            }
        }
        BeginErrorCondition(parser);
        parser.Consume();
        Skip(parser, found.Depth);
        return false;
    }

    /// <summary>Where one statement is misplaced its neighbours are too: all up to the next that fits.</summary>
    void SkipMisplaced(Parser parser, int rule)
    {
        var depth = Current(parser).Depth;
        do
        {
            parser.Consume();
            Skip(parser, depth);
        } while (
            Current(parser).Depth == depth
            && Owner(Current(parser).Type) is not null
            && !BlockOf(rule).Words.Contains(Current(parser).Type)
        );
    }

    int? Meant(SourceToken found, int index, Statements.Block block)
    {
        var words = Statements.WordsLike(tokens, index, block).ToList();
        if (found.Type == MtlLexer.ID && Suggestions.Closest(found.Text, words.Select(w => Literal(w)!)) is { } closest)
            return words.First(w => Literal(w) == closest);
        return Statements.Synonym(found.Text) is { } synonym && words.Contains(synonym) ? synonym : null;
    }

    static string? Literal(int? type) => type is { } known ? MtlLexer.DefaultVocabulary.GetLiteralName(known).Trim('\'') : null;

    static Statements.Block BlockOf(int rule) =>
        rule switch
        {
            MtlParser.RULE_file => Statements.File,
            MtlParser.RULE_model => Statements.Model,
            _ => Statements.Body,
        };

    /// <summary>Where statements that open with this word stand.</summary>
    static string? Owner(int type) =>
        type switch
        {
            MtlLexer.LET => null,
            MtlLexer.RETURN => "a component",
            _ when Statements.Model.Words.Contains(type) => "a model",
            _ when Statements.File.Words.Contains(type) => "a file, outside of models and components",
            _ => null,
        };

    void Mismatch(Parser parser, RecognitionException e, SourceToken found, SourceToken? previous)
    {
        var expected = ExpectedWords.Of(parser, e, words);
        if (expected.IsName && found.IsWord && !found.IsName && !found.FirstOnLine)
            diagnostics.Add(SyntaxErrors.ReservedWord(found.Span, expected.Text));
        else
            Say(parser, found, expected.Text, previous);
    }

    void Say(Parser parser, SourceToken found, string expected) => Say(parser, found, expected, Previous(parser));

    void Say(Parser parser, SourceToken found, string expected, SourceToken? previous)
    {
        BeginErrorCondition(parser);
        if (found.Repaired || previous is { Repaired: true })
            return;
        var lineEnds =
            previous is not null
            && found.FirstOnLine
            && found.In is not (Enclosure.List or Enclosure.Parentheses or Enclosure.Parameters);
        var span =
            lineEnds || found.Type == TokenConstants.EOF
                ? previous?.Span is { } p
                    ? p.Source.Span(p.End, 0)
                    : found.Span
                : found.Span;
        var name =
            found.Type == TokenConstants.EOF ? "the end of the file"
            : lineEnds ? "the end of the line"
            : $"'{SyntaxErrors.Short(found.Text)}'";
        diagnostics.Add(
            SyntaxErrors.Unexpected(span, expected, previous is null ? null : SyntaxErrors.Short(previous.Text), name)
        );
    }
}
