using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Mtlc.Compiler.Planning;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Torch;

/// <summary>Bytes that several keep together.</summary>
sealed class FeatureMemory(long most)
{
    public long Used { get; private set; }

    /// <summary>Whether so many more may be kept; then they count.</summary>
    public bool Take(long bytes)
    {
        if (Used + bytes > most)
            return false;
        Used += bytes;
        return true;
    }
}

/// <summary>
/// What frozen encoders made of pictures, found again by the pictures' own numbers (SHA-256): whoever shows the same picture gets
/// the same values, and no other picture does. It belongs to a module whose frozen weights never change again. </summary>
/// <param name="bySample">Whether each picture is kept by itself, and may come in another batch of as many; else whole batches
/// are.</param>
/// <param name="store">What lies on disk beside; null: nothing.</param>
sealed class KeptFeatures(FrozenFeatures features, FeatureMemory memory, bool bySample, FeatureStore? store = null) : IDisposable
{
    readonly Dictionary<string, Tensor[]> kept = new(StringComparer.Ordinal);
    (string Batch, string[] Keys) last = ("", []);

    // Of the values of a batch.
    readonly Dictionary<string, FeatureLayout[]> layouts = new(StringComparer.Ordinal);

    public FrozenFeatures Features => features;

    /// <summary>Batches that were found.</summary>
    public long Found { get; private set; }

    /// <summary>Each value, in the caller's dispose scope; null where one of the pictures is not known.</summary>
    /// <param name="pictures">[N, 3, H, W], with the channels of maps behind the picture's.</param>
    public Tensor[]? Find(Tensor pictures)
    {
        using var gradients = no_grad();
        var shape = string.Join('x', pictures.shape);
        var keys = Keys(pictures, shape);
        last = (shape, keys);
        if (!keys.All(k => kept.ContainsKey(k) || store?.Has(k) == true))
            return null;
        using var scope = NewDisposeScope();
        var parts = new Tensor[keys.Length][];
        foreach (var (i, key) in keys.Index())
        {
            if ((kept.GetValueOrDefault(key) ?? Read(key, shape)) is not { } part)
                return null;
            parts[i] = part;
        }
        Found++;
        return
        [
            .. layouts[shape]
                .Select((l, i) => Joined(l, Array.ConvertAll(parts, p => p[i]), pictures.device).MoveToOuterDisposeScope()),
        ];
    }

    Tensor[]? Read(string key, string shape)
    {
        if (store?.Read(key) is not { } read || read.Length != features.Values.Length)
            return null;
        layouts.TryAdd(shape, Array.ConvertAll(read, r => r.Layout));
        var values = Array.ConvertAll(read, r => r.Value);
        if (Take(values))
            kept.Add(key, Array.ConvertAll(values, v => v.DetachFromDisposeScope()));
        return values;
    }

    bool Take(Tensor[] values) => memory.Take(values.Sum(v => v.NumberOfElements * v.element_size()));

    /// <summary>Keeps copies of what was made of the pictures that were last asked for, where there is room.</summary>
    public void Add(Tensor[] values)
    {
        using var gradients = no_grad();
        var (shape, keys) = last;
        layouts.TryAdd(shape, Array.ConvertAll(values, v => new FeatureLayout(v.shape, v.stride(), v.dtype)));
        foreach (var (i, key) in keys.Index())
        {
            var stores = store?.Has(key) == false;
            if (kept.ContainsKey(key) && !stores)
                continue;
            using var scope = NewDisposeScope();
            var own = bySample ? Array.ConvertAll(values, v => v.narrow(0, i, 1)) : values;
            if (stores)
                store!.Write(key, [.. layouts[shape].Zip(own, (l, v) => (l, v.detach().cpu()))]);
            if (!kept.ContainsKey(key) && Take(own))
                kept.Add(key, Array.ConvertAll(own, v => v.detach().cpu().clone().DetachFromDisposeScope()));
        }
    }

    static Tensor Joined(FeatureLayout layout, Tensor[] parts, Device device)
    {
        var whole = empty_strided(layout.Size, layout.Strides, layout.Type, device);
        if (parts is [var alone])
            return whole.copy_(alone);
        foreach (var (i, part) in parts.Index())
        {
            using var place = whole.narrow(0, i, 1);
            place.copy_(part).Dispose();
        }
        return whole;
    }

    string[] Keys(Tensor pictures, string shape)
    {
        using var scope = NewDisposeScope();
        var numbers = MemoryMarshal.AsBytes(pictures.detach().cpu().contiguous().bytes);
        if (!bySample)
            return [$"{shape} {Convert.ToHexString(SHA256.HashData(numbers))}"];
        var count = (int)pictures.shape[0];
        var keys = new string[count];
        for (var i = 0; i < count; i++)
            keys[i] =
                $"{shape} "
                + $"{Convert.ToHexString(SHA256.HashData(numbers.Slice(i * (numbers.Length / count), numbers.Length / count)))}";
        return keys;
    }

    public void Dispose()
    {
        foreach (var value in kept.Values.SelectMany(v => v))
            value.Dispose();
        kept.Clear();
    }
}
