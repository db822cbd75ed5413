using System.Collections.Immutable;
using Mtlc.Compiler.Binding;
using Mtlc.Compiler.Ir;
using Mtlc.Dsl.Syntax;

namespace Mtlc.Compiler.Lowering;

/// <summary>The statements as summaries and drawings show them.</summary>
static class Declarations
{
    public static ImmutableArray<Declaration> Of(
        ModelSymbol model,
        NameRules names,
        IReadOnlyDictionary<string, Node?> results
    ) =>
        [
            .. model
                .Order.OrderBy(b => b.Name.Span.Start)
                .Where(b => results.GetValueOrDefault(b.Name.Text) is not null)
                .Select(statement => new Declaration(
                    statement.Name.Text,
                    statement.Kind,
                    Inputs(statement),
                    Tasks(statement),
                    results[statement.Name.Text],
                    statement.Name.Span
                )),
            .. model.Refines.Select(refine => new Declaration(
                refine.Task,
                "refine",
                [
                    .. names
                        .Uses(refine.Syntax.Component, names.Model)
                        .Where(u => u.Definition is { Kind: DefinitionKind.Statement })
                        .Select(u => u.Name.Text)
                        .Distinct(),
                ],
                [refine.Task],
                null,
                refine.Syntax.Task.Span
            )),
        ];

    static ImmutableArray<string> Inputs(StatementSymbol statement) =>
        statement.Syntax switch
        {
            InputSyntax => [],
            EncoderSyntax encoder => [encoder.Source?.ToString() ?? "image"],
            ExchangeSyntax exchange => [.. exchange.Encoders.Select(e => e.Text)],
            ShareSyntax => [],
            DecoderSyntax decoder => [.. decoder.Summands.Select(s => s.ToString()), .. decoder.Skips.Select(s => $"skip {s}")],
            AsppSyntax aspp => [aspp.Source.ToString()],
            AttentionSyntax attention => [attention.Source.ToString()],
            _ =>
            [
                .. statement
                    .Names.Where(u =>
                        u.Definition
                            is { Kind: DefinitionKind.Statement }
                                or { Kind: DefinitionKind.Constant, Name.Text: "image" }
                    )
                    .Select(u => u.Name.Text)
                    .Distinct(),
            ],
        };

    static ImmutableArray<string> Tasks(StatementSymbol statement) =>
        statement.Syntax is DecoderSyntax decoder ? [.. decoder.Tasks.Select(t => t.Text)] : [];
}
