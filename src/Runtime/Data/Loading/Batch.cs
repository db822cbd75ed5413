using Mtlc.Runtime.Data.Augmentation;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Data.Loading;

/// <summary>Examples of one size, as tensors on the device.</summary>
/// <param name="Image">[N, 3, H, W], normalised; behind the picture's channels those of the maps that the network reads.</param>
/// <param name="Classes">[N, H, W] int64, 255 where unlabelled.</param>
/// <param name="Depth">[N, 1, H, W] metres, NaN where unlabelled.</param>
public sealed record Batch(IReadOnlyList<string> Names, Tensor Image, Tensor Classes, Tensor Depth) : IDisposable
{
    public int Count => Names.Count;

    /// <summary>The same tensors once more, to be disposed on their own.</summary>
    public Batch Alias() => new(Names, Image.alias(), Classes.alias(), Depth.alias());

    /// <summary>A modality that a sample lacks is unlabelled everywhere.</summary>
    public static Batch Of(IReadOnlyList<Example> examples, Device device)
    {
        var (count, height, width) = (examples.Count, examples[0].Height, examples[0].Width);
        var pixels = height * width;
        var channels = examples[0].Image.Length / pixels;
        using var image = empty(count, channels, height, width);
        using var classes = full([count, height, width], Held(Example.Unlabelled), ScalarType.Byte);
        using var depth = full([count, 1, height, width], Held(double.NaN), ScalarType.Float32);
        foreach (var (n, example) in examples.Index())
        {
            Fill(image, n * channels * pixels, example.Image);
            Fill(classes, n * pixels, example.Classes);
            Fill(depth, n * pixels, example.Depth);
        }
        return new([.. examples.Select(e => e.Name)], Moved(image), Moved(classes, ScalarType.Int64), Moved(depth));

        Tensor Moved(Tensor tensor, ScalarType? type = null)
        {
            // From pinned memory the copy goes on while the host makes the next step ready; the allocator keeps the memory until
            // it has arrived.
            using var staged = device.type == TorchSharp.DeviceType.CUDA ? tensor.pin_memory() : tensor.alias();
            using var moved = staged.to(device, non_blocking: true);
            return (type is { } wanted ? moved.to(wanted) : moved.alias()).DetachFromDisposeScope();
        }
    }

    static void Fill<T>(Tensor tensor, int offset, T[]? values)
        where T : unmanaged
    {
        if (values is not null)
            values.CopyTo(System.Runtime.InteropServices.MemoryMarshal.Cast<byte, T>(tensor.bytes)[offset..]);
    }

    public void Dispose()
    {
        Image.Dispose();
        Classes.Dispose();
        Depth.Dispose();
    }
}
