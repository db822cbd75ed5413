using Antlr4.Runtime;
using Antlr4.Runtime.Misc;
using Mtlc.Dsl.Generated;

namespace Mtlc.Dsl.Parsing;

/// <summary>What could have stood where a mistake is, in words of the user's.</summary>
static class ExpectedWords
{
    /// <param name="Text">For the sentence "expected ...".</param>
    /// <param name="IsName">A name, and no other value, could stand here.</param>
    internal readonly record struct Expected(string Text, bool IsName);

    /// <summary>More than these are no help.</summary>
    const int Most = 4;

    public static Expected Of(Parser parser, RecognitionException e, Vocabulary vocabulary)
    {
        var types = Types(parser, e);
        var value = types.Contains(MtlLexer.NUMBER) && types.Contains(MtlLexer.STRING);
        var name = !value && types.Contains(MtlLexer.ID);
        var words = new List<string>();
        if (value)
            words.Add("a value");
        if (name)
            words.Add(Name(parser.Context, vocabulary));
        var symbols = types.ToList().Where(t => t > 0 && !(value && StartsValue(t)) && !((value || name) && IsWord(t))).ToList();
        var telling = symbols.Where(t => !ContinuesValue(t, parser.Context)).ToList();
        words.AddRange(
            (telling.Count > 0 || words.Count > 0 ? telling : symbols)
                .OrderByDescending(t => t == MtlLexer.COMMA)
                .Take(Most)
                .Select(Symbol)
        );
        return new(words.Count == 0 ? "something else" : Join(words) + Purpose(parser.Context, telling), name);
    }

    /// <summary>After a setting or at the start of one.</summary>
    public static string Setting(SourceToken? previous) =>
        previous is { Type: MtlLexer.BRACE or MtlLexer.COMMA } or null ? "a setting, 'key: value', or '}'" : "',' or '}'";

    static IntervalSet Types(Parser parser, RecognitionException e)
    {
        if (e is not NoViableAltException { DeadEndConfigs: { } dead } noWay || noWay.StartToken == noWay.OffendingToken)
            return parser.GetExpectedTokens();
        var types = new IntervalSet();
        foreach (var configuration in dead.configs)
            types.AddAll(parser.Atn.NextTokens(configuration.state));
        return types;
    }

    /// <summary>What the name would be of.</summary>
    static string Name(RuleContext context, Vocabulary vocabulary)
    {
        var owner = context.RuleIndex == MtlParser.RULE_name ? context.Parent : context;
        if (owner?.RuleIndex == MtlParser.RULE_word)
            owner = owner.Parent;
        var names = (owner as ParserRuleContext)?.children?.Count(c => c is MtlParser.NameContext && c != context) ?? 0;
        return owner switch
        {
            MtlParser.TaskContext => names switch
            {
                0 => "the task's name",
                1 => Kind(vocabulary.TaskKinds),
                _ => "a task",
            },
            MtlParser.InputContext => names == 0 ? "the input's name" : "the kind of input (map)",
            MtlParser.EncoderContext => names == 0 ? "the encoder's name" : "a backbone",
            MtlParser.AsppContext => "the aspp's name",
            MtlParser.AttentionContext => "the attention's name",
            MtlParser.DecoderContext => names == 0 ? "the decoder's name" : "a task",
            MtlParser.RefineContext => "a task",
            MtlParser.ShareContext => names == 0 ? "a name" : "a component",
            MtlParser.ExchangeContext => names == 0 ? "the exchange's name" : "an encoder",
            MtlParser.CallContext => "a component",
            MtlParser.FeatureContext or MtlParser.SourceContext => "a feature (an encoder, box or let)",
            MtlParser.ModelContext => "the model's name",
            MtlParser.SweepContext => "the sweep's name",
            MtlParser.ReportContext => "the report's name",
            MtlParser.ComponentContext => context == owner && owner.ChildCount > 1 ? "a parameter" : "the component's name",
            MtlParser.ParameterContext => "a parameter",
            MtlParser.LetContext => "a name",
            MtlParser.StageContext => "a component or 'for'",
            MtlParser.PathContext or MtlParser.SettingContext => "a setting",
            MtlParser.TargetContext or MtlParser.AssignmentContext or MtlParser.SweptContext =>
                "a path (data, train, a box or a let, then '.setting')",
            _ => "a name",
        };
    }

    static string Kind(IReadOnlyCollection<string> kinds) =>
        kinds.Count == 0 ? "the kind of task" : $"the kind of task ({string.Join(", ", kinds)})";

    /// <summary>What an arrow is for.</summary>
    static string Purpose(RuleContext context, List<int> symbols)
    {
        if (!symbols.Contains(MtlLexer.ARROW))
            return "";
        for (RuleContext? owner = context; owner is not null; owner = owner.Parent)
        {
            if (owner is MtlParser.AsppContext)
                return " and the number of channels";
            if (owner is MtlParser.DecoderContext)
                return " and a task";
        }
        return "";
    }

    static string Symbol(int type) =>
        type == MtlLexer.NUMBER ? "a number"
        : type == MtlLexer.STRING ? "a text in double quotes"
        : MtlLexer.DefaultVocabulary.GetDisplayName(type);

    static bool IsWord(int type) => type is MtlLexer.ID or >= MtlLexer.IMPORT and <= MtlLexer.ELSE;

    static bool StartsValue(int type) =>
        type
            is MtlLexer.ID
                or MtlLexer.NUMBER
                or MtlLexer.SIZE
                or MtlLexer.FACTOR
                or MtlLexer.STRING
                or MtlLexer.TRUE
                or MtlLexer.FALSE
                or MtlLexer.NOT
                or MtlLexer.IF
                or MtlLexer.MINUS
                or MtlLexer.BRACKET
                or MtlLexer.PAREN
                or MtlLexer.BRACE;

    /// <summary>True and useless to say: behind any value an operator may follow, behind any feature a point or a
    /// slash.</summary>
    static bool ContinuesValue(int type, RuleContext context) =>
        type
            is >= MtlLexer.PIPE
                and <= MtlLexer.RANGE
                or MtlLexer.MINUS
                or (>= MtlLexer.TIMES and <= MtlLexer.GREATER_EQUAL)
                or MtlLexer.AND
                or MtlLexer.OR
                or MtlLexer.DOT
                or MtlLexer.BRACKET
                or MtlLexer.PAREN
                or MtlLexer.BRACE
        || (
            type == MtlLexer.PLUS
            && context is not (MtlParser.DecoderContext or MtlParser.SourceContext or MtlParser.FeatureContext)
        );

    static string Join(List<string> words) =>
        words.Count == 1 ? words[0] : string.Join(", ", words.Take(words.Count - 1)) + " or " + words[^1];
}
