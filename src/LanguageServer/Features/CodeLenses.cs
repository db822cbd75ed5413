using System.Globalization;
using Mtlc.Compiler.Ir;
using Mtlc.Dsl.Syntax;
using Mtlc.LanguageServer.Documents;
using Mtlc.LanguageServer.Protocol;

namespace Mtlc.LanguageServer.Features;

/// <summary>Above a model: what it takes, and run, check, draw.</summary>
static class CodeLenses
{
    /// <param name="ofClient">Commands that the client says it has: others are this server's.</param>
    public static CodeLens[] Of(Analysis file, IReadOnlySet<string> ofClient) =>
        [
            .. file
                .Tree.Declarations.OfType<ModelSyntax>()
                .Where(m => m.Name.Text.Length > 0)
                .SelectMany(m =>
                    Titles(file)
                        .Select(t => new CodeLens(
                            m.Name.Span.ToRange(),
                            new(
                                t.Title,
                                ofClient.Contains(t.Command) ? t.Command : Commands.Prefix + t.Command,
                                [file.UriOf(file.Path)]
                            )
                        ))
                ),
        ];

    static IEnumerable<(string Title, string Command)> Titles(Analysis file)
    {
        if (file.Program.Costs is { } costs)
        {
            yield return (
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{Amount.Count(costs.Parameters)} parameters · {Amount.Count(costs.MultiplyAdds)} multiply-adds at "
                        + $"{costs.Crop}"
                ),
                Commands.Summary
            );
            yield return (
                $"training {Amount.Bytes(costs.TrainingPeak)} at batch {costs.Batch} · evaluation "
                    + $"{Amount.Bytes(costs.EvaluationPeak)}",
                Commands.Plan
            );
        }
        yield return ("run", Commands.Run);
        yield return ("check", Commands.Check);
        yield return ("draw", Commands.Draw);
    }
}
