using System.CommandLine;
using System.CommandLine.Completions;
using Mtlc.Cli.CommandLine;
using Mtlc.Cli.Errors;
using Mtlc.Cli.Output;
using Mtlc.Dsl.Diagnostics;

namespace Mtlc.Cli.Commands;

/// <summary>`mtlc explain MTL3002`: what a diagnostic means.</summary>
static class ExplainCommand
{
    public static Verb Create()
    {
        var code = new Argument<string?>("CODE")
        {
            Description = "A diagnostic's code; without one, all codes are listed.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        code.CompletionSources.Add(_ => DiagnosticCatalog.Codes.Select(c => new CompletionItem(c)));
        var verb = new Verb(
            "explain",
            "Say what a diagnostic means and how to mend it",
            "In a terminal a page longer than the screen is shown in the pager that PAGER names, else in less; PAGER=cat "
                + "shows it without.",
            "mtlc explain MTL3002",
            "mtlc explain  # all codes"
        )
        {
            code,
        };
        verb.SetAction(parsed => parsed.GetValue(code) is { } wanted ? Explain(wanted) : List());
        return verb;
    }

    static int Explain(string code)
    {
        if (DiagnosticCatalog.Explain(code) is not { } page)
        {
            var near = Suggestions.Closest(code.ToUpperInvariant(), DiagnosticCatalog.Codes);
            throw Failure.Usage(
                $"there is no diagnostic '{code}'{(near is null ? "" : $"; did you mean '{near}'?")}",
                "'mtlc explain' lists them all"
            );
        }
        Pager.Show(t => ManualPage.Write(t, page));
        return ExitCode.Done;
    }

    static int List()
    {
        Pager.Show(terminal =>
        {
            foreach (var code in DiagnosticCatalog.Codes)
                terminal.WriteText(DiagnosticCatalog.Explain(code)!.Split('\n', 2)[0].TrimStart('#', ' '));
        });
        return ExitCode.Done;
    }
}
