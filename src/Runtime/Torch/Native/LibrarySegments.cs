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
        public nint Base;
        public Header* Headers;
        public int Count;
    }

    /// <param name="library">As <see cref="NativeLibrary.Load(string)"/> gave it.</param>
    public static List<(nint Start, nint Length)> Zeroed(nint library)
    {
        if (LinkMap.Of(library) is not { } map)
            return [];
        var search = new Search { Base = map.Base };
        _ = dl_iterate_phdr(&Compare, &search);
        var found = new List<(nint, nint)>();
        for (var i = 0; i < search.Count; i++)
        {
            var h = search.Headers[i];
            if (h.Type == Load && (h.Flags & Writable) != 0 && h.BytesInMemory > h.BytesInFile)
                found.Add((search.Base + (nint)(h.Address + h.BytesInFile), (nint)(h.BytesInMemory - h.BytesInFile)));
        }
        return found;
    }

    // Nothing here can throw.
    [UnmanagedCallersOnly]
    static int Compare(Library* library, nuint size, Search* search)
    {
        if (library->Base != search->Base)
            return 0;
        search->Headers = library->Headers;
        search->Count = library->Count;
        return 1;
    }

    [DllImport("libc.so.6")]
    static extern int dl_iterate_phdr(delegate* unmanaged<Library*, nuint, Search*, int> callback, Search* search);
}
