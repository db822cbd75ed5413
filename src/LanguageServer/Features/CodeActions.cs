using System.Text.RegularExpressions;
using Mtlc.Compiler.Ir;
using Mtlc.Dsl.Syntax;
using Mtlc.Dsl.Text;
using Mtlc.LanguageServer.Documents;
using Mtlc.LanguageServer.Protocol;
using Found = Mtlc.Dsl.Diagnostics.Diagnostic;
using Range = Mtlc.LanguageServer.Protocol.Range;

namespace Mtlc.LanguageServer.Features;

/// <summary>What mends a mistake, where the diagnostic says how.</summary>
static partial class CodeActions
{
    public static CodeAction[] Of(Analysis file, Range range)
    {
        var (start, end) = (file.Source.OffsetOf(range.Start), file.Source.OffsetOf(range.End));
        var found = Diagnostics.Of(file.Snapshot, CancellationToken.None).GetValueOrDefault(file.Path, []);
        var fixes = found
            .Where(d => d.Span.Start <= end && start <= Math.Max(d.Span.End, d.Span.Start + 1))
            .SelectMany(d => Fixes(file, d));
        return [.. fixes, .. Extraction.Of(file, start, end)];
    }

    static IEnumerable<CodeAction> Fixes(Analysis file, Found diagnostic)
    {
        if (diagnostic.Label is { } label && Meant().Match(label) is { Success: true } meant)
            yield return Fix(
                file,
                diagnostic,
                $"Change to '{meant.Groups[1].Value}'",
                diagnostic.Span,
                meant.Groups[1].Value,
                true
            );
        else if (
            diagnostic.Label is { } told
            && diagnostic.Span.Length > 0
            && Written().Match(told) is { Success: true } written
            && diagnostic.Code is "MTL1006" or "MTL1007" or "MTL1008" or "MTL1009" or "MTL1012" or "MTL1020"
        )
            yield return Fix(
                file,
                diagnostic,
                $"Write {written.Groups[1].Value}{written.Groups[2].Value}",
                diagnostic.Span,
                written.Groups[1].Success ? written.Groups[1].Value : written.Groups[2].Value,
                true
            );
        var other = diagnostic.Code switch
        {
            "MTL1010" => Closed(file, diagnostic),
            "MTL1013" => Returned(file, diagnostic),
            "MTL1018" => Fix(file, diagnostic, "Write ','", diagnostic.Span.Source.Span(diagnostic.Span.Start, 0), ",", true),
            "MTL2015" => Predicted(file, diagnostic),
            "MTL2016" => Lost(file, diagnostic),
            "MTL2017" => Trained(file, diagnostic),
            "MTL4001" => Removed(file, diagnostic),
            _ => null,
        };
        if (other is not null)
            yield return other;
    }

    /// <summary>A component without `return` mostly wants its last `let`.</summary>
    static CodeAction? Returned(Analysis file, Found diagnostic)
    {
        var component = file
            .Tree.Declarations.OfType<ComponentSyntax>()
            .FirstOrDefault(c => c.Span.Start <= diagnostic.Span.Start && diagnostic.Span.Start <= c.Span.End);
        var result = component?.Lets.LastOrDefault()?.Name.Text ?? component?.Parameters.FirstOrDefault()?.Name.Text;
        return result is null ? null : Insert(file, diagnostic, $"Return '{result}'", diagnostic.Span.Start, $"return {result}");
    }

    static CodeAction? Lost(Analysis file, Found diagnostic)
    {
        if (file.Model is not { } model || model.Loss is not null || model.Tasks.Count == 0)
            return null;
        var terms = model.Tasks.Values.Select(t => Term(t.Syntax)).ToList();
        var loss = terms.Count == 1 ? terms[0] : string.Join(" + ", terms);
        return Insert(file, diagnostic, $"Add 'loss: {loss}'", model.Syntax.Span.End - 1, $"loss: {loss}");
    }

    static CodeAction? Trained(Analysis file, Found diagnostic)
    {
        if (
            file.Model is not { Loss: { } loss }
            || Added().Match(diagnostic.Help ?? "") is not { Success: true } added
            || loss.Span.Source != file.Source
        )
            return null;
        var inside =
            loss.Value is CallSyntax { Arguments: [.., var last] } call && Words.Balancing.Contains(call.Name.Text)
                ? last.Span.End
                : -1;
        var (at, text) = inside >= 0 ? (inside, $", {added.Groups[1].Value}") : (loss.Span.End, $" + {added.Groups[1].Value}");
        return Fix(file, diagnostic, $"Add {added.Groups[1].Value} to the loss", file.Source.Span(at, 0), text, true);
    }

    static CodeAction? Predicted(Analysis file, Found diagnostic)
    {
        if (
            file.Model is not { } model
            || model.Statements.Values.FirstOrDefault(b => b.Kind is "aspp" or "encoder") is not { } source
        )
            return null;
        var (task, feature) = (diagnostic.Span.Text, model.Statements.Values.LastOrDefault(b => b.Kind == "aspp") ?? source);
        var name = model.Statements.ContainsKey(task) ? $"{task}_head" : task;
        return Insert(
            file,
            diagnostic,
            $"Add a decoder of '{task}'",
            model.Syntax.Span.End - 1,
            $"decoder {name}: {feature.Name.Text} -> {task}"
        );
    }

    static CodeAction? Removed(Analysis file, Found diagnostic)
    {
        var node = SyntaxChildren
            .All(file.Tree)
            .Where(n => n is StatementSyntax or LetSyntax or FileLetSyntax or ComponentSyntax)
            .FirstOrDefault(n =>
                n.Span.Start <= diagnostic.Span.Start && diagnostic.Span.End <= n.Span.End && (n is StatementSyntax or LetSyntax)
            );
        if (node is null)
            return null;
        var (start, end) = (node.Span.Start, node.Span.End);
        // With its line, where it has one of its own.
        var text = file.Text;
        var (from, to) = (start, end);
        while (from > 0 && text[from - 1] is ' ' or '\t')
            from--;
        while (to < text.Length && text[to] is ' ' or '\t' or '\r')
            to++;
        if ((from == 0 || text[from - 1] == '\n') && (to == text.Length || text[to] == '\n'))
            (start, end) = (from, Math.Min(text.Length, to + 1));
        return Fix(file, diagnostic, $"Remove '{diagnostic.Span.Text}'", file.Source.Span(start, end - start), "", false);
    }

    static CodeAction? Closed(Analysis file, Found diagnostic)
    {
        var closing = diagnostic.Span.Text switch
        {
            "{" => "}",
            "[" => "]",
            _ => ")",
        };
        var line = diagnostic
            .Notes.Where(n => n.Message.Contains("expected before this", StringComparison.Ordinal))
            .Select(n => n.Span)
            .FirstOrDefault();
        var at = line is { } before ? End(file.Text, before.Start) : file.Text.TrimEnd().Length;
        return Fix(
            file,
            diagnostic,
            $"Add the missing '{closing}'",
            file.Source.Span(at, 0),
            diagnostic.Span.Text == "{" && line is null ? "\n" + closing : closing,
            false
        );
    }

    // Behind the last word before a place.
    static int End(string text, int at)
    {
        while (at > 0 && char.IsWhiteSpace(text[at - 1]))
            at--;
        return at;
    }

    static string Term(TaskSyntax task) => $"{TaskKind.Find(task.Kind.Text)?.Losses.First().Word ?? "l2"}({task.Name.Text})";

    /// <summary>A line before a closing brace.</summary>
    static CodeAction Insert(Analysis file, Found diagnostic, string title, int closing, string line)
    {
        var text = file.Text;
        var end = End(text, closing);
        var column = file.Source.PositionOf(closing).Character;
        var isOneLine = file.Source.PositionOf(end).Line == file.Source.PositionOf(closing).Line;
        var indent = isOneLine
            ? "  "
            : new string(' ', file.Source.Line(file.Source.Position(closing).Line).TakeWhile(c => c == ' ').Count() + 2);
        var replaced = isOneLine ? $"\n{indent}{line}\n" : $"\n{indent}{line}\n{new string(' ', column)}";
        return Fix(file, diagnostic, title, file.Source.Span(end, closing - end), replaced, true);
    }

    static CodeAction Fix(Analysis file, Found diagnostic, string title, SourceSpan span, string text, bool isPreferred) =>
        new(
            title,
            "quickfix",
            new(new Dictionary<string, TextEdit[]> { [file.UriOf(span.Source.Path)] = [new(span.ToRange(), text)] }),
            isPreferred ? true : null,
            [Diagnostics.ToProtocol(diagnostic, file.Locate)]
        );

    [GeneratedRegex("did you mean '([^']+)'")]
    private static partial Regex Meant();

    [GeneratedRegex("^write (?:'(.+)'|(\".*\"))$")]
    private static partial Regex Written();

    [GeneratedRegex("^add (.+) to the loss$")]
    private static partial Regex Added();
}
