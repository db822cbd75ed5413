using System.Diagnostics;
using Mtlc.Runtime.Torch;
using static TorchSharp.torch;

namespace Mtlc.Runtime.SelfTest;

/// <summary>
/// What libtorch and our own kernels compute on a device, held against plain double precision: the operations of training and
/// evaluation, where a wrong library, or one that has been told wrong things of its processor, gives wrong numbers without a
/// word. </summary>
public static class DeviceTest
{
    /// <summary>Computes every known answer. It takes no random number and leaves nothing behind.</summary>
    public static SelfTestReport Run(Device device)
    {
        TorchRuntime.Start();
        var clock = Stopwatch.StartNew();
        var bench = new TestBench(device);
        List<string> left = [];
        using var gradients = enable_grad();
        ConvolutionCases.Run(bench);
        if (bench.IsCpu)
            InferenceCases.Run(bench, left.Add);
        NormalizationCases.Run(bench);
        OtherCases.Resizing(bench);
        OtherCases.ShiftedResizes(bench);
        OtherCases.Products(bench);
        OptimizerCases.Run(bench);
        return new(device.ToString(), [.. bench.Lines], clock.Elapsed, [.. left]);
    }
}
