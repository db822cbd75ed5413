using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;

namespace Mtlc.Runtime.Torch.Native;

static class NativeLibraries
{
    /// <summary>libtorch's part for the CPU.</summary>
    public const string Torch = "torch_cpu";

    static readonly string[] Supported = ["linux-x64", "win-x64", "win-arm64", "osx-arm64"];

    static readonly Dictionary<string, nint> Loaded = [];

    /// <summary>
    /// Loads the libtorch that belongs to the program, or the one that <see cref="OwnLibtorch.Variable"/> names, then
    /// TorchSharp's binding to it, by their full names: searching would also find another version that the system has, and
    /// TorchSharp itself blames a missing package whatever the reason is. </summary>
    public static void Load()
    {
        var rid = RuntimeInformation.RuntimeIdentifier;
        try
        {
            if (OwnLibtorch.Find(Environment.GetEnvironmentVariable(OwnLibtorch.Variable)) is { } folder)
            {
                LoadFrom(folder);
                return;
            }
            foreach (var name in (string[])[Torch, "LibTorchSharp"])
                Loaded[name] = NativeLibrary.Load(Beside(name));
            torch.InitializeDeviceType(DeviceType.CPU);
        }
        catch (Exception e)
            when (e is DllNotFoundException or BadImageFormatException or TypeInitializationException or NotSupportedException)
        {
            throw new TorchUnavailableException(Explain(e.Message, rid), e);
        }
    }

    /// <param name="library">One that is loaded, or one that .NET finds: <c>torch_cpu</c>, <c>libc.so.6</c>.</param>
    public static bool TryGet(string library, out nint handle) =>
        Loaded.TryGetValue(library, out handle)
        || NativeLibrary.TryLoad(library, typeof(torch.Tensor).Assembly, null, out handle);

    static void LoadFrom(string folder)
    {
        OwnLibtorch.Load(folder, Beside("LibTorchSharp"), (name, handle) => Loaded[name] = handle);
        // A program without a libtorch of its own finds the loaded one by name.
        if (LoadingByName.LeadTo(folder, Initialize))
            return;
        if ((Find(FileName(Torch)) ?? Find(FileName("torch_cuda"))) is { } other)
        {
            throw new TorchUnavailableException(
                $"{OwnLibtorch.Variable}: on this system it works with an mtlc that was built without libtorch "
                    + $"(-p:Torch=none); this one has {other}"
            );
        }
        Initialize();

        static void Initialize()
        {
            RuntimeHelpers.RunClassConstructor(typeof(torch).TypeHandle);
            torch.InitializeDeviceType(DeviceType.CPU);
        }
    }

    static string Beside(string name) =>
        Find(FileName(name)) ?? throw new DllNotFoundException($"{FileName(name)} does not lie beside the program");

    public static string FileName(string name) =>
        OperatingSystem.IsWindows() ? name + ".dll"
        : OperatingSystem.IsMacOS() ? $"lib{name}.dylib"
        : $"lib{name}.so";

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
                $"There is no libtorch for {rid}, only for {string.Join(", ", Supported)}. Networks can be checked and "
                    + $"summarised here, not run.",
            _ when reason.Contains("GLIBC", StringComparison.Ordinal) =>
                "This system's C or C++ library is too old: glibc 2.34 and GCC 12's libstdc++ are needed (Debian 12, Ubuntu "
                    + "22.04 or later), "
                    + "and a program built by this project's build files.",
            _ when reason.Contains("beside the program", StringComparison.Ordinal) =>
                $"It comes with the package libtorch-cpu-{rid} or libtorch-cuda-12.8-{rid}: build the program on {rid}, or "
                    + $"with -r {rid}, "
                    + $"and keep all files of its folder together; or name the folder of a PyTorch's libraries by "
                    + $"{OwnLibtorch.Variable}.",
            _ => $"The program's native libraries do not fit each other or this system: build it anew on {rid}.",
        };
        return $"libtorch cannot be loaded: {reason.Trim()}\n{advice}";
    }
}
