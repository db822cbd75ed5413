using Mtlc.Runtime.Torch;
using static TorchSharp.torch;

namespace Mtlc.Tests;

/// <summary>
/// Where the tests compute that take a device, those with the trait <c>device=any</c>: on that of MTLC_TEST_DEVICE ("cuda",
/// "cuda:1"), else on the CPU. On a GPU products and convolutions round as float32 does there, not as its tensor cores do, so
/// that the tests' bounds hold. </summary>
static class TestDevice
{
    public static string Name { get; } = Environment.GetEnvironmentVariable("MTLC_TEST_DEVICE") ?? "cpu";

    static readonly Lazy<Device> Found = new(() =>
    {
        var device = Devices.Find(Name);
        if (device.type == TorchSharp.DeviceType.CUDA)
            backends.cudnn.allow_tf32 = backends.cuda.matmul.allow_tf32 = false;
        return device;
    });

    public static Device Current => Found.Value;
}
