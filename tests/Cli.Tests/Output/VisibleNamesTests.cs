using Mtlc.Cli.Output;
using Mtlc.Tests.Verbs;

namespace Mtlc.Tests.Output;

/// <summary>Names of files and classes come from others: they command no terminal, turn no line around, and fill no
/// screen.</summary>
public sealed class VisibleNamesTests : IDisposable
{
    readonly Command command = new();

    public void Dispose() => command.Dispose();

    [Fact]
    public void Messages_and_tables_show_what_is_there()
    {
        const string name = "a\u202eb\u200f\u001b]0;t\u0007";
        command.Write("small.mtl", Reliability.SmallRun.Program);
        Assert.Equal(0, command.Run("run", "small.mtl", "--out", $"runs/{name}", "--max-steps", "1", "--device", "cpu").ExitCode);

        var shown = command.Run("runs");
        var missing = command.Run("check", $"{name}.mtl");
        var long_ = command.Run("check", $"{new string('x', 100_000)}.mtl");

        Assert.Contains("a\uFFFDb\uFFFD\u241b]0;t\u2407", shown.Output, StringComparison.Ordinal);
        Assert.Contains("a\uFFFDb\uFFFD\u241b]0;t\u2407", missing.Errors, StringComparison.Ordinal);
        Assert.All(shown.Output + missing.Errors, c => Assert.False(c is '\u202e' or '\u200f' or '\u001b' or '\u0007'));
        Assert.InRange(long_.Errors.Length, 100, 10_000);
        Assert.Contains(" letters) ...", long_.Errors, StringComparison.Ordinal);
        // For programs it stays what it is.
        Assert.Contains(
            "\u202e",
            System.Text.RegularExpressions.Regex.Unescape(
                command.Run("runs", "--format", "jsonl").Output.Replace("\\\"", "", StringComparison.Ordinal)
            ),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Colours_of_our_own_stay_and_no_other_sequence()
    {
        var text = new StringWriter { NewLine = "\n" };
        var terminal = new Terminal(text, true, true, 80);

        terminal.WriteLine($"{terminal.Style("warning", Ink.Yellow)}: \e[2J\e]52;c;x\a\u2066 done\nnext");

        Assert.Equal("\e[33mwarning\e[0m: \u241b[2J\u241b]52;c;x\u2407\uFFFD done\nnext\n", text.ToString());
    }

    [Fact]
    public void A_cell_of_a_megabyte_pushes_no_column_out_of_sight()
    {
        var text = new StringWriter { NewLine = "\n" };
        var table = new TextTable(new("class"), new TableColumn("IoU", IsNumber: true));
        table.Add(new string('c', 1 << 20), "12.3");
        table.Add("two\nlines", "4.5");
        table.Write(new Terminal(text, false, false, null));

        Assert.InRange(text.ToString().Length, 500, 2000);
        Assert.Contains("two\u240alines", text.ToString(), StringComparison.Ordinal);
        Assert.Contains("12.3", text.ToString(), StringComparison.Ordinal);
    }
}
