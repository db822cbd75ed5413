using System.Globalization;
using Mtlc.Compiler.Ops;
using Mtlc.Compiler.Targets.LibTorch;
using Mtlc.Runtime.Torch;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Mtlc.Bench;

/// <summary>What was chosen against what was not, on the shapes of the branched network at 256x256, batch 2.</summary>
static class Alternatives
{
    const int Batch = 2,
        Rounds = 15;

    public static void Run()
    {
        TorchRuntime.Start();
        using var scope = NewDisposeScope();
        using var gradients = no_grad();
        Console.WriteLine("\n## What was chosen against what was not, in evaluation: branched, batch 2, 256x256\n");
        Console.WriteLine("| chosen | median ms | not chosen | median ms | time of the first / time of the second |");
        Console.WriteLine("| --- | --- | --- | --- | --- |");
        SplitConcatenation();
        OutputPhases();
        ChannelsFirst();
        OfWinograd(64, 64, 64);
        OfWinograd(128, 128, 32);
        OfWinograd(256, 256, 64);
        OfWinograd(48, 256, 64);
        OfWinograd(256, 19, 64);
        OfWinograd(256, 256, 16);
        OfWinograd(256, 256, 32, dilation: 2);
    }

    // Every 3x3 convolution of the frozen network that Winograd suits, one that is left to libtorch for its small map, and a
    // dilated one of a larger picture.
    static void OfWinograd(int channels, int results, int size, int dilation = 1)
    {
        var x = ChannelsLast.Of(randn(Batch, channels, size, size));
        var conv = new Conv(results, 3, Dilation: dilation);
        var (weight, bias) = (randn(results, channels, 3, 3), randn(results));
        var (packed, transformed) = (FusedConvolution.Pack(conv, weight, x.shape)!, WinogradConvolution.Transform(weight));
        Row(
            $"3x3 by Winograd, {channels} to {results}, {size}x{size}{(dilation > 1 ? $", dilation {dilation}" : "")}",
            () => WinogradConvolution.Run(conv, true, x, transformed, bias, null).Dispose(),
            "libtorch's direct convolution",
            () => FusedConvolution.Run(conv, true, x, packed, bias, null).Dispose()
        );
    }

    // ASPP: 1x1 over four branches of 256 channels; split, each adds to the sum of those before it.
    static void SplitConcatenation()
    {
        var branches = Enumerable.Range(0, 4).Select(_ => ChannelsLast.Of(randn(Batch, 256, 16, 16))).ToArray();
        var (whole, part) = (new Conv(256), new Conv(256, Bias: false));
        var bias = randn(256);
        var weight = FusedConvolution.Pack(whole, randn(256, 1024, 1, 1), [Batch, 1024, 16, 16])!;
        var parts = branches.Select(b => FusedConvolution.Pack(part, randn(256, 256, 1, 1), b.shape)!).ToArray();
        Row(
            "concatenation, one convolution",
            () =>
            {
                using var joined = cat(branches, 1);
                FusedConvolution.Run(whole, true, joined, weight, bias, null).Dispose();
            },
            "a sum of four convolutions",
            () =>
            {
                Tensor? sum = null;
                foreach (var (i, branch) in branches.Index())
                {
                    using var before = sum;
                    sum = FusedConvolution.Run(i == 0 ? whole : part, i == 3, branch, parts[i], i == 0 ? bias : null, before);
                }
                sum!.Dispose();
            }
        );
    }

    // A decoder's 3x3 convolution of 256 channels, upsampled four times. Of four positions a dimension, two see two pixels of the
    // small map and two see three.
    static void OutputPhases()
    {
        var small = ChannelsLast.Of(randn(Batch, 256, 16, 16));
        var taps = new Conv(9 * 256, Bias: false);
        var weight = FusedConvolution.Pack(taps, randn(9 * 256, 256, 1, 1), small.shape)!;
        var shifted = new ShiftedResize(3, 1, 4, false);
        int[] extents = [2, 3, 3, 2];
        var phases = (from rows in extents from columns in extents select Phase(rows, columns)).ToArray();
        Row(
            "taps at the low resolution, then shifted_resize",
            () =>
            {
                using var low = FusedConvolution.Run(taps, false, small, weight, null, null);
                ShiftedResizing.Run(shifted, low, 64, 64, null).Dispose();
            },
            "a convolution for each of 16 output phases, without interleaving them",
            () =>
            {
                foreach (var (kernel, padding) in phases)
                    F.conv2d(small, kernel, padding: padding).Dispose();
            }
        );

        (Tensor Kernel, long[] Padding) Phase(int rows, int columns) => (ChannelsLast.Of(randn(256, 256, rows, columns)), [1, 1]);
    }

    // The frozen network's convolutions give channels-last maps; the picture is not copied into another layout.
    static void ChannelsFirst()
    {
        var x = randn(Batch, 64, 64, 64);
        var last = ChannelsLast.Of(x);
        var conv = new Conv(64, 3, Bias: false);
        var weight = randn(64, 64, 3, 3);
        var packed = FusedConvolution.Pack(conv, weight, x.shape)!;
        Row(
            "channels last, prepacked weights",
            () => FusedConvolution.Run(conv, true, last, packed, null, null).Dispose(),
            "channels first",
            () => F.conv2d(x, weight, padding: [1, 1]).relu_().Dispose()
        );
    }

    static void Row(string one, Action first, string other, Action second)
    {
        var (a, b, ratio) = Clock.Alternate(Rounds, first, second);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {one} | {a:F2} | {other} | {b:F2} | {ratio:F2} |"));
    }
}
