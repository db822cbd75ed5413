using Mtlc.Runtime.Files;

namespace Mtlc.Runtime.Data.Images;

/// <summary>Whole-file reads of untrusted files: bounded, and every failure a <see cref="DataException"/> that names the
/// file.</summary>
public static class DataFile
{
    /// <summary>No picture, label or depth map of any known data set comes near this many bytes.</summary>
    public const long LargestFile = 512L << 20;

    /// <summary>Pictures of more pixels than this are refused before anything is allocated for them.</summary>
    public const long LargestPicture = 1L << 26;

    /// <exception cref="DataException">The file is missing, unreadable, a folder, or larger than <paramref name="limit"/>
    /// bytes.</exception>
    public static byte[] ReadBytes(string path, long limit = LargestFile) =>
        Read(
            path,
            length =>
                length <= limit
                    ? length
                    : throw new DataException($"{path}: {length} bytes is more than the {limit} that such a file may have")
        );

    /// <summary>A text in UTF-8 without the byte order mark that Windows' editors put before it.</summary>
    internal static ReadOnlyMemory<byte> WithoutMark(byte[] text) => text is [0xEF, 0xBB, 0xBF, ..] ? text.AsMemory(3) : text;

    /// <summary>The first bytes of a file, or all where it has fewer.</summary>
    internal static byte[] ReadStart(string path, int count) => Read(path, length => Math.Min(length, count));

    static byte[] Read(string path, Func<long, long> wanted) =>
        Naming(
            path,
            () =>
            {
                using var handle = RegularFile.OpenHandle(path);
                var length = wanted(RandomAccess.GetLength(handle));
                var bytes = GC.AllocateUninitializedArray<byte>((int)length);
                for (var done = 0; done < bytes.Length; )
                {
                    var read = RandomAccess.Read(handle, bytes.AsSpan(done), done);
                    if (read == 0)
                        throw new DataException($"{path}: the file shrank while it was read");
                    done += read;
                }
                return bytes;
            }
        );

    /// <summary>What <paramref name="access"/> gives; what the system says against it becomes a <see cref="DataException"/> that
    /// names the file.</summary>
    internal static T Naming<T>(string path, Func<T> access)
    {
        try
        {
            return access();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new DataException($"{path}: no such file", e);
        }
        catch (NotAFileException e)
        {
            throw new DataException(e.Message, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new DataException($"{path}: cannot be read ({e.Message})", e);
        }
    }

    /// <summary>Checks a size promised by a header before memory is set aside for it.</summary>
    /// <exception cref="DataException">A side is not positive, or the picture has more than <see cref="LargestPicture"/>
    /// pixels.</exception>
    internal static void CheckSize(string name, long height, long width)
    {
        if (height <= 0 || width <= 0 || height > 1 << 20 || width > 1 << 20 || height * width > LargestPicture)
            throw new DataException(
                $"{name}: its header promises a picture of {height}x{width} pixels (height x width); "
                    + $"each side must be 1 to {1 << 20} and the whole at most {LargestPicture} pixels"
            );
    }
}
