using System.Buffers;
using System.IO.MemoryMappedFiles;
using Mtlc.Runtime.Files;

namespace Mtlc.Runtime.Weights;

/// <summary>A file's bytes as memory, of which the system reads what is looked at. For a moment only: the file must not become
/// shorter meanwhile.</summary>
sealed unsafe class MappedFile : MemoryManager<byte>
{
    readonly MemoryMappedFile? file;
    readonly MemoryMappedViewAccessor? view;
    readonly byte* start;
    readonly int length;

    /// <exception cref="IOException">It cannot be read.</exception>
    public MappedFile(string path)
    {
        RegularFile.Require(path);
        length = checked((int)new FileInfo(path).Length);
        if (length == 0)
            return; // of nothing there is no map
        file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, mapName: null, capacity: 0, MemoryMappedFileAccess.Read);
        view = file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        start += view.PointerOffset;
    }

    public override Span<byte> GetSpan() => new(start, length);

    public override MemoryHandle Pin(int elementIndex = 0) => new(start + elementIndex);

    public override void Unpin() { }

    protected override void Dispose(bool disposing)
    {
        view?.SafeMemoryMappedViewHandle.ReleasePointer();
        view?.Dispose();
        file?.Dispose();
    }
}
