using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Mtlc.Bench;

/// <summary>What libtorch's convolution reaches on this machine at this moment: 3x3, 256 to 256 channels, 8 maps of
/// 64x64.</summary>
sealed class ReferenceConvolution : IDisposable
{
    public const string Name = "convolution 3x3, 256 to 256 channels, 8 maps of 64x64";

    readonly Tensor maps = randn(8, 256, 64, 64),
        weight = randn(256, 256, 3, 3);
    readonly List<double> times = [];

    public void Time(bool counts)
    {
        var time = Clock.Milliseconds(() => F.conv2d(maps, weight, padding: [1, 1]).Dispose());
        if (counts)
            times.Add(time);
    }

    /// <summary>In GFLOP/s, in the median.</summary>
    public double Speed => 2.0 * 8 * 64 * 64 * 256 * 256 * 9 / Clock.Median(times) / 1e6;

    public void Dispose()
    {
        maps.Dispose();
        weight.Dispose();
    }
}
