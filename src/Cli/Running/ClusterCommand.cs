using System.ComponentModel;
using System.Diagnostics;
using Mtlc.Cli.Errors;

namespace Mtlc.Cli.Running;

/// <summary>A cluster's own command, which takes what is submitted.</summary>
static class ClusterCommand
{
    /// <returns>What it printed.</returns>
    /// <param name="input">Given to its standard input.</param>
    /// <exception cref="Failure">It is not here, or it refuses.</exception>
    public static string Run(string command, IEnumerable<string> arguments, string input)
    {
        var start = new ProcessStartInfo(command)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        try
        {
            using var process = Process.Start(start) ?? throw new Win32Exception();
            var errors = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEndAsync();
            process.StandardInput.Write(input);
            process.StandardInput.Close();
            process.WaitForExit();
            if (process.ExitCode != 0)
                throw Failure.InputOutput(
                    $"{command} refuses: {errors.Result.Trim().ReplaceLineEndings("; ")}",
                    "--dry-run prints what it was given"
                );
            return output.Result.Trim();
        }
        catch (Win32Exception)
        {
            throw Failure.InputOutput(
                $"there is no command '{command}' on this machine",
                "run it where the cluster takes jobs, or print the text with --dry-run and carry it there"
            );
        }
        catch (IOException e)
        {
            throw Failure.InputOutput($"{command} does not read what it is given: {e.Message}");
        }
    }
}
