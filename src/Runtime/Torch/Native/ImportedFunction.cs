using System.Runtime.InteropServices;

namespace Mtlc.Runtime.Torch.Native;

/// <summary>Leads one library's calls of a function, and no other's, to another function, see
/// <see cref="LibraryImports"/>.</summary>
static unsafe class ImportedFunction
{
    // sys/mman.h
    const int Read = 1,
        Write = 2;

    /// <param name="library">As <see cref="NativeLibrary.Load(string)"/> gave it.</param>
    /// <returns>Whether the library imports the function and now calls the other one.</returns>
    public static bool Redirect(nint library, string function, nint to)
    {
        var found = false;
        foreach (var import in LibraryImports.Of(library))
        {
            if (import.Is(function))
                found |= Put((nint*)import.Slot, to);
        }
        return found;
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
    static extern int mprotect(nint page, nint length, int access);
}
