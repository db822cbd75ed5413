#nullable enable
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

/// <summary>
/// Leaves out of an ELF library the table of symbols that only debuggers read, and its strings. The dynamic loader has a table of its
/// own (.dynsym). Format: "ELF-64 Object File Format" 1.5. </summary>
/// <remarks>Compiled by MSBuild against .NET Standard 2.0 and by the tests, which define NO_MSBUILD.</remarks>
public static class ElfSymbols
{
    const int HeaderSize = 64; // Elf64_Ehdr
    const int OffsetInHeader = 40; // e_shoff
    const uint Nothing = 0,
        SymbolTable = 2,
        NoBits = 8; // sh_type
    const uint Load = 1; // p_type

    /// <summary>Copies <paramref name="source"/>, a 64-bit little-endian ELF file, to <paramref name="target"/> without its table of
    /// symbols. What lies behind it moves forward by whole pages, so that the loader maps each page as before; the sections keep
    /// their numbers.</summary>
    /// <returns>The bytes saved; zero where there is no such table, and the copy then equals the source.</returns>
    /// <exception cref="InvalidDataException">The bytes are no such file, or a damaged one.</exception>
    public static long Strip(Stream source, Stream target)
    {
        try
        {
            return Copy(source, target);
        }
        catch (Exception e) when (e is ArgumentException or OverflowException or EndOfStreamException)
        {
            throw new InvalidDataException("the file is damaged: one of its tables points outside it", e);
        }
    }

    static long Copy(Stream source, Stream target)
    {
        var header = Read(source, 0, HeaderSize);
        if (BitConverter.ToUInt32(header, 0) != 0x464c457f || header[4] != 2 || header[5] != 1)
            throw new InvalidDataException("not a 64-bit little-endian ELF file");
        var programs = Table(source, header, 32, 54, 56);
        var sections = Table(source, header, OffsetInHeader, 58, 60);

        var symbols = sections.FirstOrDefault(s => Type(s) == SymbolTable);
        if (symbols is null)
            return Unchanged(source, target);
        // The strings lie behind the symbols, and nothing between or in them; else all stays as it is.
        var strings = sections[checked((int)BitConverter.ToUInt32(symbols, 40))];
        long start = Offset(symbols),
            end = Offset(strings) + Size(strings);
        bool IsKept(byte[] section) => section != symbols && section != strings && Type(section) is not (Nothing or NoBits);
        if (
            end > source.Length
            || end <= start
            || Offset(strings) < start + Size(symbols)
            || sections.Any(s => IsKept(s) && Offset(s) < end && Offset(s) + Size(s) > start)
            || sections.Any(s => s != symbols && Type(s) != Nothing && BitConverter.ToUInt32(s, 40) == sections.IndexOf(strings))
        )
            return Unchanged(source, target);
        var page = programs.Where(p => BitConverter.ToUInt32(p, 0) == Load).Max(p => BitConverter.ToInt64(p, 48));
        var saved = (end - start) / page * page;

        foreach (var program in programs.Where(p => BitConverter.ToInt64(p, 8) >= end))
            Put(program, 8, BitConverter.ToInt64(program, 8) - saved);
        foreach (var section in sections.Where(s => Offset(s) >= end))
            Put(section, 24, Offset(section) - saved);
        foreach (var gone in new[] { symbols, strings })
            Array.Clear(gone, 4, gone.Length - 4); // all but the name
        var place = BitConverter.ToInt64(header, OffsetInHeader);
        if (place >= start && place < end)
            return Unchanged(source, target);
        var moved = place >= end ? place - saved : place;
        Put(header, OffsetInHeader, moved);

        Part(source, target, 0, start);
        Part(source, target, start + saved, source.Length);
        Write(target, 0, [header]);
        Write(target, BitConverter.ToInt64(header, 32), programs);
        Write(target, moved, sections);
        return saved;
    }

    static long Unchanged(Stream source, Stream target)
    {
        Part(source, target, 0, source.Length);
        return 0;
    }

    static List<byte[]> Table(Stream source, byte[] header, int offset, int size, int count)
    {
        var start = BitConverter.ToInt64(header, offset);
        int length = BitConverter.ToUInt16(header, size),
            entries = BitConverter.ToUInt16(header, count);
        return [.. Enumerable.Range(0, entries).Select(i => Read(source, start + (long)i * length, length))];
    }

    static uint Type(byte[] section) => BitConverter.ToUInt32(section, 4);

    static long Offset(byte[] section) => BitConverter.ToInt64(section, 24);

    static long Size(byte[] section) => BitConverter.ToInt64(section, 32);

    static void Put(byte[] entry, int offset, long value) => BitConverter.GetBytes(value).CopyTo(entry, offset);

    static byte[] Read(Stream source, long offset, int length)
    {
        var bytes = new byte[length];
        source.Position = offset;
        for (int done = 0, now; done < length; done += now)
            if ((now = source.Read(bytes, done, length - done)) == 0)
                throw new EndOfStreamException();
        return bytes;
    }

    static void Write(Stream target, long offset, List<byte[]> entries)
    {
        target.Position = offset;
        foreach (var entry in entries)
            target.Write(entry, 0, entry.Length);
    }

    static void Part(Stream source, Stream target, long start, long end)
    {
        source.Position = start;
        var block = new byte[1 << 20];
        for (var left = end - start; left > 0; )
        {
            var now = source.Read(block, 0, (int)Math.Min(block.Length, left));
            if (now == 0)
                throw new EndOfStreamException();
            target.Write(block, 0, now);
            left -= now;
        }
    }
}

#if !NO_MSBUILD
/// <summary>Writes to <see cref="Target"/> a copy of <see cref="Source"/> without its table of symbols.</summary>
public sealed class StripSymbols : Microsoft.Build.Utilities.Task
{
    [Microsoft.Build.Framework.Required]
    public string Source { get; set; } = "";

    [Microsoft.Build.Framework.Required]
    public string Target { get; set; } = "";

    public override bool Execute()
    {
        // Through a temporary file: whoever maps the old one keeps it, and nobody sees half a library.
        var partial = Target + "." + Guid.NewGuid().ToString("N") + ".tmp";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Target)!);
            using (var source = File.OpenRead(Source))
            using (var target = File.Create(partial))
                Log.LogMessage("{0}: {1} bytes less than {2}", Target, ElfSymbols.Strip(source, target), Source);
            File.Delete(Target);
            File.Move(partial, Target);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            Log.LogError("Cannot make a copy of {0} without its symbols at {1}: {2}", Source, Target, e.Message);
            File.Delete(partial);
        }

        return !Log.HasLoggedErrors;
    }
}
#endif
