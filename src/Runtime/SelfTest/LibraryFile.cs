using System.Diagnostics;
using Mtlc.Runtime.Torch.Native;

namespace Mtlc.Runtime.SelfTest;

/// <summary>Where a library of this process was loaded from, links followed.</summary>
public static class LibraryFile
{
    static readonly Lazy<string> Found = new(() => Find(NativeLibraries.Torch) ?? "");

    /// <summary>libtorch's part for the CPU; empty where the system does not tell.</summary>
    public static string Torch => Found.Value;

    /// <param name="name">Without what the system puts before and behind it.</param>
    /// <returns>null where no such library is loaded.</returns>
    public static string? Find(string name)
    {
        using var process = Process.GetCurrentProcess();
        var path = process
            .Modules.Cast<ProcessModule>()
            .Select(m => m.FileName)
            .FirstOrDefault(f => Path.GetFileName(f).Split('.')[0] is var stem && (stem == name || stem == $"lib{name}"));
        return path is null ? null : File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
    }
}
