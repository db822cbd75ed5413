using System.Runtime.InteropServices;

namespace Mtlc.Runtime.Torch.Native;

/// <summary>
/// Where a loaded library keeps the addresses of functions that it imports: its global offset table (System V ABI, AMD64 supplement,
/// chapter 5). Writing there leads that library's calls, and no other's, to another function.
/// </summary>
static unsafe class ImportedFunction
{
    // elf.h, dlfcn.h, sys/mman.h
    const long Relocations = 7, RelocationBytes = 8, Strings = 5, Symbols = 6, JumpRelocations = 23, JumpRelocationBytes = 2;
    const int SymbolSize = 24, LinkMap = 2, Read = 1, Write = 2;

    readonly record struct Map(nint Base, nint Name, nint Dynamic);

    readonly record struct Entry(long Tag, nint Value);

    readonly record struct Relocation(nint Offset, ulong Info, long Addend);

    /// <param name="library">As <see cref="NativeLibrary.Load(string)"/> gave it.</param>
    /// <returns>Whether the library imports the function and now calls the other one.</returns>
    public static bool Redirect(nint library, string function, nint to)
    {
        Map* map;
        if (!Environment.Is64BitProcess || dlinfo(library, LinkMap, &map) != 0)
            return false;
        var entries = new Dictionary<long, nint>();
        for (var entry = (Entry*)map->Dynamic; entry->Tag != 0; entry++)
            entries[entry->Tag] = entry->Value;
        var found = false;
        foreach (var (table, bytes) in new[] { (Relocations, RelocationBytes), (JumpRelocations, JumpRelocationBytes) })
        {
            var relocations = (Relocation*)entries.GetValueOrDefault(table);
            for (var i = 0; i < (int)(entries.GetValueOrDefault(bytes) / sizeof(Relocation)); i++)
            {
                var symbol = (nint)(relocations[i].Info >> 32);
                if (symbol != 0 && Is((byte*)entries[Strings] + *(uint*)(entries[Symbols] + SymbolSize * symbol), function))
                    found |= Put((nint*)(map->Base + relocations[i].Offset), to);
            }
        }
        return found;
    }

    static bool Is(byte* text, string name)
    {
        foreach (var letter in name)
        {
            if (*text++ != letter)
                return false;
        }
        return *text == 0;
    }

    // The loader may have made the table read-only after filling it; it stays writable, for its page may hold what must be.
    static bool Put(nint* slot, nint value)
    {
        var page = (nint)slot & ~(nint)(Environment.SystemPageSize - 1);
        if (mprotect(page, Environment.SystemPageSize, Read | Write) != 0)
            return false;
        *slot = value;
        return true;
    }

    [DllImport("libc.so.6")]
    static extern int dlinfo(nint library, int request, Map** result);

    [DllImport("libc.so.6")]
    static extern int mprotect(nint page, nint length, int access);
}
