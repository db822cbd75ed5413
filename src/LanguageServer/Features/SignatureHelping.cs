using System.Globalization;
using Mtlc.Compiler.Binding;
using Mtlc.Compiler.Ir;
using Mtlc.Dsl.Syntax;
using Mtlc.LanguageServer.Documents;
using Mtlc.LanguageServer.Protocol;
using Mtlc.LanguageServer.Texts;

namespace Mtlc.LanguageServer.Features;

/// <summary>The declaration of what is being called, with the parameter that is being written.</summary>
static class SignatureHelping
{
    public static SignatureHelp? At(Analysis file, int offset)
    {
        var cursor = Cursor.At(file.Text, offset);
        if (Callee(file, cursor) is not { } callee)
            return OfLoss(cursor);
        var definition = file.Symbols.Names.Component(callee.Name);
        var documentation = definition is null ? null : Hovering.Describe(file, definition);
        var labels = Labels(callee.Signature);
        return new(
            [new(callee.Signature, documentation is null ? null : MarkupContent.Markdown(documentation), labels)],
            0,
            Active(callee, cursor, labels.Length)
        );
    }

    /// <summary>Of a loss, or of a scheme that balances several: any number of them before its settings.</summary>
    static SignatureHelp? OfLoss(Cursor cursor)
    {
        if (
            cursor.Level.Block != Block.Parentheses
            || !cursor.Levels.Any(l => l.First == "loss")
            || cursor.Levels[^2].Words is not [.., var word]
        )
            return null;
        var settings = BalancingScheme.Find(word)?.Settings;
        if (settings is null && Loss.Find(word) is null)
            return null;
        string[] parameters = settings is null
            ? ["TASK"]
            : ["LOSS", "...", .. settings.Value.Select(s => $"{s.Name}: {s.Default.ToString(CultureInfo.InvariantCulture)}")];
        var signature = $"{word}({string.Join(", ", parameters)})";
        var active =
            settings is not { } named ? 0
            : cursor.Level.Words is [var name, ":", ..] && named.ToList().FindIndex(s => s.Name == name) is >= 0 and var setting
                ? setting + 2
            : Math.Min(cursor.Argument, 1);
        return new(
            [new(signature, Manual.Loss(word) is { } meaning ? MarkupContent.Markdown(meaning) : null, Labels(signature))],
            0,
            active
        );
    }

    /// <summary>What the innermost parentheses call; null outside of a call, and where a parameter or `let` is called.</summary>
    public static Callee? Callee(Analysis file, Cursor cursor)
    {
        for (var i = cursor.Levels.Count - 1; i > 0; i--)
        {
            if (cursor.Levels[i].Block == Block.Parentheses)
                return cursor.Levels[i - 1].Words is [.., var name] && file.Symbols.IsComponent(Shared(file, name))
                    ? Compiler.Binding.Callee.Of(Shared(file, name), file.Symbols)
                    : null;
            if (cursor.Levels[i].Block != Block.List)
                return null;
        }
        return null;
    }

    /// <summary>The component whose weights a share's name stands for; else the name.</summary>
    static string Shared(Analysis file, string name) =>
        file.Model?.Statements.GetValueOrDefault(name)?.Syntax is ShareSyntax share ? share.Component.Text : name;

    static int Active(Callee callee, Cursor cursor, int count)
    {
        var level = cursor.Levels.Last(l => l.Block == Block.Parentheses);
        if (level.Words is [var name, ":", ..] && callee.Parameters.ToList().FindIndex(p => p.Name == name) is >= 0 and var named)
            return named;
        // What comes through a pipe is the first.
        var before = cursor.Levels[cursor.Levels.ToList().IndexOf(level) - 1].Words;
        var piped = before is [.., "|>", _] ? 1 : 0;
        return Math.Clamp(cursor.Argument + piped, 0, Math.Max(0, count - 1));
    }

    /// <summary>Where each parameter stands in "aspp(x, out = 256, rates = [3, 6, 9])".</summary>
    static ParameterInformation[] Labels(string signature)
    {
        var labels = new List<ParameterInformation>();
        var (depth, start) = (0, signature.IndexOf('(', StringComparison.Ordinal) + 1);
        for (var i = start; i < signature.Length; i++)
        {
            depth +=
                signature[i] is '(' or '[' ? 1
                : signature[i] is ')' or ']' ? -1
                : 0;
            if (depth >= 0 && (signature[i] != ',' || depth > 0))
                continue;
            if (i > start)
                labels.Add(new([start, i]));
            start = i + 2;
        }
        return [.. labels];
    }
}
