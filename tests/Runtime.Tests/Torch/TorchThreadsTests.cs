using Mtlc.Runtime.Torch;
using Mtlc.Runtime.Torch.Native;

namespace Mtlc.Tests.Torch;

public class TorchThreadsTests
{
    const int Items = 1001;

    [Fact]
    public unsafe void Threads_share_all_items_and_each_falls_to_one()
    {
        TorchRuntime.Start();
        var done = stackalloc int[Items];
        new Span<int>(done, Items).Clear();
        for (var round = 1; round <= 1000; round++)
        {
            TorchThreads.Run(&Count, done, TorchThreads.Number);
            Assert.Equal(-1, new Span<int>(done, Items).IndexOfAnyExcept(round));
        }
    }

    [Fact]
    public async Task Works_while_another_thread_collects_garbage()
    {
        TorchRuntime.Start();
        // A number of them, not as many as fit: each stops every thread, those of other tests too.
        var collector = Task.Run(
            () =>
            {
                for (var i = 0; i < 100; i++)
                    GC.Collect();
            },
            TestContext.Current.CancellationToken
        );
        do Threads_share_all_items_and_each_falls_to_one();
        while (!collector.IsCompleted);
        await collector;
    }

    [Fact]
    public unsafe void What_a_thread_throws_reaches_the_caller()
    {
        TorchRuntime.Start();
        Assert.Equal("thread", Assert.Throws<InvalidOperationException>(() => TorchThreads.Run(&Fail, null, 1)).Message);
        var error = Assert.ThrowsAny<Exception>(() => TorchThreads.Run(&Fail, null, 2));
        Assert.Equal("thread", ((error as AggregateException)?.InnerExceptions[0] ?? error).Message);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 7)]
    [InlineData(16, 5)]
    [InlineData(3, 0)]
    public void Shares_lie_behind_each_other_and_differ_by_one_at_most(int threads, int items)
    {
        var shares = Enumerable.Range(0, threads).Select(t => TorchThreads.Share(items, t, threads)).ToArray();
        Assert.Equal(0, shares[0].From);
        Assert.Equal(items, shares[^1].To);
        Assert.All(shares.Zip(shares.Skip(1)), pair => Assert.Equal(pair.First.To, pair.Second.From));
        Assert.True(shares.Max(s => s.To - s.From) - shares.Min(s => s.To - s.From) <= 1);
    }

    static unsafe void Fail(void* state, int thread, int threads) => throw new InvalidOperationException("thread");

    static unsafe void Count(void* state, int thread, int threads)
    {
        var (from, to) = TorchThreads.Share(Items, thread, threads);
        for (var i = from; i < to; i++)
            ((int*)state)[i]++;
    }
}
