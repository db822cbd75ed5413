using System.Runtime.InteropServices;

namespace Mtlc.Runtime.Torch.Native;

/// <summary>
/// Where a loaded library keeps the variables that start as zeros (.bss), by its own program headers: between the bytes that its
/// file has of a writable segment and the segment's end (System V ABI, chapter 5). That memory stays until the library is
/// unloaded, unlike what lies after it. </summary>
static unsafe class LibrarySegments
{
    // elf.h
    const uint Load = 1,
        Writable = 2;

    [StructLayout(LayoutKind.Sequential)]
    struct Header
    {
        public uint Type,
            Flags;
        public ulong Offset,
            Address,
            PhysicalAddress,
            BytesInFile,
            BytesInMemory,
            Alignment;
    }

    [StructLayout(LayoutKind.Sequential)]
    struct Library
    {
        public nint Base;
        public byte* Name;
        public Header* Headers;
        public ushort Count;
    }

    struct Search
    {
        public nint Inside;
        public Library Found;
    }

    /// <param name="inside">An address in the library: of a function that it has.</param>
    public static List<(nint Start, nint Length)> Zeroed(nint inside)
    {
        var search = new Search { Inside = inside };
        if (OperatingSystem.IsLinux() && Environment.Is64BitProcess)
            _ = dl_iterate_phdr(&Compare, &search);
        var found = new List<(nint, nint)>();
        for (var i = 0; i < search.Found.Count; i++)
        {
            var h = search.Found.Headers[i];
            if (h.Type == Load && (h.Flags & Writable) != 0 && h.BytesInMemory > h.BytesInFile)
                found.Add((search.Found.Base + (nint)(h.Address + h.BytesInFile), (nint)(h.BytesInMemory - h.BytesInFile)));
        }
        return found;
    }

    // Nothing here can throw.
    [UnmanagedCallersOnly]
    static int Compare(Library* library, nuint size, Search* search)
    {
        for (var i = 0; i < library->Count; i++)
        {
            var h = library->Headers[i];
            var start = library->Base + (nint)h.Address;
            if (h.Type != Load || search->Inside < start || search->Inside >= start + (nint)h.BytesInMemory)
                continue;
            search->Found = *library;
            return 1;
        }
        return 0;
    }

    [DllImport("libc.so.6")]
    static extern int dl_iterate_phdr(delegate* unmanaged<Library*, nuint, Search*, int> callback, Search* search);
}
