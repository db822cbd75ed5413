using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Mtlc.Runtime.Files;

/// <summary>What a path leads to, links followed.</summary>
/// <param name="Kind">"a file", "a folder", "a pipe", "a socket" or "a device".</param>
/// <param name="Identity">The same for every path and link that leads to it, as long as it exists; null where the system does not
/// tell.</param>
sealed partial record FileStatus(string Kind, string? Identity)
{
    public const string Regular = "a file",
        Pipe = "a pipe";

    /// <returns>null where the path leads to nothing, or it cannot be told to what.</returns>
    public static FileStatus? Of(string path) =>
        path.Length == 0 || path.Contains('\0') ? null
        : OperatingSystem.IsWindows() ? OnWindows(path)
        : OnUnix(path);

    static FileStatus? OnUnix(string path)
    {
        if (Stat(path, out var status) != 0)
            return null;
        var kind = (status.Mode & 0xF000) switch
        {
            0x8000 => Regular,
            0x4000 => "a folder",
            0x1000 => Pipe,
            0xC000 => "a socket",
            _ => "a device",
        };
        return new(kind, FormattableString.Invariant($"{status.Device:x}:{status.Inode:x}"));
    }

    static FileStatus? OnWindows(string path)
    {
        if (Directory.Exists(path))
            return new("a folder", null);
        // CON, NUL and \\.\pipe\NAME are no files, although they open like some.
        if (Path.GetFullPath(path).StartsWith(@"\\.\", StringComparison.Ordinal))
            return new("a device", null);
        if (!File.Exists(path))
            return null;
        try
        {
            using var handle = File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete);
            return new(
                Regular,
                GetFileInformationByHandle(handle, out var found)
                    ? $"{found.Volume:x}:{found.IndexHigh:x}:{found.IndexLow:x}"
                    : null
            );
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new(Regular, null);
        }
    }

    // .NET's own portable stat (dotnet/runtime, src/native/libs/System.Native/pal_io.h): the C library's structure differs from
    // system to system.
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    struct UnixStatus
    {
        [FieldOffset(4)]
        public int Mode;

        [FieldOffset(88)]
        public long Device;

        [FieldOffset(104)]
        public long Inode;
    }

    [LibraryImport("libSystem.Native", EntryPoint = "SystemNative_Stat", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Stat(string path, out UnixStatus status);

    [StructLayout(LayoutKind.Explicit, Size = 52)]
    struct WindowsInformation
    {
        [FieldOffset(28)]
        public uint Volume;

        [FieldOffset(44)]
        public uint IndexHigh;

        [FieldOffset(48)]
        public uint IndexLow;
    }

    [LibraryImport("kernel32.dll")]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool GetFileInformationByHandle(SafeFileHandle file, out WindowsInformation information);
}
