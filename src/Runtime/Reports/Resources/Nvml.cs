using System.Runtime.InteropServices;

namespace Mtlc.Runtime.Reports.Resources;

/// <summary>NVIDIA's management library, which comes with the driver (nvml.h).</summary>
static class Nvml
{
    public const uint Success = 0;

    /// <returns>Gives the address of a function, 0 where there is none of that name; null where there is no driver.</returns>
    public static Func<string, nint>? Load() =>
        NativeLibrary.TryLoad(OperatingSystem.IsWindows() ? "nvml.dll" : "libnvidia-ml.so.1", out var library)
            ? f => NativeLibrary.TryGetExport(library, f, out var address) ? address : 0
            : null;

    /// <summary>nvmlMemory_t, in bytes.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Memory
    {
        public ulong Total,
            Free,
            Used;
    }
}
