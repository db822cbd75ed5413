using System.ComponentModel;
using System.Diagnostics;

namespace Mtlc.Cli.Output;

/// <summary>
/// Long texts in the user's pager (PAGER, else less where there is one), as git shows them: only in a terminal, and with less
/// only if they are longer than it. </summary>
static class Pager
{
    /// <summary>What a shell returns for a command that it does not find.</summary>
    const int NotFound = 127;

    public static void Show(Action<Terminal> write)
    {
        var output = Terminal.Output;
        if (!output.IsInteractive || Console.IsInputRedirected || Start() is not { } pager)
        {
            write(output);
            return;
        }
        // Ctrl-C is the pager's: it ends a search there, and must not end us before it.
        ConsoleCancelEventHandler ignore = (_, e) => e.Cancel = true;
        Console.CancelKeyPress += ignore;
        try
        {
            using var input = pager.StandardInput;
            write(new(input, false, output.HasColor, output.Width));
        }
        catch (IOException)
        {
            // The reader has left before the end.
        }
        finally
        {
            pager.WaitForExit();
            Console.CancelKeyPress -= ignore;
        }
        var isMissing = pager.ExitCode == NotFound;
        pager.Dispose();
        if (isMissing)
            write(output);
    }

    static Process? Start()
    {
        var wanted = Environment.GetEnvironmentVariable("PAGER");
        if (wanted is "cat" or "" || (wanted is null && OperatingSystem.IsWindows()))
            return null;
        // PAGER is a line for the shell: "less -S".
        var start = OperatingSystem.IsWindows()
            ? new ProcessStartInfo("cmd", ["/c", wanted!])
            : new ProcessStartInfo("/bin/sh", ["-c", $"exec {wanted ?? "less"}"]);
        if (
            wanted is null
            && !Array.Exists(
                (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator),
                p => File.Exists(Path.Combine(p, "less"))
            )
        )
            return null;
        start.RedirectStandardInput = true;
        start.Environment.TryAdd("LESS", "FRX"); // one screen: leave at once; show colour; leave the text on the screen
        start.Environment.TryAdd("LV", "-c");
        try
        {
            return Process.Start(start);
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
