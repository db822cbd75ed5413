using System.Runtime.InteropServices;

namespace Mtlc.Runtime.Torch.Native;

/// <summary>
/// TorchSharp loads libtorch by name as its types are initialised, and .NET then looks beside the program first: with a libtorch
/// of the user's loaded before, that would be a second one, and libtorch ends a process that has two. Meanwhile .NET's own calls
/// of the system's loader are led here. </summary>
static unsafe class LoadingByName
{
    static delegate* unmanaged<byte*, int, nint> open;
    static string folder = "";

    /// <summary>Does something during which the names of libtorch's libraries mean those of a folder, wherever they are looked
    /// for.</summary>
    /// <returns>Whether they could be led there; if not, nothing was done.</returns>
    public static bool LeadTo(string libraries, Action action)
    {
        open = (delegate* unmanaged<byte*, int, nint>)NativeSymbols.Find("dlopen");
        folder = libraries;
        var dotnet = Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "libcoreclr.so");
        if (
            open == null
            || !NativeLibrary.TryLoad(dotnet, out var runtime)
            || !ImportedFunction.Redirect(runtime, "dlopen", (nint)(delegate* unmanaged<byte*, int, nint>)&Open)
        )
            return false;
        try
        {
            action();
        }
        finally
        {
            ImportedFunction.Redirect(runtime, "dlopen", (nint)open);
        }
        return true;
    }

    /// <summary>libtorch.so, libtorch_cuda.so, libc10.so, ...: there or nowhere.</summary>
    static bool IsOfLibtorch(string file) =>
        file is "libtorch.so"
        || file.EndsWith(".so", StringComparison.Ordinal)
            && (file.StartsWith("libtorch_", StringComparison.Ordinal) || file.StartsWith("libc10", StringComparison.Ordinal));

    // Native code called: no exception may leave.
    [UnmanagedCallersOnly]
    static nint Open(byte* path, int flags)
    {
        try
        {
            if (Path.GetFileName(Marshal.PtrToStringUTF8((nint)path)) is { } file && IsOfLibtorch(file))
            {
                var there = Marshal.StringToCoTaskMemUTF8(Path.Combine(folder, file));
                var library = open((byte*)there, flags);
                Marshal.FreeCoTaskMem(there);
                return library;
            }
        }
        catch (Exception) { }
        return open(path, flags);
    }
}
