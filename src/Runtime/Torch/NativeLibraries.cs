using System.Runtime.InteropServices;
using TorchSharp;

namespace Mtlc.Runtime.Torch;

/// <summary>libtorch cannot be used on this machine. The message says why and what to do.</summary>
public sealed class TorchUnavailableException(string message, Exception? cause = null) : Exception(message, cause);

static class NativeLibraries
{
    static readonly string[] Supported = ["linux-x64", "win-x64", "win-arm64", "osx-arm64"];

    /// <summary>
    /// Loads libtorch, then TorchSharp's binding to it, one after the other: TorchSharp itself blames a missing package whatever
    /// the reason is.
    /// </summary>
    public static void Load()
    {
        try
        {
            NativeLibrary.Load("torch_cpu", typeof(torch).Assembly, null);
            NativeLibrary.Load("LibTorchSharp", typeof(torch).Assembly, null);
            torch.InitializeDeviceType(DeviceType.CPU);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException or TypeInitializationException or NotSupportedException)
        {
            throw new TorchUnavailableException(Explain(e.Message, RuntimeInformation.RuntimeIdentifier), e);
        }
    }

    /// <param name="reason">What the system's loader said.</param>
    /// <param name="rid">.NET's name of this platform, such as <c>linux-x64</c>.</param>
    public static string Explain(string reason, string rid)
    {
        var advice = reason switch
        {
            _ when Array.IndexOf(Supported, rid) < 0 =>
                $"There is no libtorch for {rid}, only for {string.Join(", ", Supported)}. Networks can be checked and summarised here, not run.",
            _ when reason.Contains("GLIBC", StringComparison.Ordinal) =>
                "This system's C or C++ library is too old: glibc 2.34 and GCC 12's libstdc++ are needed (Debian 12, Ubuntu 22.04 or later), "
                + "and a program built by this project's build files.",
            _ when reason.Contains("cannot open shared object file", StringComparison.Ordinal) || reason.Contains("not found", StringComparison.Ordinal)
                || reason.Contains("0x8007007E", StringComparison.Ordinal) =>
                $"The package libtorch-cpu-{rid} (or libtorch-cuda-12.8-{rid}) belongs to the program: build on {rid}, or with -r {rid}, "
                + "and keep the folder 'runtimes' beside the program.",
            _ => "Build the program anew on this machine.",
        };
        return $"libtorch cannot be loaded. {advice}\nThe system's loader says: {reason.Trim()}";
    }
}
