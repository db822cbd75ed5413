using System.CommandLine;
using System.CommandLine.Parsing;
using Mtlc.Cli.Errors;
using Mtlc.Dsl.Diagnostics;

namespace Mtlc.Cli.CommandLine;

/// <summary>What is wrong with a command line, in one sentence, with the word that was probably meant.</summary>
static class UsageErrors
{
    public static Failure? Find(ParseResult parsed)
    {
        // --help and --version answer even where the rest is wrong.
        if (parsed.Action is HelpPage or { ClearsParseErrors: true } and not System.CommandLine.Invocation.ParseErrorAction)
            return null;
        var command = parsed.CommandResult.Command;
        var path = Verb.PathOf(command);
        var help = $"'{path} --help' shows how it is called";
        if (UnknownOption(parsed) is { } option)
        {
            var near = Suggestions.Closest(option, HelpPage.AllOptions(command).Select(o => o.Name));
            return Failure.Usage($"'{path}' has no option '{option}'{DidYouMean(near)}", help);
        }
        if (command.Subcommands.Count > 0)
        {
            if (parsed.UnmatchedTokens.FirstOrDefault() is not { } word)
                return Failure.Usage($"'{path}' needs a verb", help);
            var verb = Suggestions.Closest(word, command.Subcommands.Where(c => !c.Hidden).Select(c => c.Name));
            return Failure.Usage($"'{path}' has no verb '{word}'{DidYouMean(verb)}", help);
        }
        if (parsed.Errors.Count == 0)
            return Empty(parsed) is { } empty ? Failure.Usage($"'{path}' takes no empty {empty}", help) : null;
        var missing = parsed.Errors.Select(e => e.SymbolResult).OfType<ArgumentResult>().FirstOrDefault(a => a.Tokens.Count == 0);
        if (missing is not null && missing.Parent is CommandResult)
            return Failure.Usage($"'{path}' needs {missing.Argument.Name}", help);
        var required = parsed
            .Errors.Select(e => e.SymbolResult)
            .OfType<OptionResult>()
            .FirstOrDefault(o => o.Implicit || o.IdentifierTokenCount == 0);
        if (required is not null)
            return Failure.Usage($"'{path}' needs '{required.Option.Name} {required.Option.HelpName}'", help);
        if (parsed.UnmatchedTokens.FirstOrDefault() is { } extra)
            return Failure.Usage($"'{path}' does not know what to do with '{extra}'", help);
        return Failure.Usage(Message(parsed.Errors[0]), help);
    }

    /// <summary>What was given as "": a path mostly, from a variable of the shell that is not set. Settings have errors of their
    /// own.</summary>
    static string? Empty(ParseResult parsed) =>
        parsed
            .CommandResult.Command.Arguments.FirstOrDefault(a =>
                parsed.GetResult(a)?.Tokens.Any(t => t.Value.Length == 0) == true
            )
            ?.Name
        ?? parsed
            .CommandResult.Command.Options.Where(o => o.Name is not ("--set" or "--where"))
            .FirstOrDefault(o => parsed.GetResult(o)?.Tokens.Any(t => t.Value.Length == 0) == true)
            ?.Name;

    static string Message(ParseError error) =>
        error.SymbolResult switch
        {
            OptionResult { Tokens.Count: 0 } option => $"'{option.Option.Name}' needs a value: {option.Option.HelpName}",
            OptionResult option
                when error.Message.StartsWith("Cannot parse", StringComparison.Ordinal)
                    || error.Message.Contains("not recognized", StringComparison.Ordinal) =>
                $"'{option.Option.Name}' takes {option.Option.HelpName}, not '{option.Tokens[^1].Value}'",
            OptionResult option when option.IdentifierTokenCount > 1 =>
                $"'{option.Option.Name}' is given {option.IdentifierTokenCount} times",
            _ => error.Message,
        };

    /// <summary>A word that looks like an option but is none; the parser would take it for an argument.</summary>
    static string? UnknownOption(ParseResult parsed)
    {
        var literal = false;
        foreach (var token in parsed.Tokens)
        {
            literal |= token.Type == TokenType.DoubleDash;
            if (!literal && token.Type == TokenType.Argument && token.Value is ['-', not (>= '0' and <= '9' or '.'), ..])
                return token.Value.Split('=')[0];
        }
        return null;
    }

    static string DidYouMean(string? word) => word is null ? "" : $"; did you mean '{word}'?";
}
