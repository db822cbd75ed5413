using System.Runtime.InteropServices;
using TorchSharp;

namespace Mtlc.Runtime.Torch.Native;

static class NativeLibraries
{
    static readonly string[] Supported = ["linux-x64", "win-x64", "win-arm64", "osx-arm64"];

    /// <summary>
    /// Loads the libtorch that belongs to the program, then TorchSharp's binding to it, by their full names: searching would also
    /// find another version that the system has, and TorchSharp itself blames a missing package whatever the reason is.
    /// </summary>
    public static void Load()
    {
        var rid = RuntimeInformation.RuntimeIdentifier;
        try
        {
            foreach (var name in (string[])["torch_cpu", "LibTorchSharp"])
                NativeLibrary.Load(Find(FileName(name)) ?? throw new DllNotFoundException($"{FileName(name)} does not lie beside the program"));
            torch.InitializeDeviceType(DeviceType.CPU);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException or TypeInitializationException or NotSupportedException)
        {
            throw new TorchUnavailableException(Explain(e.Message, rid), e);
        }
    }

    static string FileName(string name) =>
        OperatingSystem.IsWindows() ? name + ".dll" : OperatingSystem.IsMacOS() ? $"lib{name}.dylib" : $"lib{name}.so";

    /// <summary>Looks where .NET was told that the program's native libraries lie.</summary>
    static string? Find(string file)
    {
        var directories = (AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "").Split(Path.PathSeparator);
        return directories.Append(AppContext.BaseDirectory).Select(d => Path.Combine(d, file)).FirstOrDefault(File.Exists);
    }

    /// <param name="reason">What failed, in the words of the system's loader.</param>
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
            _ when reason.Contains("beside the program", StringComparison.Ordinal) =>
                $"It comes with the package libtorch-cpu-{rid} or libtorch-cuda-12.8-{rid}: build the program on {rid}, or with -r {rid}, "
                + "and keep all files of its folder together.",
            _ => $"The program's native libraries do not fit each other or this system: build it anew on {rid}.",
        };
        return $"libtorch cannot be loaded: {reason.Trim()}\n{advice}";
    }
}
