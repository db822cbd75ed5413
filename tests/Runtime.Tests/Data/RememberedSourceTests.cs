using Mtlc.Compiler.Recipes;
using Mtlc.Runtime.Data.Samples;
using Mtlc.Runtime.Data.Synthetic;

namespace Mtlc.Tests.Data;

public class RememberedSourceTests
{
    static readonly SyntheticSource Streets = new(3, new ImageSize(16, 32), 5);

    [Fact]
    public void ASampleIsTheSourcesOwnAndMadeOnce()
    {
        var source = new RememberedSource(Streets, 1 << 20);
        var first = source.Read(Split.Train, 1);
        Assert.Same(first, source.Read(Split.Train, 1));
        Assert.Equal(Streets.Read(Split.Train, 1).Rgb, first.Rgb);
        Assert.NotEqual(first.Rgb, source.Read(Split.Validation, 1).Rgb);
    }

    [Fact]
    public void WhatDoesNotFitIsMadeAnew()
    {
        // 16 x 32 pixels of 3 + 1 + 4 bytes.
        var source = new RememberedSource(Streets, 16 * 32 * 8);
        var kept = source.Read(Split.Train, 0);
        var other = source.Read(Split.Train, 1);
        Assert.Same(kept, source.Read(Split.Train, 0));
        Assert.NotSame(other, source.Read(Split.Train, 1));
        Assert.Equal(other.Rgb, source.Read(Split.Train, 1).Rgb);
    }
}
