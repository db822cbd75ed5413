using Mtlc.Tests.Infrastructure;
using Mtlc.Tests.Verbs;

namespace Mtlc.Tests.LanguageServer;

/// <summary>A client that others wrote: the configuration that docs/editors.md gives for Neovim, driven without a
/// screen.</summary>
public sealed class NeovimTests
{
    [Fact]
    public void A_session_of_edits_in_Neovim()
    {
        var isThere = (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator)
            .Any(f => File.Exists(Path.Combine(f, "nvim")));
        Assert.SkipUnless(isThere, "needs nvim");
        using var command = new Command();

        var session = Repository.Run(
            command.Folder,
            "nvim",
            ["--headless", "-u", "NONE", "-S", Path.Combine(Repository.Root, "editors", "neovim", "session.lua")],
            new()
            {
                ["MTLC"] = $"dotnet {Command.Assembly}",
                ["MTLC_CACHE"] = Path.Combine(command.Folder, "cache"),
                ["MTLC_EDITS"] = "100",
                ["XDG_STATE_HOME"] = command.Folder,
            }
        );

        Assert.True(session.ExitCode == 0, session.Output + session.Errors);
        Assert.Contains("ok: the same as the first after 100 edits", session.Output, StringComparison.Ordinal);
    }
}
