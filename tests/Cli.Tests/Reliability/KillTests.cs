using System.Globalization;
using Mtlc.Tests.Verbs;

namespace Mtlc.Tests.Reliability;

/// <summary>`kill -9` at random moments: a few in the ordinary suite, MTLC_SOAK=200 for many.</summary>
public sealed class KillTests : IDisposable
{
    readonly Command command = new();

    public KillTests() => command.Write("small.mtl", SmallRun.Program);

    public void Dispose() => command.Dispose();

    [Fact]
    public void A_run_killed_again_and_again_ends_as_one_that_never_was()
    {
        var kills = int.Parse(Environment.GetEnvironmentVariable("MTLC_SOAK") ?? "6", CultureInfo.InvariantCulture);
        var (whole, killed) = (Path.Combine(command.Folder, "whole"), Path.Combine(command.Folder, "killed"));
        var undisturbed = command.Run("run", "small.mtl", "--out", "whole", "--device", "cpu");
        Assert.True(undisturbed.ExitCode == 0, undisturbed.Errors);
        var expected = SmallRun.Digest(whole);
        SmallRun.AllWhole(whole);

        var random = new Random(kills);
        var (done, finished) = (0, 0);
        while (done < kills)
        {
            if (Interrupted(random))
            {
                done++;
                if (Directory.Exists(killed))
                    SmallRun.AllWhole(killed);
                continue;
            }
            Finished();
        }
        while (finished == 0)
        {
            Assert.False(Interrupted(null));
            Finished();
        }

        void Finished()
        {
            Assert.Equal(expected, SmallRun.Digest(killed));
            finished++;
            Directory.Delete(killed, recursive: true);
        }
    }

    /// <returns>Whether the process was killed before it came to its end, which must then be a good one.</returns>
    bool Interrupted(Random? random)
    {
        using var training = new ManualResetEventSlim();
        var lines = new List<string>();
        using var process = SmallRun.Start(command, Line, "run", "small.mtl", "--out", "killed", "--resume", "--device", "cpu");
        if (random is not null)
        {
            // Three of four times while it trains and saves, which takes about a second; else at any time from its start.
            var trains = random.Next(4) > 0;
            var delay = random.Next(trains ? 700 : 3000);
            if (trains)
                training.Wait(TimeSpan.FromMinutes(2));
            if (!process.WaitForExit(delay))
            {
                process.Kill();
                process.WaitForExit();
                return true;
            }
        }
        process.WaitForExit();
        lock (lines)
            Assert.True(process.ExitCode == 0, string.Join('\n', lines));
        return false;

        void Line(string line)
        {
            lock (lines)
                lines.Add(line);
            // The last, empty one comes when the process has ended.
            if (line.StartsWith("step ", StringComparison.Ordinal) || line.Length == 0)
                training.Set();
        }
    }
}
