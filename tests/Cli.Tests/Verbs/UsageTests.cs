namespace Mtlc.Tests.Verbs;

public sealed class UsageTests
{
    [Theory]
    [InlineData("chek", "'mtlc' has no verb 'chek'; did you mean 'check'?")]
    [InlineData("data rendr", "'mtlc data' has no verb 'rendr'; did you mean 'render'?")]
    [InlineData("data", "'mtlc data' needs a verb")]
    [InlineData("--hepl", "'mtlc' has no option '--hepl'; did you mean '--help'?")]
    [InlineData("check x.mtl --formt json", "'mtlc check' has no option '--formt'; did you mean '--format'?")]
    [InlineData("check x.mtl --formt=json", "'mtlc check' has no option '--formt'; did you mean '--format'?")]
    [InlineData("check --out y x.mtl", "'mtlc check' has no option '--out'")]
    [InlineData("check", "'mtlc check' needs FILE")]
    [InlineData("check x.mtl y.mtl", "'mtlc check' does not know what to do with 'y.mtl'")]
    [InlineData("check x.mtl --format xml", "'--format' takes human|msbuild|json, not 'xml'")]
    [InlineData("check x.mtl --set", "'--set' needs a value: PATH=VALUE")]
    [InlineData("run x.mtl --max-steps 0", "'--max-steps' takes a whole number from 1 on, not '0'")]
    [InlineData("run x.mtl --max-steps two", "'--max-steps' takes a whole number from 1 on, not 'two'")]
    [InlineData("run x.mtl --device gpu", "'--device' takes auto|cpu|cuda, not 'gpu'")]
    [InlineData("run x.mtl --resume", "'--resume' needs '--out DIR', the run to continue")]
    [InlineData("predict run image.png", "'mtlc predict' needs '--out DIR'")]
    [InlineData("data render --out y --size 12", "'--size' takes a height and a width in pixels, as in 256x512, not '12'")]
    public void A_wrong_command_line_is_answered_in_one_sentence(string arguments, string expected)
    {
        using var command = new Command();
        var outcome = command.Run(arguments.Split(' '));
        Assert.Equal(2, outcome.ExitCode);
        Assert.Empty(outcome.Output);
        Assert.StartsWith($"error: {expected}\n", outcome.Errors, StringComparison.Ordinal);
        Assert.Equal(2, outcome.Errors.TrimEnd().Split('\n').Length);
        Assert.Contains("help: ", outcome.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_arguments_the_help_goes_to_stderr()
    {
        using var command = new Command();
        var outcome = command.Run();
        Assert.Equal(2, outcome.ExitCode);
        Assert.Empty(outcome.Output);
        Assert.Contains("Verbs:", outcome.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void The_version_is_one_line()
    {
        using var command = new Command();
        var outcome = command.Run("--version");
        Assert.Equal(0, outcome.ExitCode);
        Assert.Matches(@"^mtlc \d+\.\d+\.\d+( \([0-9a-f]{7}\))?\n$", outcome.Output);
    }

    [Fact]
    public void An_argument_file_is_not_expanded()
    {
        using var command = new Command();
        command.Write("args", "--help");
        var outcome = command.Run("check", "@args");
        Assert.Equal(74, outcome.ExitCode);
        Assert.StartsWith("error: no file '@args'", outcome.Errors, StringComparison.Ordinal);
    }
}
