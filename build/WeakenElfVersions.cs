#nullable enable
using System;
using System.Collections.Generic;
using System.IO;
using System.Text;

/// <summary>
/// Marks as weak each symbol version that an ELF library asks of another library and uses in no relocation. The dynamic loader
/// refuses a library whose required version is missing, used or not; a weak one it lets pass. Nothing can then miss a symbol,
/// since none is bound to the version. Format: "ELF-64 Object File Format" 1.5 and "Linux Standard Base Core 5.0", chapter 10.7
/// (symbol versioning). </summary>
/// <remarks>Compiled by MSBuild against .NET Standard 2.0 and by the tests, which define NO_MSBUILD.</remarks>
public static class ElfVersions
{
    const ushort Weak = 0x2; // VER_FLG_WEAK
    const ushort VersionMask = 0x7fff; // the top bit of a .gnu.version entry says "hidden"
    const uint Load = 1,
        Dynamic = 2; // p_type
    const int RelocationSize = 24; // Elf64_Rela: r_offset, r_info, r_addend

    // d_tag
    const ulong StringTable = 5,
        Relocations = 7,
        RelocationsSize = 8,
        PltRelocations = 23,
        PltRelocationsSize = 2;
    const ulong VersionTable = 0x6ffffff0,
        VersionsNeeded = 0x6ffffffe,
        VersionsNeededCount = 0x6fffffff;

    /// <summary>Changes <paramref name="image"/>, the bytes of a 64-bit little-endian ELF file, in place.</summary>
    /// <param name="library">The library asked, as the file names it: <c>libstdc++.so.6</c>.</param>
    /// <returns>The versions newly marked; empty if there were none, so a second call changes nothing.</returns>
    /// <exception cref="InvalidDataException">The bytes are no such file, or a damaged one.</exception>
    public static IReadOnlyList<string> WeakenUnused(byte[] image, string library)
    {
        try
        {
            return Weaken(image, library);
        }
        catch (Exception e) when (e is ArgumentException or OverflowException or IndexOutOfRangeException or KeyNotFoundException)
        {
            throw new InvalidDataException("the file is damaged: one of its tables points outside it", e);
        }
    }

    static List<string> Weaken(byte[] image, string library)
    {
        if (image.Length < 64 || U32(image, 0) != 0x464c457f || image[4] != 2 || image[5] != 1)
            throw new InvalidDataException("not a 64-bit little-endian ELF file");

        var weakened = new List<string>();
        var segments = Segments(image);
        var dynamic = DynamicTable(image, segments);
        if (!dynamic.TryGetValue(VersionsNeeded, out var needs))
            return weakened;

        var strings = Offset(segments, dynamic[StringTable]);
        var used = VersionsUsed(image, segments, dynamic);

        // Elf64_Verneed: vn_version, vn_cnt (16 bits), vn_file, vn_aux, vn_next; Elf64_Vernaux: vna_hash (32), vna_flags,
        // vna_other (16), vna_name, vna_next (32). Each "next" is the distance to the following entry.
        foreach (var need in Chain(image, Offset(segments, needs), dynamic[VersionsNeededCount]))
        {
            if (Text(image, strings + U32(image, need + 4)) != library)
                continue;
            foreach (var version in Chain(image, need + U32(image, need + 8), U16(image, need + 2)))
            {
                var flags = U16(image, version + 4);
                if ((flags & Weak) != 0 || used.Contains((ushort)(U16(image, version + 6) & VersionMask)))
                    continue;
                image[version + 4] |= (byte)Weak;
                weakened.Add(Text(image, strings + U32(image, version + 8)));
            }
        }

        return weakened;
    }

    static IEnumerable<long> Chain(byte[] image, long first, ulong count)
    {
        var entry = first;
        for (ulong i = 0, next = 1; i < count && next != 0; i++)
        {
            yield return entry;
            entry += (long)(next = U32(image, entry + 12));
        }
    }

    static HashSet<ushort> VersionsUsed(byte[] image, List<Segment> segments, Dictionary<ulong, ulong> dynamic)
    {
        var used = new HashSet<ushort>();
        var versions = Offset(segments, dynamic[VersionTable]);
        foreach (var (table, size) in new[] { (Relocations, RelocationsSize), (PltRelocations, PltRelocationsSize) })
        {
            if (!dynamic.TryGetValue(table, out var address))
                continue;
            var start = Offset(segments, address);
            for (var r = start; r < start + (long)dynamic[size]; r += RelocationSize)
            {
                var symbol = U32(image, r + 12); // the upper half of r_info
                if (symbol != 0)
                    used.Add((ushort)(U16(image, versions + 2L * symbol) & VersionMask));
            }
        }

        return used;
    }

    readonly struct Segment
    {
        public readonly uint Type;
        public readonly ulong FileOffset,
            Address,
            FileSize;

        public Segment(byte[] image, long header)
        {
            Type = U32(image, header);
            FileOffset = U64(image, header + 8);
            Address = U64(image, header + 16);
            FileSize = U64(image, header + 32);
            if (Type is Load or Dynamic && (FileOffset > (ulong)image.Length || FileSize > (ulong)image.Length - FileOffset))
                throw new InvalidDataException("the file is truncated");
        }
    }

    static List<Segment> Segments(byte[] image)
    {
        var segments = new List<Segment>();
        long header = (long)U64(image, 32),
            size = U16(image, 54),
            count = U16(image, 56);
        for (var i = 0; i < count; i++)
            segments.Add(new Segment(image, header + i * size));
        return segments;
    }

    static Dictionary<ulong, ulong> DynamicTable(byte[] image, List<Segment> segments)
    {
        var entries = new Dictionary<ulong, ulong>();
        foreach (var segment in segments)
        {
            if (segment.Type != Dynamic)
                continue;
            var start = (long)segment.FileOffset;
            for (var p = start; p < start + (long)segment.FileSize && U64(image, p) != 0; p += 16)
                entries[U64(image, p)] = U64(image, p + 8);
        }

        return entries;
    }

    static long Offset(List<Segment> segments, ulong address)
    {
        foreach (var s in segments)
            if (s.Type == Load && address >= s.Address && address - s.Address < s.FileSize)
                return (long)(address - s.Address + s.FileOffset);
        throw new InvalidDataException($"the file is damaged: address 0x{address:x} lies in no segment");
    }

    static string Text(byte[] image, long offset)
    {
        var start = checked((int)offset);
        var length = Array.IndexOf(image, (byte)0, start) - start;
        return Encoding.ASCII.GetString(image, start, length);
    }

    static ushort U16(byte[] image, long offset) => BitConverter.ToUInt16(image, checked((int)offset));

    static uint U32(byte[] image, long offset) => BitConverter.ToUInt32(image, checked((int)offset));

    static ulong U64(byte[] image, long offset) => BitConverter.ToUInt64(image, checked((int)offset));
}

#if !NO_MSBUILD
/// <summary>Writes to <see cref="Target"/> a copy of <see cref="Source"/> with its unused versions of <see cref="Library"/>
/// weak.</summary>
public sealed class WeakenElfVersions : Microsoft.Build.Utilities.Task
{
    [Microsoft.Build.Framework.Required]
    public string Source { get; set; } = "";

    [Microsoft.Build.Framework.Required]
    public string Library { get; set; } = "";

    [Microsoft.Build.Framework.Required]
    public string Target { get; set; } = "";

    public override bool Execute()
    {
        try
        {
            var image = File.ReadAllBytes(Source);
            var weakened = ElfVersions.WeakenUnused(image, Library);

            // Through a temporary file: whoever maps the old one keeps it, and nobody sees half a library.
            Directory.CreateDirectory(Path.GetDirectoryName(Target)!);
            var partial = Target + "." + Guid.NewGuid().ToString("N") + ".tmp";
            File.WriteAllBytes(partial, image);
            File.Delete(Target);
            File.Move(partial, Target);
            Log.LogMessage("{0}: weakened {1}", Target, weakened.Count == 0 ? "nothing" : string.Join(", ", weakened));
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            Log.LogError("Cannot make a loadable copy of {0} at {1}: {2}", Source, Target, e.Message);
        }

        return !Log.HasLoggedErrors;
    }
}
#endif
