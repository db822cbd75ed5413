using System.Runtime.CompilerServices;
using TorchSharp;

namespace Mtlc.Tests.Torch;

public sealed class HeldScalarsTests
{
    [Fact]
    public void NumbersOutliveTheOperationThatReadsThem()
    {
        var scalar = Unreferenced();
        Collect();
        Assert.True(scalar.TryGetTarget(out _));
    }

    [Fact]
    public void NumbersAreGivenBack()
    {
        var scalar = Unreferenced();
        for (var i = 0; i < 100; i++)
            Held(i);
        Collect();
        Assert.False(scalar.TryGetTarget(out _));
    }

    [Fact]
    public void ProductsAndSumsAreRightWhileOtherThreadsCollect()
    {
        // A number of them, not as many as fit: each stops every thread, those of other tests too.
        var collector = new Thread(() =>
        {
            for (var i = 0; i < 10_000; i++)
                GC.Collect(0);
        });
        collector.Start();
        using var x = torch.ones(16);
        for (var i = 1; collector.IsAlive; i = i % 40_000 + 1)
        {
            using var y = x * Held(i);
            using var z = y.Plus(x);
            z.PlusInPlace(1);
            Assert.Equal(i + 2, z.data<float>()[3]);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static WeakReference<Scalar> Unreferenced() => new(Held(0.5));

    static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
    }
}
