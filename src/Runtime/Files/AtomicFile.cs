using System.Runtime.InteropServices;

namespace Mtlc.Runtime.Files;

/// <summary>
/// Files that are there whole or not at all, also after a power cut: written beside their place, flushed to the disk, renamed
/// over it, and the folder flushed so that the rename itself lasts (Pillai et al. 2014, "All File Systems Are Not Created
/// Equal"). </summary>
static partial class AtomicFile
{
    public static void Write(string path, Action<Stream> write)
    {
        Replace(path, write, durably: true);
        FlushFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    /// <summary>The same without waiting for the disk, for what is made again where it turns out to be damaged.</summary>
    public static void WriteSoon(string path, Action<Stream> write) => Replace(path, write, durably: false);

    static void Replace(string path, Action<Stream> write, bool durably)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var temporary = Path.Combine(folder, $".{Path.GetFileName(path)}.{Environment.ProcessId}.tmp");
        try
        {
            WriteNew(temporary, write, durably);
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    public static void WriteText(string path, string text) =>
        Write(path, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(text)));

    /// <summary>Writes a new file and flushes it to the disk.</summary>
    public static void WriteDurably(string path, Action<Stream> write) => WriteNew(path, write, durably: true);

    static void WriteNew(string path, Action<Stream> write, bool durably)
    {
        using var stream = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16);
        write(stream);
        stream.Flush(flushToDisk: durably);
    }

    /// <summary>Makes a folder, and those above it that are missing, so that they last.</summary>
    public static void CreateFolder(string path)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (Directory.Exists(full) || Path.GetDirectoryName(full) is not { } parent)
            return;
        CreateFolder(parent);
        Directory.CreateDirectory(full);
        FlushFolder(parent);
    }

    /// <summary>Makes one folder, below one that is there, unless something has its name already: whoever makes it, made it
    /// alone.</summary>
    /// <returns>Whether this call made it.</returns>
    public static bool TryMakeFolder(string path)
    {
        if (OperatingSystem.IsWindows() ? CreateDirectory(Path.GetFullPath(path), 0) : MakeDirectory(path, EveryPermission) == 0)
            return true;
        if (Marshal.GetLastPInvokeError() is FileExists or AlreadyExists)
            return false;
        throw new IOException($"{path}: cannot be made: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    // EEXIST and ERROR_ALREADY_EXISTS; 0777, of which the process's umask takes what it takes.
    const int FileExists = 17,
        AlreadyExists = 183,
        EveryPermission = 511;

    /// <summary>Makes creations and renames in a folder last. Windows has no such call and orders them in its journal.</summary>
    public static void FlushFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
            return;
        var descriptor = Open(folder, 0);
        if (descriptor < 0)
            throw new IOException($"{folder}: cannot be opened: {Marshal.GetLastPInvokeErrorMessage()}");
        try
        {
            const int InvalidArgument = 22; // some network file systems cannot flush folders
            if (FSync(descriptor) != 0 && Marshal.GetLastPInvokeError() != InvalidArgument)
                throw new IOException($"{folder}: cannot be flushed to the disk: {Marshal.GetLastPInvokeErrorMessage()}");
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    [LibraryImport("libc", EntryPoint = "mkdir", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakeDirectory(string path, uint mode);

    [LibraryImport("kernel32", EntryPoint = "CreateDirectoryW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool CreateDirectory(string path, nint security);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
