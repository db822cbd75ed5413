using System.Runtime.InteropServices;

namespace Mtlc.Runtime.Torch.Native;

/// <summary>What the dynamic loader keeps of a library (link.h): where it lies, its file's name, and its dynamic
/// section.</summary>
readonly unsafe record struct LinkMap(nint Base, nint Name, nint Dynamic)
{
    const int Request = 2; // RTLD_DI_LINKMAP of dlfcn.h

    /// <param name="library">As <see cref="NativeLibrary.Load(string)"/> gave it.</param>
    /// <returns>null where the system has no such table.</returns>
    public static LinkMap? Of(nint library)
    {
        LinkMap* map;
        return OperatingSystem.IsLinux() && Environment.Is64BitProcess && dlinfo(library, Request, &map) == 0 ? *map : null;
    }

    [DllImport("libc.so.6")]
    static extern int dlinfo(nint library, int request, LinkMap** result);
}
