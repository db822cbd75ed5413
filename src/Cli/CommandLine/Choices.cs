using System.CommandLine;
using System.Globalization;
using Mtlc.Compiler.Recipes;

namespace Mtlc.Cli.CommandLine;

/// <summary>The arguments and options that several verbs share.</summary>
static class Choices
{
    public static Argument<string> File() => new("FILE") { Description = "The program, an .mtl file." };

    public static Argument<string> Run() => new("RUN") { Description = "A run directory, made by 'mtlc run'." };

    public static Option<string[]> Set() =>
        new("--set")
        {
            HelpName = "PATH=VALUE",
            Description =
                "Change one setting, as the statement 'set' does: --set train.batch=8. May be repeated; the last one wins. "
                + "Relative paths start at the working folder.",
            DefaultValueFactory = _ => [],
        };

    public static Option<string> Device() =>
        new("--device")
        {
            CompletionSources = { "auto", "cpu", "cuda" },
            HelpName = "auto|cpu|cuda",
            Description = "Where tensors live; auto takes the GPU where there is one, cuda:1 the second one. Default: auto.",
            DefaultValueFactory = _ => "auto",
            CustomParser = result =>
            {
                var word = result.Tokens[0].Value;
                if (
                    word is not ("auto" or "cpu" or "cuda")
                    && !(word.StartsWith("cuda:", StringComparison.Ordinal) && word[5..].All(char.IsAsciiDigit))
                )
                    result.AddError($"'--device' takes auto|cpu|cuda, not '{word}'");
                return word;
            },
        };

    public static Option<string?> Out(string description, string name = "DIR", bool required = false) =>
        new("--out")
        {
            HelpName = name,
            Description = description,
            Required = required,
        };

    public static Option<string?> Tracker() =>
        new("--tracker")
        {
            HelpName = "NAME[:ADDRESS]",
            Description =
                "Also tell a tracker: mlflow, at ADDRESS or MLFLOW_TRACKING_URI. Training neither waits for it nor "
                + "fails with it.",
        };

    public static Option<int?> MaxSteps() => Count("--max-steps", "Stop after so many steps in all, and still evaluate.");

    public static Option<bool> NoMemoryCheck() =>
        new("--no-memory-check")
        {
            Description = "Train even where the plan says that the memory that may be used is not enough.",
        };

    public static Option<string> Checkpoint() =>
        new("--checkpoint")
        {
            HelpName = "best|last|NAME",
            Description = "Which of the run's checkpoints. Default: best.",
            DefaultValueFactory = _ => "best",
        };

    /// <summary>Scores as a table, or as JSON for programs.</summary>
    public static Option<string> ScoresFormat() => OneOf("--format", "How scores are printed.", "table", "table", "json");

    /// <summary>An option that takes one of a few words; the description gets the default appended.</summary>
    public static Option<string> OneOf(string name, string description, string standard, params string[] words)
    {
        var option = new Option<string>(name)
        {
            HelpName = string.Join('|', words),
            Description = $"{description} Default: {standard}.",
            DefaultValueFactory = _ => standard,
        };
        return option.AcceptOnlyFromAmong(words);
    }

    public static Option<int?> Count(string name, string description, int minimum = 1) =>
        new(name)
        {
            HelpName = "N",
            Description = description,
            CustomParser = result =>
            {
                if (
                    int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
                    && count >= minimum
                )
                    return count;
                result.AddError($"'{name}' takes a whole number from {minimum} on, not '{result.Tokens[0].Value}'");
                return null;
            },
        };

    public static Option<ImageSize?> Size(string name, string description) =>
        new(name)
        {
            HelpName = "HxW",
            Description = description,
            CustomParser = result =>
            {
                if (ParseSize(result.Tokens[0].Value) is { } size)
                    return size;
                result.AddError($"'{name}' takes a height and a width in pixels, as in 256x512, not '{result.Tokens[0].Value}'");
                return null;
            },
        };

    static ImageSize? ParseSize(string text)
    {
        const int largest = 65_536;
        return
            text.Split('x') is [var height, var width]
            && int.TryParse(height, NumberStyles.None, CultureInfo.InvariantCulture, out var h)
            && h is >= 1 and <= largest
            && int.TryParse(width, NumberStyles.None, CultureInfo.InvariantCulture, out var w)
            && w is >= 1 and <= largest
            ? new(h, w)
            : null;
    }
}
