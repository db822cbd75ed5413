using Mtlc.Runtime.Machine;
using Mtlc.Runtime.Torch;
using Mtlc.Runtime.Torch.Native;
using static TorchSharp.torch;

namespace Mtlc.Tests.Torch.Native;

// They change what all threads compute with.
[CollectionDefinition("native", DisableParallelization = true)]
[Collection("native")]
public class CacheSizesTests
{
    // AuthenticAMD with leaves 0x80000005 and 0x80000006 of a processor with 48 KiB, 1 MiB and 64 MiB, and 16 threads.
    static Registers HiddenLeaf(uint leaf, uint subleaf) =>
        leaf switch
        {
            0 => new(0x10, 0x68747541, 0x444D4163, 0x69746E65),
            0x80000005 => new(0, 0, 48u << 24, 0),
            0x80000006 => new(0, 0, 1024u << 16, 128u << 18),
            0x80000008 => new(0, 0, 15, 0),
            _ => default,
        };

    [Fact]
    public void A_hidden_leaf_is_nonsense_and_the_others_tell_the_sizes()
    {
        Assert.Equal(new(1, 1, 1), CacheSizes.ToldTo(HiddenLeaf));
        Assert.True(CacheSizes.ToldTo(HiddenLeaf)!.Value.IsNonsense);
        Assert.Equal(new(48 << 10, 1 << 20, 4 << 20), CacheSizes.Real(HiddenLeaf));
    }

    [Fact]
    public void Where_no_leaf_tells_them_there_are_none() => Assert.Null(CacheSizes.Real((_, _) => default));

    [Fact]
    public void Another_makers_processor_is_left_alone() => Assert.True(NativeCures.ApplyAtStart((_, _) => default));

    [Theory]
    [InlineData("-heap,-caches", "caches", false)]
    [InlineData("-heap,-caches", "threads", true)]
    [InlineData("none", "threads", false)]
    [InlineData(null, "heap", true)]
    public void Switches_turn_off_what_they_name(string? text, string word, bool allowed) =>
        Assert.Equal(allowed, NativeSwitches.Parse(text).Allows(word));

    [Fact]
    public void An_unknown_switch_is_told() =>
        Assert.Contains("-heap", Assert.Throws<TorchUnavailableException>(() => NativeSwitches.Parse("-heep")).Message);

    [Fact]
    public void The_sizes_are_found_in_libtorch_and_can_be_broken_and_mended()
    {
        TorchRuntime.Start();
        Assert.SkipUnless(CacheSizes.ToldTo(ThisProcessor.Read) is not null, "only on AMD's processors");
        var told = CacheSizes.ToldTo(ThisProcessor.Read)!.Value; // located when libtorch was started, on a machine with the fault
        Assert.True(OneDnnCaches.Locate(told));
        var before = OneDnnCaches.Read()!.Value;
        Assert.False(before.IsNonsense);
        try
        {
            OneDnnCaches.Write(new(1, 1, 1));
            var cure = NativeCures.All[0];
            Assert.True(cure.TryApply("a test"));
            Assert.Equal(CacheSizes.Real(ThisProcessor.Read), OneDnnCaches.Read());
            Assert.False(cure.TryApply("a test")); // right by now
        }
        finally
        {
            OneDnnCaches.Write(before);
        }
    }

    [Fact]
    public void Every_symbol_of_this_library_is_found()
    {
        TorchRuntime.Start();
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.Is64BitProcess, "the names are those of Linux");
        Assert.All(NativeSymbols.All, s => Assert.True(s.Address != 0, s.Name));
        Assert.Equal(NativeSymbols.All.Count, NativeSymbols.All.DistinctBy(s => s.Name).Count());
    }

    [Fact]
    public void OneDnn_switched_off_is_not_called_by_name_either()
    {
        TorchRuntime.Start();
        Assert.SkipUnless(FusedConvolution.IsAvailable, "only where libtorch has fused convolutions");
        using var scope = NewDisposeScope();
        var (x, weight) = (randn(2, 5, 9, 9), randn(19, 5, 3, 3));
        var expected = nn.functional.conv2d(x, weight);
        try
        {
            Assert.True(TorchContext.SwitchOneDnn(on: false));
            Assert.False(FusedConvolution.IsAvailable);
            Assert.True(nn.functional.conv2d(x, weight).allclose(expected, 1e-4, 1e-4));
        }
        finally
        {
            TorchContext.SwitchOneDnn(on: true);
        }
        Assert.True(FusedConvolution.IsAvailable);
    }
}
