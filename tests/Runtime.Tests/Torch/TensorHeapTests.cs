using System.Runtime.InteropServices;
using Mtlc.Runtime.Torch;
using Mtlc.Runtime.Torch.Native;
using static TorchSharp.torch;

namespace Mtlc.Tests.Torch;

public class TensorHeapTests
{
    [Fact]
    public void Large_tensors_lie_in_it_on_any_thread_and_keep_their_contents()
    {
        Assert.SkipUnless(TorchRuntime.Start().TensorsApart, "only with glibc on x64");
        const int threads = 4,
            size = 1 << 20;
        using var held = zeros(size);
        Assert.InRange(TensorHeap.Bytes.Used, 4 * size, TensorHeap.Bytes.Peak);

        Parallel.For(
            0,
            threads,
            new() { MaxDegreeOfParallelism = threads },
            thread =>
            {
                TorchRuntime.Start();
                for (var round = 1; round <= 50; round++)
                {
                    using var one = full(size / round, Held((double)thread));
                    using var two = full(size / (51 - round), Held((double)round));
                    using var alive = one.eq(Held((double)thread)).all();
                    Assert.True(alive.item<bool>());
                }
            }
        );

        Assert.Equal(0, held.count_nonzero().item<long>());
    }

    [Fact]
    public void More_than_there_is_memory_for_is_an_error_to_catch()
    {
        TorchRuntime.Start();
        Assert.Contains("allocate memory", Assert.ThrowsAny<ExternalException>(() => empty(1L << 50)).Message);
    }
}
