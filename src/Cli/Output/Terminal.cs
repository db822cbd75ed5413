using System.Text.RegularExpressions;
using Mtlc.Dsl.Diagnostics;

namespace Mtlc.Cli.Output;

enum Ink
{
    Bold,
    Dim,
    Red,
    Green,
    Yellow,
    Cyan,
}

/// <summary>One of the process's output streams: how wide it is, whether it shows colour, whether somebody watches.</summary>
sealed partial class Terminal(TextWriter writer, bool isInteractive, bool hasColor, int? width)
{
    /// <summary>No line that means anything is longer.</summary>
    const int LongestLine = 4000;

    const int Narrowest = 20;

    static readonly Lazy<Terminal> output = new(() => Open(Console.Out, Console.IsOutputRedirected));
    static readonly Lazy<Terminal> error = new(() => Open(new UnfailingWriter(Console.Error), Console.IsErrorRedirected));

    public static Terminal Output => output.Value;

    public static Terminal Error => error.Value;

    public TextWriter Writer { get; } = writer;

    /// <summary>A terminal with a cursor; false for files, pipes and dumb terminals.</summary>
    public bool IsInteractive { get; } = isInteractive;

    public bool HasColor { get; } = hasColor;

    /// <summary>Columns; null where lines may be as long as they like (files, pipes).</summary>
    public int? Width { get; } = width;

    /// <summary>A line, or several. Whatever names are in it, they command no terminal, and fill none.</summary>
    public void WriteLine(string line = "") => Writer.WriteLine(string.Join('\n', line.Split('\n').Select(Visible)));

    /// <summary>A line that a program reads, as it is; in a terminal as any other.</summary>
    public void WriteData(string line)
    {
        if (IsInteractive)
            WriteLine(line);
        else
            Writer.WriteLine(line);
    }

    /// <summary>Prose, broken between words where the terminal ends.</summary>
    public void WriteText(string text, Ink? ink = null)
    {
        foreach (var line in Wrapping.Words(text, Width ?? int.MaxValue))
            WriteLine(ink is { } color ? Style(line, color) : line);
    }

    public void WriteWarning(string text) => WriteLine($"{Style("warning", Ink.Yellow)}: {text}");

    public string Style(string text, Ink ink) => HasColor ? $"\e[{Code(ink)}m{text}\e[0m" : text;

    /// <summary>The same where what is told matters less than what is done: a failure to write is told once, as a warning, and
    /// ends nothing.</summary>
    public Terminal Unfailing(Terminal error, string what) =>
        new(
            new UnfailingWriter(
                Writer,
                reason => error.WriteWarning($"{what} cannot be shown ({reason.TrimEnd('.')}); the work goes on without")
            ),
            IsInteractive,
            HasColor,
            Width
        );

    static string Visible(string line)
    {
        var colours = Colours().Matches(line);
        if (colours.Count == 0)
            return VisibleText.Whole(VisibleText.Clipped(line.TrimEnd('\r'), LongestLine));
        var pieces = Colours().Split(line).Select(piece => VisibleText.Whole(VisibleText.Clipped(piece, LongestLine))).ToArray();
        return string.Concat(pieces.Zip(colours.Select(c => c.Value).Append(""), (piece, colour) => piece + colour));
    }

    /// <summary>What <see cref="Style"/> writes.</summary>
    [GeneratedRegex(@"\e\[(?:0|1|2|31|32|33|36)m", RegexOptions.CultureInvariant)]
    private static partial Regex Colours();

    static Terminal Open(TextWriter writer, bool redirected)
    {
        // https://no-color.org: any value but the empty one.
        var plain = Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 };
        var dumb = redirected || Environment.GetEnvironmentVariable("TERM") is "dumb";
        return new(writer, !dumb, !dumb && !plain, redirected ? null : CurrentColumns());
    }

    /// <summary>The terminal's columns at this moment; 80 where it does not tell.</summary>
    public static int CurrentColumns()
    {
        var columns = Console.WindowWidth;
        return columns <= 0 ? 80 : Math.Max(columns, Narrowest);
    }

    static int Code(Ink ink) =>
        ink switch
        {
            Ink.Bold => 1,
            Ink.Dim => 2,
            Ink.Red => 31,
            Ink.Green => 32,
            Ink.Yellow => 33,
            Ink.Cyan => 36,
            _ => throw new ArgumentOutOfRangeException(nameof(ink)),
        };
}
