using System.Text;
using Mtlc.Cli.Errors;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Text;
using Mtlc.Runtime.Files;

namespace Mtlc.Cli.Files;

/// <summary>Reads text files that a user named; whatever is wrong with one is said in a line.</summary>
static class UserText
{
    /// <summary>The longest program in sight has 200 lines; what is larger than this is another kind of file.</summary>
    public const long LargestFile = 8 << 20;

    const int MostNeighbours = 5_000;

    /// <summary>Never null: what cannot be read ends the command with exit code 74.</summary>
    /// <exception cref="Failure">Missing, a folder, unreadable, too large, not UTF-8.</exception>
    public static SourceText Read(string path)
    {
        if (path.Length == 0)
            throw Failure.Usage("the program's path is empty", "name an .mtl file");
        using (var pipe = RegularFile.OpenOwnPipe(path))
        {
            if (pipe is not null)
                return new(path, Decode(path, ReadBounded(path, pipe)));
        }
        if (Directory.Exists(path))
            throw Failure.InputOutput($"'{path}' is a folder, not a program", ProgramsIn(path));
        return TryRead(path) ?? throw Missing(path, "no file");
    }

    /// <summary>The text of a file, or null where there is none.</summary>
    /// <exception cref="Failure">There is a file, but it cannot be read as text.</exception>
    public static SourceText? TryRead(string path)
    {
        if (path.Length == 0 || Directory.Exists(path))
            return null;
        byte[] bytes;
        try
        {
            var file = new FileInfo(path);
            if (!file.Exists)
                return null;
            if (file.Length > LargestFile)
                throw Failure.InputOutput($"'{path}' has {file.Length >> 20} MB; programs end at {LargestFile >> 20} MB");
            bytes = file.Length > 0 ? RegularFile.ReadAllBytes(path) : ReadBounded(path, RegularFile.OpenRead(path));
        }
        catch (NotAFileException exception)
        {
            throw Failure.InputOutput($"'{path}' is {exception.Kind}, not a file", "only files are read: put the text into one");
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException)
        {
            throw Failure.InputOutput($"'{path}' cannot be read: {exception.Message}");
        }
        return new(path, Decode(path, bytes)) { Identity = RegularFile.IdentityOf(path) };
    }

    /// <summary><see cref="TryRead"/> that reads each file once, so that all that is compiled of it sees the same text.</summary>
    public static Func<string, SourceText?> Remembering()
    {
        var known = new Dictionary<string, SourceText?>(StringComparer.Ordinal);
        return path => known.TryGetValue(path, out var text) ? text : known[path] = TryRead(path);
    }

    /// <summary>The text of standard input, called `-`.</summary>
    /// <exception cref="Failure">Too large, or not UTF-8.</exception>
    public static SourceText ReadInput() => new("-", Decode("-", ReadBounded("-", Console.OpenStandardInput())));

    /// <summary>
    /// Puts another text in a file's place, whole or not at all. The file keeps its permissions and a byte order mark; where the
    /// path is a symbolic link, the file that it leads to is written. </summary>
    public static void Replace(string path, string text)
    {
        var target = File.ResolveLinkTarget(Path.GetFullPath(path), returnFinalTarget: true)?.FullName ?? Path.GetFullPath(path);
        var temporary = Path.Combine(Path.GetDirectoryName(target)!, $".{Path.GetFileName(target)}.{Environment.ProcessId}.tmp");
        try
        {
            File.WriteAllText(temporary, text, new UTF8Encoding(encoderShouldEmitUTF8Identifier: HasByteOrderMark(target)));
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(temporary, File.GetUnixFileMode(target));
            File.Move(temporary, target, overwrite: true);
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException)
        {
            File.Delete(temporary);
            throw;
        }
    }

    static bool HasByteOrderMark(string path)
    {
        using var stream = RegularFile.OpenRead(path);
        var first = new byte[3];
        return stream.ReadAtLeast(first, 3, throwOnEndOfStream: false) == 3 && first is [0xEF, 0xBB, 0xBF];
    }

    // Pipes and the files of /proc do not tell how much they have.
    static byte[] ReadBounded(string path, Stream opened)
    {
        using var stream = opened;
        var bytes = new byte[LargestFile + 1];
        var length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return length <= LargestFile
            ? bytes[..length]
            : throw Failure.InputOutput($"'{path}' has more than {LargestFile >> 20} MB; programs end there");
    }

    /// <summary>What to say of a path that leads nowhere: the folder that is missing, or the name that was probably
    /// meant.</summary>
    public static Failure Missing(string path, string what)
    {
        var folder = Path.GetDirectoryName(path) is { Length: > 0 } parent ? parent : ".";
        if (!Directory.Exists(folder))
            return Failure.InputOutput($"{what} '{path}': there is no folder '{folder}'");
        var near = Suggestions.Closest(Path.GetFileName(path), Neighbours(folder)) ?? Extended(path);
        return Failure.InputOutput(
            $"{what} '{path}'",
            near is null ? null : $"did you mean '{Path.Combine(Path.GetDirectoryName(path) ?? "", near)}'?"
        );
    }

    static string? Extended(string path) => File.Exists(path + ".mtl") ? Path.GetFileName(path) + ".mtl" : null;

    static List<string> Neighbours(string folder)
    {
        try
        {
            return [.. Directory.EnumerateFileSystemEntries(folder).Take(MostNeighbours).Select(p => Path.GetFileName(p)!)];
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException)
        {
            return [];
        }
    }

    static string? ProgramsIn(string folder)
    {
        var programs = Neighbours(folder)
            .Where(n => n.EndsWith(".mtl", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .ToList();
        return programs.Count switch
        {
            0 => null,
            <= 4 => $"it holds {string.Join(", ", programs.Select(p => $"'{Path.Combine(folder, p)}'"))}",
            _ => $"it holds '{Path.Combine(folder, programs[0])}' and {programs.Count - 1} more",
        };
    }

    static string Decode(string path, byte[] bytes)
    {
        if (bytes is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..])
            throw Failure.InputOutput($"'{path}' is UTF-16", "save it as UTF-8");
        var start = bytes is [0xEF, 0xBB, 0xBF, ..] ? 3 : 0;
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes, start, bytes.Length - start);
        }
        catch (DecoderFallbackException exception)
        {
            // The index is relative to the decoded part and points just past valid text.
            var line = 1 + bytes.AsSpan(0, Math.Clamp(start + exception.Index, 0, bytes.Length)).Count((byte)'\n');
            throw Failure.InputOutput(
                $"'{path}' is not UTF-8: line {line} has a byte that no UTF-8 text has there",
                "save it as UTF-8"
            );
        }
    }
}
