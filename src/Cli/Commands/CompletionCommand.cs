using System.CommandLine;
using Mtlc.Cli.CommandLine;
using Mtlc.Cli.Errors;
using Mtlc.Cli.Files;
using Mtlc.Cli.Output;

namespace Mtlc.Cli.Commands;

/// <summary>`mtlc completion bash`: what a shell reads to complete command lines of mtlc.</summary>
static class CompletionCommand
{
    static readonly string[] Shells = ["bash", "zsh", "fish", "pwsh"];

    public static Verb Create()
    {
        var shell = new Argument<string>("SHELL") { Description = $"{string.Join(", ", Shells[..^1])} or {Shells[^1]}." };
        shell.AcceptOnlyFromAmong(Shells);
        var verb = new Verb(
            "completion",
            "Print a shell's script that completes command lines of mtlc",
            """
            Verbs, options and the words that an option takes are completed by mtlc itself, so that the script need not be
            renewed with a new version. Where a file may stand, the shell completes files.

            bash and zsh: one of the lines below, in ~/.bashrc or ~/.zshrc (there after compinit). fish: as a file in
            ~/.config/fish/completions. PowerShell: in $PROFILE.
            """,
            "source <(mtlc completion bash)",
            "source <(mtlc completion zsh)",
            "mtlc completion fish > ~/.config/fish/completions/mtlc.fish",
            "mtlc completion pwsh | Out-String | Invoke-Expression"
        )
        {
            shell,
        };
        verb.SetAction(parsed =>
        {
            Terminal.Output.Writer.Write(Resource.Text($"completion/{parsed.GetRequiredValue(shell)}.txt"));
            return ExitCode.Done;
        });
        return verb;
    }
}
