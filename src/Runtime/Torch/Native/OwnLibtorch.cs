using System.Globalization;
using System.Runtime.InteropServices;

namespace Mtlc.Runtime.Torch.Native;

/// <summary>
/// A libtorch of the user's instead of the program's own: the folder that <c>MTLC_LIBTORCH</c> names, such as
/// <c>.../torch/lib</c> of a PyTorch. </summary>
/// <param name="Folder">Absolute.</param>
/// <param name="Version">"2.11.0"</param>
public sealed record OwnLibtorch(string Folder, string Version)
{
    public const string Variable = "MTLC_LIBTORCH";

    /// <summary>The version that TorchSharp was built for.</summary>
    public const string BuiltFor = "2.10.0";

    /// <summary>That of this process, once it is loaded; null where the variable is not set.</summary>
    public static OwnLibtorch? Loaded { get; private set; }

    /// <summary>Functions that TorchSharp imports and the library lacks: calling one ends the process.</summary>
    public IReadOnlyList<string> Missing { get; init; } = [];

    /// <summary>What a user is to be told of it; empty for the version that TorchSharp was built for.</summary>
    public IReadOnlyList<string> Notices =>
        [
            .. Version == BuiltFor
                ? Array.Empty<string>()
                :
                [
                    $"libtorch {Version} of {Folder} is used, and TorchSharp was built for {BuiltFor}: "
                        + "the self-test decides whether it computes rightly",
                ],
            .. Missing.Count == 0
                ? Array.Empty<string>()
                :
                [
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"it lacks {Missing.Count} functions that TorchSharp calls for some operations, "
                    ) + $"which end the command where they are needed: {string.Join(", ", Missing.Take(3))}",
                ],
        ];

    /// <summary>The folder that the variable names; null where it names none.</summary>
    /// <exception cref="TorchUnavailableException">There is no such folder, or it holds no libtorch.</exception>
    internal static string? Find(string? variable)
    {
        if (string.IsNullOrEmpty(variable))
            return null;
        if (OperatingSystem.IsMacOS())
            throw new TorchUnavailableException($"{Variable} works on Linux and Windows");
        var folder = Path.GetFullPath(variable);
        if (!Directory.Exists(folder))
            throw new TorchUnavailableException($"{Variable}: there is no folder {folder}");
        string[] needed = [.. ((string[])["c10", NativeLibraries.Torch, "torch"]).Select(NativeLibraries.FileName)];
        return needed.FirstOrDefault(f => !File.Exists(Path.Combine(folder, f))) is { } missing
            ? throw new TorchUnavailableException(
                $"{Variable}: {folder} has no {missing}; name the folder of a libtorch's libraries, such as "
                    + $".../site-packages/torch/lib of a PyTorch"
            )
            : folder;
    }

    /// <summary>
    /// Loads its libraries by their full names, so that each finds what it needs beside itself, those for CUDA before anything
    /// asks whether there is CUDA; then the binding, which takes what is loaded by the libraries' own names, wherever it lies.
    /// </summary>
    /// <param name="binding">The file of TorchSharp's native part.</param>
    /// <param name="loaded">Given each library's name and handle.</param>
    internal static void Load(string folder, string binding, Action<string, nint> loaded)
    {
        foreach (var name in (string[])["c10", NativeLibraries.Torch, "c10_cuda", "torch_cuda", "torch"])
        {
            var file = Path.Combine(folder, NativeLibraries.FileName(name));
            if (!name.EndsWith("cuda", StringComparison.Ordinal) || File.Exists(file))
                loaded(name, Open(file, ""));
        }
        var own = new OwnLibtorch(
            folder,
            AskVersion()
                ?? throw new TorchUnavailableException(
                    $"{Variable}: the libtorch in {folder} is too old to tell its version; TorchSharp was built for {BuiltFor}"
                )
        );
        var handle = Open(binding, $"; the libtorch in {folder} is {own.Version}, and TorchSharp was built for {BuiltFor}");
        loaded("LibTorchSharp", handle);
        Loaded = own with { Missing = [.. NotFound(handle)] };
    }

    static nint Open(string file, string then)
    {
        try
        {
            return NativeLibrary.Load(file);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            // .NET's message has the loader's reason on a line of its own, after advice.
            var reason = e.Message.Split('\n').LastOrDefault(Tells) ?? e.Message;
            throw new TorchUnavailableException(
                $"{Variable}: {Path.GetFileName(file)} cannot be loaded: {reason.ReplaceLineEndings(" ").Trim()}{then}",
                e
            );
        }

        bool Tells(string line) =>
            line.Contains(file, StringComparison.Ordinal) || line.Contains("undefined symbol", StringComparison.Ordinal);
    }

    // torch/csrc/inductor/aoti_torch/c/shim.h: major, minor and patch, a byte each, before the last four.
    static unsafe string? AskVersion()
    {
        var ask = (delegate* unmanaged<ulong>)NativeSymbols.Find("aoti_torch_abi_version");
        if (ask == null)
            return null;
        var version = ask();
        return FormattableString.Invariant($"{version >> 56}.{(version >> 48) & 255}.{(version >> 40) & 255}");
    }

    static IEnumerable<string> NotFound(nint binding) =>
        LibraryImports
            .Of(binding)
            .Where(i => !i.IsOwn && !i.IsWeak)
            .Select(i => i.ToString())
            .Distinct()
            .Where(name => !NativeLibrary.TryGetExport(binding, name, out _));
}
