using Mtlc.Runtime.Torch;
using Mtlc.Runtime.Torch.Native;
using TorchSharp;

namespace Mtlc.Tests.Torch;

public class TorchRuntimeTests
{
    [Fact]
    public void Starts_once_and_says_what_it_set()
    {
        var settings = TorchRuntime.Start();

        Assert.StartsWith("2.10.", settings.LibTorch, StringComparison.Ordinal);
        Assert.Equal(OwnLibtorch.BuiltFor, torch.NormalizeNuGetVersion(torch.__version__));
        Assert.InRange(settings.Threads, 1, Environment.ProcessorCount);
        Assert.Equal(torch.get_num_threads(), settings.Threads);
        Assert.Same(settings, TorchRuntime.Start(threads: settings.Threads + 1));
        Assert.Equal(6, torch.arange(Held(0), Held(4), Held(1)).sum().item<long>());
    }

    [Fact]
    public void Denormals_count_as_zero_on_every_thread_that_starts_it()
    {
        Assert.SkipUnless(TorchRuntime.Start().DenormalsFlushed, "this processor cannot flush denormals");
        var sums = new float[2];

        // Threads of their own: OpenMP's workers take the treatment of the thread that made them, and a thread of the test runner
        // may have made its workers in another test, before it started libtorch.
        for (var i = 0; i < sums.Length; i++)
        {
            var thread = new Thread(() => sums[i] = SumOfDenormals());
            thread.Start();
            thread.Join();
        }

        Assert.Equal([0f, 0f], sums);

        // Enough elements that OpenMP's workers take their share.
        static float SumOfDenormals()
        {
            TorchRuntime.Start();
            return (torch.full([1 << 20], Held(1e-30f)) * Held(1e-10f)).sum().item<float>();
        }
    }

    [Theory]
    [InlineData("libtorch_cpu.so does not lie beside the program", "linux-x64", "the package libtorch-cpu-linux-x64")]
    [InlineData(
        "/lib/libstdc++.so.6: version `GLIBCXX_3.4.30' not found (required by libLibTorchSharp.so)",
        "linux-x64",
        "Debian 12"
    )]
    [InlineData("libtorch_cpu.so does not lie beside the program", "linux-musl-x64", "no libtorch for linux-musl-x64")]
    [InlineData("libLibTorchSharp.so: undefined symbol: _ZNK5torch2nn6Module", "linux-x64", "build it anew on linux-x64")]
    public void A_failure_to_load_says_what_to_do(string reason, string rid, string advice)
    {
        var message = NativeLibraries.Explain(reason, rid);

        Assert.Contains(advice, message);
        Assert.Contains(reason, message);
    }
}
