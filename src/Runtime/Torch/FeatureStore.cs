using System.Security.Cryptography;
using System.Text;
using Mtlc.Compiler.Planning;
using Mtlc.Runtime.Files;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Torch;

/// <summary>One value of a batch: its sizes, how it lies in memory, which some kernels choose by, and its type.</summary>
readonly record struct FeatureLayout(long[] Size, long[] Strides, ScalarType Type);

/// <summary>
/// What frozen encoders made of pictures, on disk: a file a picture or batch, below a folder that is named by all that the
/// numbers depend on besides. A file holds its own name and the SHA-256 of all of it: one that does not is not there. Several
/// processes may use a folder at a time. </summary>
sealed class FeatureStore
{
    const string Magic = "mtlc features 1";
    readonly long most;
    readonly Action<string>? warned;
    bool isClosed;

    /// <param name="root">The folder of all stores, whose files together are bounded.</param>
    /// <param name="digest">See <see cref="Digest"/>.</param>
    /// <param name="most">Bytes of all stores together.</param>
    /// <param name="warned">Told once of a file that is damaged, and of a disk that cannot be written.</param>
    public FeatureStore(string root, string digest, long most, Action<string>? warned)
    {
        (Name, Folder, this.most, this.warned) = (digest, Path.Combine(root, digest[..32]), most, warned);
        (AtStart, All) = (Length(Folder), Length(root));
    }

    /// <summary>The digest.</summary>
    public string Name { get; }

    public string Folder { get; }

    /// <summary>Bytes that were there.</summary>
    public long AtStart { get; }

    /// <summary>Bytes of all stores below the root, as far as this process knows.</summary>
    public long All { get; private set; }

    /// <summary>Files that were not what was written.</summary>
    public int Damaged { get; private set; }

    /// <summary>Everything that features depend on besides the picture: the operations, the numbers of their parameters, and what
    /// computes them.</summary>
    /// <param name="computer">The processor or GPU, the libraries, the number of threads.</param>
    public static string Digest(FrozenFeatures features, ParameterStore parameters, string computer)
    {
        using var scope = NewDisposeScope();
        using var gradients = no_grad();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add($"{Magic}\n{computer}\n{parameters.Format}\n{features.Text}\n");
        var arithmetic = new DerivedParameters(parameters);
        foreach (var parameter in features.Program.SelectMany(n => n.Parameters).Distinct())
        {
            using var inner = NewDisposeScope();
            var value = parameter.Compute(arithmetic).detach().cpu().contiguous();
            Add($"{value.dtype} {string.Join('x', value.shape)}\n");
            hash.AppendData(value.bytes);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());

        void Add(string text) => hash.AppendData(Encoding.UTF8.GetBytes(text));
    }

    public bool Has(string key) => File.Exists(PathOf(key));

    /// <summary>Layout and own numbers of each value, in the caller's dispose scope; null where there is no whole file.</summary>
    public (FeatureLayout Layout, Tensor Value)[]? Read(string key)
    {
        var path = PathOf(key);
        byte[] bytes;
        try
        {
            bytes = RegularFile.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
        const int Sum = SHA256.HashSizeInBytes;
        if (
            bytes.Length > Sum
            && SHA256.HashData(bytes.AsSpan(0, bytes.Length - Sum)).AsSpan().SequenceEqual(bytes.AsSpan(^Sum..))
        )
        {
            using var reader = new BinaryReader(new MemoryStream(bytes, 0, bytes.Length - Sum));
            if (reader.ReadString() == Magic && reader.ReadString() == key)
                return [.. Enumerable.Range(0, reader.ReadInt32()).Select(_ => Value(reader))];
        }
        if (Damaged++ == 0)
            warned?.Invoke($"{path}: this file of features is damaged; they are computed again");
        try
        {
            File.Delete(path);
            All -= bytes.Length;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is written over.
        }
        return null;
    }

    /// <summary>Writes what was made, if there is room.</summary>
    public void Write(string key, IReadOnlyList<(FeatureLayout Layout, Tensor Value)> values)
    {
        if (isClosed || All + values.Sum(v => v.Value.NumberOfElements * v.Value.element_size()) > most)
            return;
        try
        {
            var bytes = Bytes(key, values);
            if (All + bytes.Length > most)
                return;
            var path = PathOf(key);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            AtomicFile.WriteSoon(path, stream => stream.Write(bytes));
            All += bytes.Length;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            isClosed = true;
            warned?.Invoke($"{Folder}: no more features are stored: {e.Message}");
        }
    }

    static byte[] Bytes(string key, IReadOnlyList<(FeatureLayout Layout, Tensor Value)> values)
    {
        using var memory = new MemoryStream();
        using (var writer = new BinaryWriter(memory, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(Magic);
            writer.Write(key);
            writer.Write(values.Count);
            foreach (var (layout, value) in values)
            {
                writer.Write((byte)layout.Type);
                Numbers(layout.Size);
                Numbers(layout.Strides);
                Numbers(value.shape);
                using var rows = value.contiguous();
                writer.Write(rows.bytes);
            }

            void Numbers(long[] numbers)
            {
                writer.Write(numbers.Length);
                foreach (var number in numbers)
                    writer.Write(number);
            }
        }
        memory.Write(SHA256.HashData(memory.GetBuffer().AsSpan(0, (int)memory.Length)));
        return memory.ToArray();
    }

    static (FeatureLayout, Tensor) Value(BinaryReader reader)
    {
        var layout = new FeatureLayout(null!, null!, (ScalarType)reader.ReadByte());
        layout = layout with { Size = Numbers(), Strides = Numbers() };
        var value = empty(Numbers(), layout.Type);
        reader.BaseStream.ReadExactly(value.bytes);
        return (layout, value);

        long[] Numbers() => [.. Enumerable.Range(0, reader.ReadInt32()).Select(_ => reader.ReadInt64())];
    }

    string PathOf(string key)
    {
        var name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
        return Path.Combine(Folder, name[..2], name);
    }

    static long Length(string folder)
    {
        try
        {
            return Directory.Exists(folder)
                ? new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(f => f.Length)
                : 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return 0; // what another process deletes meanwhile
        }
    }
}
