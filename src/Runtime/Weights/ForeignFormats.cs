using System.Text;

namespace Mtlc.Runtime.Weights;

/// <summary>What a file is that was taken for weights, by its first bytes.</summary>
static class ForeignFormats
{
    /// <summary>For the sentence "this is ...".</summary>
    /// <param name="start">At least the first 512 bytes, or all.</param>
    public static string Describe(ReadOnlySpan<byte> start)
    {
        foreach (var (magic, what) in Known)
        {
            if (start.StartsWith(magic))
                return what;
        }
        return start switch
        {
            [] => "no file of torch.save: it is empty",
            _ when start.Length > 262 && start[257..].StartsWith("ustar"u8) =>
                "a tar archive: unpack it, or load it with PyTorch and save the state dict again",
            _ => "no file of torch.save: it starts neither as a zip archive nor with PyTorch's magic number",
        };
    }

    const string WebPage = "no file of torch.save but a web page, which a download that failed has left";

    static readonly (byte[] Magic, string What)[] Known =
    [
        ([0x1f, 0x8b], "a gzip archive: unpack it first"),
        ([0x28, 0xb5, 0x2f, 0xfd], "a zstd archive: unpack it first"),
        ([0xfd, .. "7zXZ"u8], "an xz archive: unpack it first"),
        ([.. "7z"u8, 0xbc, 0xaf], "a 7z archive: unpack it first"),
        ([0x89, .. "HDF"u8], "an HDF5 file, as Keras writes: convert it to .safetensors"),
        ([0x93, .. "NUMPY"u8], "an array of NumPy: convert it to .safetensors"),
        ([.. "GGUF"u8], "a GGUF file: convert it to .safetensors"),
        (
            Encoding.ASCII.GetBytes("version https://git-lfs"),
            "a pointer of Git LFS, not the file that it stands for: 'git lfs pull' fetches it"
        ),
        (Encoding.ASCII.GetBytes("<!DOCTYPE"), WebPage),
        (Encoding.ASCII.GetBytes("<!doctype"), WebPage),
        (Encoding.ASCII.GetBytes("<html"), WebPage),
    ];
}
