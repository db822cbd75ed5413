using System.CommandLine;
using Mtlc.Cli.CommandLine;
using Mtlc.Cli.Output;
using Mtlc.Tests.Infrastructure;

namespace Mtlc.Tests.Verbs;

public sealed class HelpTests
{
    public static TheoryData<string> Pages => [.. All(Mtlc.Cli.Verbs.Root()).Select(Verb.PathOf)];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_page_is_written_out(string path)
    {
        var command = Find(path);
        var text = Page(command, 80);
        Assert.Contains("Usage:", text, StringComparison.Ordinal);
        Assert.All(HelpPage.AllOptions(command), o => Assert.EndsWith(".", o.Description, StringComparison.Ordinal));
        Assert.All(command.Arguments, a => Assert.EndsWith(".", a.Description, StringComparison.Ordinal));
        if (command.Subcommands.Count == 0)
            Assert.Contains($"  {path} ", text[text.IndexOf("Examples:", StringComparison.Ordinal)..], StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void A_narrow_terminal_gets_narrow_prose(string path)
    {
        // Command lines are there to be copied and stay whole.
        var prose = Page(Find(path), 40).Split("Examples:")[0];
        Assert.All(
            prose.Split('\n'),
            line =>
                Assert.True(
                    line.Length <= 40
                        || !line.TrimStart().Contains(' ', StringComparison.Ordinal)
                        || line.StartsWith("  -", StringComparison.Ordinal),
                    line
                )
        );
    }

    [Fact]
    public void The_manual_names_every_verb_and_every_option()
    {
        var manual = File.ReadAllText(Path.Combine(Repository.Root, "docs", "cli.md"));
        foreach (var command in All(Mtlc.Cli.Verbs.Root()).Where(c => c is not RootCommand))
        {
            var heading = $"## `{Verb.PathOf(command)}";
            Assert.Contains(heading, manual, StringComparison.Ordinal);
            var start = manual.IndexOf(heading, StringComparison.Ordinal);
            var end = manual.IndexOf("\n## ", start, StringComparison.Ordinal);
            var section = end < 0 ? manual[start..] : manual[start..end];
            foreach (var option in command.Options.Where(o => o.Name != "--help"))
                Assert.True(
                    section.Contains($"`{option.Name}", StringComparison.Ordinal),
                    $"docs/cli.md, {heading}: nothing about {option.Name}"
                );
        }
    }

    [Fact]
    public void The_manual_names_no_option_that_does_not_exist()
    {
        var known = All(Mtlc.Cli.Verbs.Root())
            .SelectMany(HelpPage.AllOptions)
            .Select(o => o.Name)
            .ToHashSet(StringComparer.Ordinal);
        var manual = File.ReadAllText(Path.Combine(Repository.Root, "docs", "cli.md"));
        foreach (
            System.Text.RegularExpressions.Match match in System.Text.RegularExpressions.Regex.Matches(manual, "--[a-z][a-z-]*")
        )
            Assert.Contains(match.Value, known);
    }

    [Fact]
    public void Help_goes_to_stdout()
    {
        using var command = new Command();
        var outcome = command.Run("run", "--help");
        Assert.Equal(0, outcome.ExitCode);
        Assert.Empty(outcome.Errors);
        Assert.Contains("mtlc run FILE", outcome.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', outcome.Output);
    }

    static IEnumerable<System.CommandLine.Command> All(System.CommandLine.Command command) =>
        command.Subcommands.SelectMany(All).Prepend(command);

    /// <summary>Where a verb is named, it alone is made, and it is the same one.</summary>
    [Fact]
    public void Each_verb_is_found_by_its_own_word() =>
        Assert.All(
            Mtlc.Cli.Verbs.Root().Subcommands,
            verb =>
            {
                var alone = Assert.Single(Mtlc.Cli.Verbs.Root(verb.Name).Subcommands);
                Assert.Equal(verb.Name, alone.Name);
                Assert.Equal(All(verb).Select(c => c.Name), All(alone).Select(c => c.Name));
            }
        );

    static System.CommandLine.Command Find(string path) => All(Mtlc.Cli.Verbs.Root()).Single(c => Verb.PathOf(c) == path);

    static string Page(System.CommandLine.Command command, int width)
    {
        var writer = new StringWriter();
        HelpPage.Write(command, new Terminal(writer, false, false, width));
        return writer.ToString();
    }
}
