using Mtlc.Runtime.Machine;
using Mtlc.Runtime.Reports.Resources;
using Mtlc.Runtime.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Training;

/// <summary>The memory that a training may use.</summary>
/// <param name="Bytes">In all, whoever uses how much of it now.</param>
/// <param name="SetBy">What sets it: "the machine", "the GPU", a control group's file, ...</param>
/// <param name="IsGpu">Whether it is a GPU's, in which only tensors lie.</param>
public sealed record DeviceMemory(long Bytes, string SetBy, bool IsGpu = false)
{
    /// <summary>Of a device that is used; null where a GPU's driver does not tell.</summary>
    public static DeviceMemory? Of(Device device) =>
        device.type != DeviceType.CUDA ? OfProcess
        : GpuMeter.Open(device)?.MemoryInAll is { } bytes ? new(bytes, "the GPU", IsGpu: true)
        : null;

    /// <summary>The same by the device's name, without loading libtorch where there is no choice.</summary>
    /// <exception cref="Files.RunException">There is no such device here.</exception>
    public static DeviceMemory? Of(string device) =>
        device == "cpu" || (device == "auto" && GpuCards.Find().Cards.IsEmpty) ? OfProcess : Of(Devices.Find(device));

    /// <summary>The host's, as far as this process may use it.</summary>
    public static DeviceMemory OfProcess => new(MachineLimits.Current.Memory, MachineLimits.Current.MemoryBy);
}
