using Mtlc.Runtime.Machine;

namespace Mtlc.Tests.Machine;

public sealed class IgnoredSignalsTests : IDisposable
{
    readonly string root = Directory.CreateTempSubdirectory("mtlc-signals-").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    /// <summary>The mask as proc(5) has it: signal 1 is the lowest bit.</summary>
    [Theory]
    [InlineData("SigIgn:\t0000000000000001", true, false)]
    [InlineData("SigIgn:\t0000000000004000", false, true)]
    [InlineData("SigIgn:\t0000000000000000", false, false)]
    [InlineData("SigBlk:\t0000000000000001", false, false)]
    [InlineData(null, false, false)]
    public void The_mask_of_the_process_tells(string? line, bool hangup, bool terminate)
    {
        Directory.CreateDirectory(Path.Combine(root, "proc", "self"));
        if (line is not null)
            File.WriteAllText(Path.Combine(root, "proc", "self", "status"), $"Name:\tmtlc\n{line}\n");

        Assert.Equal(
            (hangup, terminate),
            (IgnoredSignals.Contain(IgnoredSignals.Hangup, root), IgnoredSignals.Contain(15, root))
        );
    }
}
