using System.CommandLine;

namespace Mtlc.Cli.CommandLine;

/// <summary>A command with what its help page shows besides its options.</summary>
/// <param name="summary">One line, for the list of verbs.</param>
/// <param name="details">The help page's text; paragraphs are separated by an empty line.</param>
/// <param name="examples">Command lines; a `#` sets off what they do.</param>
sealed class Verb(string name, string summary, string details = "", params string[] examples) : Command(name, summary)
{
    public string Details { get; } = details;

    public IReadOnlyList<string> Examples { get; } = examples;

    /// <summary>What a user types to get here: "mtlc data render".</summary>
    public string Path => PathOf(this);

    public static string PathOf(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? $"{PathOf(parent)} {command.Name}" : "mtlc";
}
