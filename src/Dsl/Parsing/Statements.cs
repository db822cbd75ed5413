using Mtlc.Dsl.Generated;

namespace Mtlc.Dsl.Parsing;

/// <summary>Recognises statements by how they begin: where to go on reading after a mistake, and what a misspelt one was meant to
/// be.</summary>
static class Statements
{
    internal enum Shape
    {
        Other,
        Statement,
        Declaration,
    }

    /// <summary>What a block of statements is called, what it may hold, and the words that open these.</summary>
    internal sealed record Block(string Name, string Choices, IReadOnlyList<int> Words);

    public static readonly Block File = new(
        "a file",
        "import, set, let, model, component, data, train, sweep and report",
        [
            MtlLexer.IMPORT,
            MtlLexer.SET,
            MtlLexer.LET,
            MtlLexer.MODEL,
            MtlLexer.COMPONENT,
            MtlLexer.DATA,
            MtlLexer.TRAIN,
            MtlLexer.SWEEP,
            MtlLexer.REPORT,
        ]
    );

    public static readonly Block Model = new(
        "a model",
        "task, input, encoder, aspp, attention, decoder, refine, share, exchange, let and loss",
        [
            MtlLexer.TASK,
            MtlLexer.INPUT,
            MtlLexer.ENCODER,
            MtlLexer.ASPP,
            MtlLexer.ATTENTION,
            MtlLexer.DECODER,
            MtlLexer.REFINE,
            MtlLexer.SHARE,
            MtlLexer.EXCHANGE,
            MtlLexer.LET,
            MtlLexer.LOSS,
        ]
    );

    public static readonly Block Body = new("a component", "let and, at its end, return", [MtlLexer.LET, MtlLexer.RETURN]);

    /// <summary>A statement that cannot be anything else, whatever it stands in.</summary>
    public static Shape ShapeAt(IReadOnlyList<SourceToken> tokens, int index)
    {
        var second = At(tokens, index + 1);
        var third = At(tokens, index + 2);
        var named = second is { IsName: true };
        return tokens[index].Type switch
        {
            MtlLexer.TASK
            or MtlLexer.INPUT
            or MtlLexer.ENCODER
            or MtlLexer.ASPP
            or MtlLexer.ATTENTION
            or MtlLexer.DECODER
            or MtlLexer.REFINE
            or MtlLexer.SHARE
            or MtlLexer.EXCHANGE when named && third is { Type: MtlLexer.COLON } => Shape.Statement,
            MtlLexer.LET when named && third is { Type: MtlLexer.ASSIGN or MtlLexer.COMMA } => Shape.Statement,
            MtlLexer.MODEL or MtlLexer.SWEEP or MtlLexer.REPORT when named && third is { Type: MtlLexer.BRACE } =>
                Shape.Declaration,
            MtlLexer.COMPONENT when named && third is { Type: MtlLexer.PAREN } => Shape.Declaration,
            MtlLexer.IMPORT when second is { Type: MtlLexer.STRING } => Shape.Declaration,
            MtlLexer.SET when second is { IsWord: true } => Shape.Declaration,
            MtlLexer.DATA or MtlLexer.TRAIN when second is { Type: MtlLexer.BRACE } => Shape.Declaration,
            MtlLexer.RETURN when second is { Type: not MtlLexer.COLON } => Shape.Statement,
            _ => Shape.Other,
        };
    }

    /// <summary>Whether a statement, recognisably, opens here.</summary>
    public static bool OpensAt(IReadOnlyList<SourceToken> tokens, int index) =>
        tokens[index] is { FirstOnLine: true, In: Enclosure.File or Enclosure.Model or Enclosure.Body }
        && ShapeAt(tokens, index) != Shape.Other;

    /// <summary>Whether a line begins here that a person would take for a statement of its own, known or not.</summary>
    public static bool MayBegin(IReadOnlyList<SourceToken> tokens, int index)
    {
        if (!tokens[index].IsWord || !tokens[index].FirstOnLine)
            return false;
        var second = At(tokens, index + 1);
        return tokens[index].Type == MtlLexer.RETURN
            || second
                is {
                    IsWord: true,
                    FirstOnLine: false,
                    Type: not (MtlLexer.AND or MtlLexer.OR or MtlLexer.IF or MtlLexer.THEN or MtlLexer.ELSE)
                }
            || second is { Type: MtlLexer.COLON or MtlLexer.BRACE or MtlLexer.STRING or MtlLexer.ASSIGN };
    }

    /// <summary>The words that open a statement of the shape that stands here.</summary>
    public static IEnumerable<int> WordsLike(IReadOnlyList<SourceToken> tokens, int index, Block block)
    {
        var second = At(tokens, index + 1);
        var third = At(tokens, index + 2);
        IReadOnlyList<int> fitting = (second?.Type, third?.Type) switch
        {
            (MtlLexer.COLON, _) => [MtlLexer.LOSS],
            (MtlLexer.STRING, _) => [MtlLexer.IMPORT],
            (MtlLexer.BRACE, _) => [MtlLexer.DATA, MtlLexer.TRAIN],
            (_, MtlLexer.BRACE) => [MtlLexer.MODEL, MtlLexer.SWEEP, MtlLexer.REPORT],
            (_, MtlLexer.PAREN) => [MtlLexer.COMPONENT, MtlLexer.RETURN],
            (_, MtlLexer.ASSIGN) => [MtlLexer.LET, MtlLexer.SET],
            (_, MtlLexer.DOT) => [MtlLexer.SET, MtlLexer.RETURN],
            (_, MtlLexer.COLON) =>
            [
                MtlLexer.TASK,
                MtlLexer.INPUT,
                MtlLexer.ENCODER,
                MtlLexer.ASPP,
                MtlLexer.ATTENTION,
                MtlLexer.DECODER,
                MtlLexer.REFINE,
                MtlLexer.SHARE,
                MtlLexer.EXCHANGE,
            ],
            _ => [MtlLexer.RETURN],
        };
        return fitting.Intersect(block.Words);
    }

    /// <summary>What other languages and papers call the things that are statements here.</summary>
    public static int? Synonym(string word) =>
        word switch
        {
            "network" or "net" or "module" => MtlLexer.MODEL,
            "def" or "fn" or "func" or "function" or "fun" or "block" or "layer" => MtlLexer.COMPONENT,
            "include" or "use" or "using" or "from" or "require" => MtlLexer.IMPORT,
            "var" or "const" or "val" or "auto" => MtlLexer.LET,
            "backbone" or "trunk" => MtlLexer.ENCODER,
            "head" => MtlLexer.DECODER,
            "attend" or "gate" => MtlLexer.ATTENTION,
            "target" or "output" => MtlLexer.TASK,
            "objective" or "losses" => MtlLexer.LOSS,
            "training" or "trainer" => MtlLexer.TRAIN,
            "dataset" => MtlLexer.DATA,
            "grid" => MtlLexer.SWEEP,
            "yield" or "result" => MtlLexer.RETURN,
            _ => null,
        };

    /// <summary>What a brace at the top level opens.</summary>
    public static Enclosure BlockOpenedAt(IReadOnlyList<SourceToken> tokens, int index)
    {
        if (At(tokens, index - 1) is { Type: MtlLexer.UNPAREN })
            return Enclosure.Body;
        return At(tokens, index - 2)?.Type switch
        {
            MtlLexer.SWEEP => Enclosure.Sweep,
            MtlLexer.REPORT => Enclosure.Settings,
            _ when At(tokens, index - 1) is { Type: MtlLexer.DATA or MtlLexer.TRAIN, FirstOnLine: true } => Enclosure.Settings,
            _ => Enclosure.Model,
        };
    }

    /// <summary>Whether the parenthesis here follows `component name`, or what was meant as that.</summary>
    public static bool NamesAt(IReadOnlyList<SourceToken> tokens, int index) =>
        At(tokens, index - 2) is { IsWord: true, FirstOnLine: true, Type: not MtlLexer.RETURN }
        && At(tokens, index - 1) is { IsWord: true, FirstOnLine: false };

    static SourceToken? At(IReadOnlyList<SourceToken> tokens, int index) =>
        index >= 0 && index < tokens.Count ? tokens[index] : null;
}
