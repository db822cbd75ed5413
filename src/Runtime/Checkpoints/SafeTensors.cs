using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Mtlc.Runtime.Files;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Checkpoints;

/// <summary>The contents of a file of named tensors (https://github.com/huggingface/safetensors), on the CPU.</summary>
public sealed class SafeTensors : IDisposable
{
    SafeTensors(string path, SafeTensorsHeader header, OrderedDictionary<string, Tensor> tensors, string digest) =>
        (Path, Metadata, Tensors, Sha256) = (path, header.Metadata, tensors, digest);

    public string Path { get; }

    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>By name, in the order of the file's data.</summary>
    public IReadOnlyDictionary<string, Tensor> Tensors { get; }

    /// <summary>Of the whole file, in lower-case hexadecimal digits.</summary>
    public string Sha256 { get; }

    /// <summary>Reads a file whole, checking everything that its header promises before any memory is set aside for it.</summary>
    /// <exception cref="RunException">The file is missing, damaged or not a safetensors file; the message names it and what is
    /// wrong.</exception>
    public static SafeTensors Load(string path)
    {
        var tensors = new OrderedDictionary<string, Tensor>();
        try
        {
            using var file = RegularFile.OpenRead(path, buffer: 1 << 16);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var (header, prefix) = SafeTensorsHeader.Read(file, path);
            hash.AppendData(prefix);
            foreach (var entry in header.Entries)
            {
                var tensor = empty(entry.Shape, entry.DType.ToTorch()).DetachFromDisposeScope();
                tensors.Add(entry.Name, tensor);
                if (entry.Length == 0)
                    continue;
                foreach (var part in TensorBytes.Of(tensor))
                {
                    file.ReadExactly(part.Span);
                    hash.AppendData(part.Span);
                }
            }
            return new(path, header, tensors, Convert.ToHexStringLower(hash.GetHashAndReset()));
        }
        catch (Exception e)
        {
            foreach (var tensor in tensors.Values)
                tensor.Dispose();
            throw e switch
            {
                FileNotFoundException or DirectoryNotFoundException => new RunException($"{path}: no such file", e),
                NotAFileException => new RunException(e.Message, e),
                EndOfStreamException => new RunException($"{path}: truncated", e),
                ExternalException => new RunException(
                    $"{path}: damaged: it has a tensor that no memory holds ({e.Message.Split('\n')[0]})",
                    e
                ),
                _ => e,
            };
        }
    }

    /// <summary>Writes tensors of any device so that the file is whole and on the disk, or not there.</summary>
    /// <returns>The SHA-256 of the file, in lower-case hexadecimal digits.</returns>
    public static string Save(
        string path,
        IEnumerable<(string Name, Tensor Value)> tensors,
        IReadOnlyDictionary<string, string>? metadata = null
    )
    {
        var (copies, digest) = (TensorCopies.Of(tensors), "");
        AtomicFile.Write(path, stream => digest = Write(stream, copies, metadata));
        return digest;
    }

    internal static string Write(Stream stream, TensorCopies tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        void Put(byte[] bytes)
        {
            stream.Write(bytes);
            hash.AppendData(bytes);
        }
        Put(SafeTensorsHeader.Encode(tensors.All.Select(t => (t.Name, t.Type, t.Shape)), metadata));
        foreach (var part in tensors.All.SelectMany(t => t.Parts))
            Put(part);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    public void Dispose()
    {
        foreach (var tensor in Tensors.Values)
            tensor.Dispose();
    }
}
