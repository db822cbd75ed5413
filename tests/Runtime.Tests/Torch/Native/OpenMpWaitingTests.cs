using Mtlc.Runtime.Machine;
using Mtlc.Runtime.Torch;
using Mtlc.Runtime.Torch.Native;

namespace Mtlc.Tests.Torch.Native;

public sealed class OpenMpWaitingTests
{
    [Fact]
    public void The_threads_sleep_as_soon_as_somebody_else_wants_a_processor()
    {
        Assert.Equal((OpenMpWaiting.Asleep, 0), OpenMpWaiting.Choose(0.5, left: 0, OpenMpWaiting.Awake, quiet: 7));
        Assert.Equal((OpenMpWaiting.Asleep, 0), OpenMpWaiting.Choose(null, left: 0, OpenMpWaiting.Awake, quiet: 7));
    }

    [Fact]
    public void Who_has_processors_enough_besides_is_nobody_else() =>
        Assert.Equal(OpenMpWaiting.Awake, OpenMpWaiting.Choose(13.5, left: 14, OpenMpWaiting.Awake, quiet: 0).Rounds);

    [Fact]
    public void They_wait_awake_again_when_the_others_are_gone_for_a_while()
    {
        var (rounds, quiet, looks) = (OpenMpWaiting.Asleep, 0, 0);
        for (; rounds == OpenMpWaiting.Asleep && looks < 100; looks++)
            (rounds, quiet) = OpenMpWaiting.Choose(0.02, left: 0, rounds, quiet);

        Assert.Equal(OpenMpWaiting.Awake, rounds);
        Assert.InRange(looks, 4, 20);
    }

    [Fact]
    public void Others_who_come_and_go_keep_them_asleep()
    {
        var (rounds, quiet) = (OpenMpWaiting.Asleep, 0);
        for (var look = 0; look < 100; look++)
            (rounds, quiet) = OpenMpWaiting.Choose(look % 4 == 0 ? 0.9 : 0.0, left: 0, rounds, quiet);

        Assert.Equal(OpenMpWaiting.Asleep, rounds);
    }

    /// <summary>libgomp's variable was found, and holds one of the two numbers.</summary>
    [Fact]
    public void The_rounds_of_this_process_are_ours_to_choose()
    {
        var threads = TorchRuntime.Start().Threads;
        Assert.SkipUnless(
            OperatingSystem.IsLinux()
                && threads > 1
                && !MachineLimits.Current.HasQuota
                && NativeSwitches.Current.Allows("waiting")
                && Environment.GetEnvironmentVariable("OMP_WAIT_POLICY") is null
                && Environment.GetEnvironmentVariable("GOMP_SPINCOUNT") is null,
            "nothing is to be chosen here"
        );

        Assert.Contains(OpenMpWaiting.Rounds, (ulong?[])[OpenMpWaiting.Awake, OpenMpWaiting.Asleep]);
    }
}
