using System.CommandLine;
using System.CommandLine.Invocation;
using Mtlc.Cli.Errors;
using Mtlc.Cli.Output;

namespace Mtlc.Cli.CommandLine;

/// <summary>`--help`: what the verb does, how it is called, its arguments, options and examples, wrapped to the
/// terminal.</summary>
sealed class HelpPage : SynchronousCommandLineAction
{
    const int WidestText = 100;
    const int WidestLeft = 26;

    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        Write(parseResult.CommandResult.Command, Terminal.Output);
        return ExitCode.Done;
    }

    public static void Write(Command command, Terminal terminal)
    {
        var width = Math.Min(terminal.Width ?? WidestText, WidestText);
        void Paragraph(string text, int indent = 0) =>
            Wrapping.Words(text, width - indent).ForEach(l => terminal.WriteLine(new string(' ', indent) + l));
        void Section(string title, IEnumerable<(string Left, string Right)> rows)
        {
            var list = rows.ToList();
            if (list.Count == 0)
                return;
            terminal.WriteLine();
            terminal.WriteLine(terminal.Style($"{title}:", Ink.Bold));
            Columns(list, width, terminal);
        }

        Paragraph(Sentence(command.Description ?? ""));
        terminal.WriteLine();
        terminal.WriteLine(terminal.Style("Usage:", Ink.Bold));
        Paragraph(Usage(command), 2);
        foreach (var paragraph in ((command as Verb)?.Details ?? "").Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
        {
            terminal.WriteLine();
            Paragraph(paragraph.ReplaceLineEndings(" "));
        }
        Section("Verbs", command.Subcommands.Where(c => !c.Hidden).Select(c => (c.Name, c.Description ?? "")));
        Section("Arguments", command.Arguments.Select(a => (a.Name, a.Description ?? "")));
        Section("Options", AllOptions(command).Select(o => (Name(o), o.Description ?? "")));
        Examples((command as Verb)?.Examples ?? [], terminal);
        if (command.Subcommands.Count > 0)
        {
            terminal.WriteLine();
            Paragraph($"'{Verb.PathOf(command)} VERB --help' says more about a verb.");
        }
    }

    /// <summary>The command's options and those that its parents hand down, `--help` last.</summary>
    public static IEnumerable<Option> AllOptions(Command command) =>
        command
            .Options.Concat(command.Parents.OfType<Command>().SelectMany(AllOptions).Where(o => o.Recursive))
            .Where(o => !o.Hidden)
            .OrderBy(o => o.Name is "--help");

    static string Usage(Command command)
    {
        var path = Verb.PathOf(command);
        if (command.Subcommands.Count > 0)
            return $"{path} VERB [options]";
        var arguments = command.Arguments.Select(a =>
            (a.Arity.MinimumNumberOfValues > 0 ? $" {a.Name}" : $" [{a.Name}]") + (a.Arity.MaximumNumberOfValues > 1 ? "..." : "")
        );
        var required = command.Options.Where(o => o.Required).Select(o => $" {Name(o)}");
        return $"{path}{string.Concat(arguments)}{string.Concat(required)} [options]";
    }

    static string Name(Option option) =>
        option.Arity.MaximumNumberOfValues == 0 || option.ValueType == typeof(bool)
            ? option.Name
            : $"{option.Name} {option.HelpName}";

    static void Columns(List<(string Left, string Right)> rows, int width, Terminal terminal)
    {
        var left = Math.Min(rows.Max(r => r.Left.Length), WidestLeft) + 4;
        // Two columns need room for both; below that the text goes under its name.
        var stacked = width - left < 24;
        foreach (var (name, text) in rows)
        {
            var indent = stacked ? 6 : left;
            var lines = Wrapping.Words(text, width - indent);
            var first = $"  {name}";
            if (!stacked && first.Length + 2 <= left && lines.Count > 0)
            {
                terminal.WriteLine(first.PadRight(left) + lines[0]);
                lines.RemoveAt(0);
            }
            else
            {
                terminal.WriteLine(first);
            }
            lines.ForEach(l => terminal.WriteLine(new string(' ', indent) + l));
        }
    }

    static void Examples(IReadOnlyList<string> examples, Terminal terminal)
    {
        if (examples.Count == 0)
            return;
        terminal.WriteLine();
        terminal.WriteLine(terminal.Style("Examples:", Ink.Bold));
        foreach (var example in examples)
        {
            var parts = example.Split("  # ", 2);
            if (parts.Length == 2)
                terminal.WriteLine($"  {terminal.Style($"# {parts[1]}", Ink.Dim)}");
            terminal.WriteLine($"  {parts[0]}");
        }
    }

    static string Sentence(string text) => text.EndsWith('.') ? text : text + ".";
}
