using Mtlc.Runtime.Machine;

namespace Mtlc.Tests.Machine;

public sealed class OthersLoadTests : IDisposable
{
    readonly string root = Directory.CreateTempSubdirectory("mtlc-load-").FullName;
    readonly Clock clock = new();
    TimeSpan own;

    public OthersLoadTests()
    {
        Write("sys/devices/system/cpu/online", "0-3");
        Write("proc/self/status", "Cpus_allowed_list:\t1-2");
    }

    public void Dispose() => Directory.Delete(root, recursive: true);

    /// <summary>One second of two processors: 100 ticks each. Their busy time is 30 + 20 of the one, all of the other, of which
    /// this process has used 0.9 s; what the two others do is no matter.</summary>
    [Fact]
    public void What_others_use_of_the_allowed_processors_is_what_is_busy_without_ourselves()
    {
        Stat(
            "cpu0 5 0 5 90 0 0 0 0 0 0",
            "cpu1 100 0 0 100 0 0 0 0 0 0",
            "cpu2 100 0 0 100 0 0 0 0 0 0",
            "cpu3 0 0 0 0 0 0 0 0 0 0"
        );
        var load = new OthersLoad(new(root), () => own, clock);
        clock.Now += 1000;
        own += TimeSpan.FromSeconds(0.9);
        Stat(
            "cpu0 105 0 5 90 0 0 0 0 0 0",
            "cpu1 130 0 20 140 10 0 0 0 0 0",
            "cpu2 150 10 20 100 0 5 5 10 0 0",
            "cpu3 99 0 0 0 0 0 0 0 0 0"
        );

        Assert.Equal(2, load.Processors);
        Assert.Equal(0.6, load.SinceLast()!.Value, 6);
    }

    [Fact]
    public void Where_the_system_does_not_tell_nothing_is_said()
    {
        var load = new OthersLoad(new(root), () => own, clock);
        clock.Now += 1000;

        Assert.Null(load.SinceLast());
    }

    void Stat(params string[] processors) =>
        Write("proc/stat", string.Join('\n', ["cpu  1 1 1 1 1 1 1 1 0 0", .. processors, "intr 12 0 0", "ctxt 7"]));

    void Write(string path, string text)
    {
        var file = Path.Combine(root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }

    sealed class Clock : TimeProvider
    {
        public long Now { get; set; }

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => Now;
    }
}
