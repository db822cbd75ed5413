using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Mtlc.Runtime.Checkpoints;

/// <summary>Which file or folder lies at a path: another one of the same name is another. On Linux its inode, elsewhere the moment of its creation.</summary>
static partial class FileIdentity
{
    // struct statx of linux/stat.h, the same on every processor: stx_ino at 32, stx_dev_major and stx_dev_minor at 136.
    const int Size = 256, Inode = 32, Device = 136, WorkingFolder = -100;
    const uint InodeAlone = 0x100;

    /// <returns>null where nothing is there, or the system does not tell.</returns>
    public static string? Of(string path)
    {
        if (!OperatingSystem.IsLinux())
            return Path.Exists(path) ? File.GetCreationTimeUtc(path).Ticks.ToString(CultureInfo.InvariantCulture) : null;
        Span<byte> told = stackalloc byte[Size];
        return StatX(WorkingFolder, path, 0, InodeAlone, ref MemoryMarshal.GetReference(told)) != 0
            ? null
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{BinaryPrimitives.ReadUInt64LittleEndian(told[Inode..])} on {Convert.ToHexStringLower(told.Slice(Device, sizeof(uint) * 2))}");
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatX(int folder, string path, int flags, uint mask, ref byte told);
}
