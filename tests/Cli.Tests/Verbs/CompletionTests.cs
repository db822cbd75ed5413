namespace Mtlc.Tests.Verbs;

/// <summary>The shells' own completion, asked as a press of Tab asks it.</summary>
public sealed class CompletionTests : IDisposable
{
    readonly Command command = new();

    public CompletionTests()
    {
        command.Write("bin/mtlc", "#!/bin/sh\nexec dotnet \"$MTLC\" \"$@\"\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(
                Path.Combine(command.Folder, "bin", "mtlc"),
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
            );
        command.Write("net.mtl", Programs.Tiny);
    }

    public void Dispose() => command.Dispose();

    [Theory]
    [InlineData("mtlc ru", "run runs")]
    [InlineData("mtlc data ", "check render show stats")]
    [InlineData("mtlc check --f", "--format")]
    [InlineData("mtlc check net.mtl --format ", "human json msbuild")]
    [InlineData("mtlc new --template d", "distillation")]
    [InlineData("mtlc run n", "")] // files are the shell's
    [InlineData("mtlc explain MTL300", "MTL3001 MTL3002 MTL3003 MTL3004 MTL3005 MTL3006 MTL3007 MTL3008 MTL3009")]
    public void Bash_completes(string line, string expected)
    {
        if (OperatingSystem.IsWindows())
            Assert.Skip("bash as on Unix");
        var outcome = command.Shell(
            $$"""
            PATH="$PWD/bin:$PATH"
            source <(mtlc completion bash)
            complete -p mtlc | grep -q -- '-o default' || exit 3
            COMP_LINE='{{line}}' COMP_POINT={{line.Length}}
            read -ra COMP_WORDS <<< "$COMP_LINE"
            [[ $COMP_LINE == *' ' ]] && COMP_WORDS+=('')
            COMP_CWORD=$(( ${#COMP_WORDS[@]} - 1 ))
            _mtlc
            printf '%s\n' "${COMPREPLY[@]}" | sort | xargs
            """
        );
        Assert.Equal((0, expected), (outcome.ExitCode, outcome.Output.Trim()));
    }

    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    [InlineData("pwsh")]
    public void Every_shell_has_a_script_that_asks_mtlc(string shell)
    {
        var outcome = command.Run("completion", shell);
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Errors));
        Assert.Contains("[suggest:", outcome.Output, StringComparison.Ordinal);
        if (shell != "pwsh" && command.Shell($"command -v {shell}").ExitCode == 0)
            Assert.Equal(0, command.Shell($"dotnet \"$MTLC\" completion {shell} > script && {shell} -n script").ExitCode);
    }

    [Fact]
    public void A_page_goes_through_no_pager_where_nobody_watches()
    {
        var outcome = command.Run(new Dictionary<string, string> { ["PAGER"] = "false" }, "explain", "MTL3002");
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Errors));
        Assert.Contains("MTL3002", outcome.Output, StringComparison.Ordinal);
    }
}
