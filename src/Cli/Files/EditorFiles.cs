using System.IO.Hashing;
using System.Text;
using Mtlc.Cli.Errors;
using Mtlc.Dsl.Text;
using Mtlc.LanguageServer.Documents;
using Mtlc.Runtime.Machine;

namespace Mtlc.Cli.Files;

/// <summary>The disk as the language server sees it: what cannot be read is not there.</summary>
static class EditorFiles
{
    const int MostPrograms = 2_000;

    public static WorkspaceFiles Create()
    {
        var copies = new Dictionary<string, string?>(StringComparer.Ordinal);
        return new(
            Read,
            Stamp,
            Programs,
            Entries,
            source =>
            {
                lock (copies)
                    return copies.TryGetValue(source.Path, out var known) ? known : copies[source.Path] = Copy(source);
            }
        );
    }

    static SourceText? Read(string path)
    {
        try
        {
            return UserText.TryRead(path);
        }
        catch (Failure)
        {
            return null;
        }
    }

    static string? Stamp(string path)
    {
        try
        {
            var file = new FileInfo(path);
            return file.Exists ? FormattableString.Invariant($"{file.LastWriteTimeUtc.Ticks}:{file.Length}") : null;
        }
        catch (Exception exception)
            when (exception is UnauthorizedAccessException or IOException or ArgumentException or NotSupportedException)
        {
            return null;
        }
    }

    static List<string> Programs(string folder)
    {
        try
        {
            return Directory.Exists(folder) ? [.. ProgramFiles.In(folder).Take(MostPrograms)] : [];
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException or Failure)
        {
            return [];
        }
    }

    static List<string> Entries(string folder)
    {
        try
        {
            return
            [
                .. Directory
                    .EnumerateDirectories(folder)
                    .Select(d => Path.GetFileName(d) + "/")
                    .Concat(Directory.EnumerateFiles(folder).Select(f => Path.GetFileName(f)!))
                    .Take(MostPrograms)
                    .Order(StringComparer.Ordinal),
            ];
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException or ArgumentException)
        {
            return [];
        }
    }

    /// <summary>A file of the standard library in the cache folder, for reading; another version of it is another
    /// folder.</summary>
    static string? Copy(SourceText source)
    {
        try
        {
            var version = Convert.ToHexStringLower(XxHash64.Hash(Encoding.UTF8.GetBytes(source.Content)));
            var folder = Path.Combine(CacheFolder.Of("library"), version);
            var path = Path.Combine(folder, Path.GetFileName(source.Path));
            if (File.Exists(path) && Read(path)?.Content == source.Content)
                return path;
            Directory.CreateDirectory(folder);
            var temporary = path + FormattableString.Invariant($".{Environment.ProcessId}.tmp");
            File.WriteAllText(temporary, source.Content);
            File.SetAttributes(temporary, FileAttributes.ReadOnly);
            File.Move(temporary, path, overwrite: true);
            return path;
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException)
        {
            return null;
        }
    }
}
