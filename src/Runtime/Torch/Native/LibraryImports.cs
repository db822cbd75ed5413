using System.Runtime.InteropServices;

namespace Mtlc.Runtime.Torch.Native;

/// <summary>
/// What a loaded library imports by name, and where it keeps the addresses: its relocations and its global offset table (System V
/// ABI, AMD64 supplement, chapters 4 and 5). </summary>
static unsafe class LibraryImports
{
    // elf.h
    const long Relocations = 7,
        RelocationBytes = 8,
        Strings = 5,
        Symbols = 6,
        JumpRelocations = 23,
        JumpRelocationBytes = 2;
    const int Weak = 2;

    /// <param name="Slot">Where the address lies.</param>
    /// <param name="IsOwn">The library defines the symbol itself; another one before it may still be taken.</param>
    /// <param name="IsWeak">It may be missing.</param>
    public readonly record struct Import(nint Slot, nint Name, bool IsOwn, bool IsWeak)
    {
        public bool Is(string name)
        {
            var text = (byte*)Name;
            foreach (var letter in name)
            {
                if (*text++ != letter)
                    return false;
            }
            return *text == 0;
        }

        public override string ToString() => Marshal.PtrToStringUTF8(Name)!;
    }

    readonly record struct Entry(long Tag, nint Value);

    readonly record struct Relocation(nint Offset, ulong Info, long Addend);

    readonly record struct Symbol(uint Name, byte Info, byte Other, ushort Section, nint Value, ulong Size);

    /// <param name="library">As <see cref="NativeLibrary.Load(string)"/> gave it.</param>
    /// <returns>None where the system keeps such tables otherwise.</returns>
    public static List<Import> Of(nint library)
    {
        List<Import> found = [];
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64 || LinkMap.Of(library) is not { } map)
            return found;
        var entries = new Dictionary<long, nint>();
        for (var entry = (Entry*)map.Dynamic; entry->Tag != 0; entry++)
            entries[entry->Tag] = entry->Value;
        foreach (var (table, bytes) in new[] { (Relocations, RelocationBytes), (JumpRelocations, JumpRelocationBytes) })
        {
            var relocations = (Relocation*)entries.GetValueOrDefault(table);
            for (var i = 0; i < (int)(entries.GetValueOrDefault(bytes) / sizeof(Relocation)); i++)
            {
                if ((int)(relocations[i].Info >> 32) is var index and not 0)
                {
                    var symbol = ((Symbol*)entries[Symbols])[index];
                    var (slot, name) = (map.Base + relocations[i].Offset, entries[Strings] + (nint)symbol.Name);
                    found.Add(new(slot, name, symbol.Section != 0, symbol.Info >> 4 == Weak));
                }
            }
        }
        return found;
    }
}
