using System.Buffers;
using System.Collections.Immutable;
using Mtlc.Runtime.Checkpoints;
using Mtlc.Runtime.Files;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Weights;

/// <summary>One tensor of a weights file.</summary>
/// <param name="Load">Gives it, on the CPU, float32 or int64 where the file is PyTorch's; the caller disposes it.</param>
public sealed record WeightsTensor(string Name, ImmutableArray<long> Dimensions, Func<Tensor> Load)
{
    /// <summary>Why it cannot be loaded: "sparse", "quantized", "complex"; else null.</summary>
    public string? Unfit { get; init; }
}

/// <summary>Tensors that belong together.</summary>
/// <param name="Place">Where in the file: "" for the whole file, "state_dict", "ema.shadow".</param>
public sealed record WeightsTable(string Place, ImmutableArray<WeightsTensor> Tensors);

/// <summary>The named tensors of a file of `torch.save`, of a safetensors file, or of the index of several (`*.index.json`);
/// which of these it is, its first bytes tell, whatever it is called.</summary>
public sealed class WeightsFile : IDisposable
{
    readonly ImmutableArray<IDisposable> held;

    WeightsFile(string path, ImmutableArray<WeightsTable> tables, ImmutableArray<IDisposable> held) =>
        (Path, Tables, this.held) = (path, tables, held);

    public string Path { get; }

    /// <summary>At least one.</summary>
    public ImmutableArray<WeightsTable> Tables { get; }

    /// <exception cref="DataException">It is no weights file, damaged, or holds anything but tensors.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static WeightsFile Open(string path) =>
        Naming(
            path,
            () =>
                ShardIndex.Is(path) ? OpenShards(path)
                : IsTorch(path) ? OpenTorch(path)
                : OpenSafeTensors(path)
        );

    /// <summary>The names and shapes of a file's tensors, which cannot be loaded: their numbers are not read, and need no
    /// libtorch.</summary>
    /// <exception cref="DataException">As of <see cref="Open"/>; damaged numbers are not found.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static ImmutableArray<WeightsTable> ReadHeader(string path) =>
        Naming(
            path,
            () =>
                ShardIndex.Is(path) ? [ShardIndex.Read(path).Merge(shard => ReadHeader(shard))]
                : IsTorch(path) ? TorchHeader(path)
                : SafeTensorsHeaderOf(path)
        );

    static WeightsFile OpenShards(string path)
    {
        var shards = new List<WeightsFile>();
        try
        {
            var table = ShardIndex
                .Read(path)
                .Merge(shard =>
                {
                    shards.Add(Open(shard));
                    return shards[^1].Tables;
                });
            return new(path, [table], [.. shards]);
        }
        catch
        {
            shards.ForEach(s => s.Dispose());
            throw;
        }
    }

    static T Naming<T>(string path, Func<T> read)
    {
        if (RegularFile.OtherKindOf(path) is { } kind)
            throw new DataException($"{path}: {kind}, not a weights file");
        if (!File.Exists(path))
            throw new DataException($"{path}: there is no such weights file");
        try
        {
            return read();
        }
        catch (DataException e)
        {
            throw new DataException($"{path}: {e.Message}", e);
        }
        catch (RunException e)
        {
            throw new DataException(e.Message, e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"{path} may not be read: {e.Message}", e);
        }
    }

    static bool IsTorch(string path)
    {
        Span<byte> start = stackalloc byte[9];
        using var file = RegularFile.OpenRead(path);
        var read = start[..file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        // A safetensors file starts with the length of its header, below 4 GB, and the header with a brace.
        var isSafeTensors = read is [.., 0, 0, 0, 0, (byte)'{'] && read.Length == start.Length;
        return !isSafeTensors && (TorchArchive.Begins(read) || System.IO.Path.GetExtension(path) != ".safetensors");
    }

    static void RequireFit(string path)
    {
        if (new FileInfo(path).Length > Array.MaxLength)
            throw new DataException("the file has more than 2 GB, which no encoder needs");
    }

    static WeightsFile OpenTorch(string path)
    {
        RequireFit(path);
        return new(path, Tabled(TorchArchive.Read(RegularFile.ReadAllBytes(path)), stored => () => Load(stored)), []);
    }

    static ImmutableArray<WeightsTable> TorchHeader(string path)
    {
        RequireFit(path);
        using MemoryManager<byte> file = new MappedFile(path);
        return Tabled(TorchArchive.Read(file.Memory, contents: false), _ => NotRead);
    }

    static ImmutableArray<WeightsTable> Tabled(ImmutableArray<StoredTable> tables, Func<StoredTensor, Func<Tensor>> load) =>
        [
            .. tables.Select(t => new WeightsTable(
                t.Place,
                [.. t.Tensors.Select(s => new WeightsTensor(s.Name, s.Dimensions, load(s)) { Unfit = s.Unfit })]
            )),
        ];

    static ImmutableArray<WeightsTable> SafeTensorsHeaderOf(string path)
    {
        using var file = RegularFile.OpenRead(path);
        return
        [
            new(
                "",
                [
                    .. SafeTensorsHeader
                        .Read(file, path)
                        .Header.Entries.Select(entry => new WeightsTensor(entry.Name, [.. entry.Shape], NotRead)),
                ]
            ),
        ];
    }

    static Tensor NotRead() => throw new InvalidOperationException("names and shapes were read alone");

    static WeightsFile OpenSafeTensors(string path)
    {
        var file = SafeTensors.Load(path);
        return new(
            path,
            [new("", [.. file.Tensors.Select(t => new WeightsTensor(t.Key, [.. t.Value.shape], () => t.Value.alias()))])],
            [file]
        );
    }

    static Tensor Load(StoredTensor stored)
    {
        long[] shape = [.. stored.Dimensions];
        return stored.Type.IsInteger() ? tensor(stored.ToInt64s(), shape) : tensor(stored.ToFloats(), shape);
    }

    public void Dispose()
    {
        foreach (var file in held)
            file.Dispose();
    }
}
