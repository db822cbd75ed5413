using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Torch.Edges;

/// <summary>Canny's edges of the network's input picture, as a map beside it.</summary>
public static class CannyEdges
{
    /// <param name="image">[N, 3, H, W]: RGB of 0..255, less the ImageNet mean, divided by its deviation, as a network reads
    /// it.</param>
    /// <param name="low">Gradient (|dx| + |dy| of a 3x3 Sobel) from above which a pixel continues an edge.</param>
    /// <param name="high">Gradient from above which a pixel starts an edge.</param>
    /// <returns>
    /// [N, 1, H, W] of the image's type and device: 1 on edges, 0 elsewhere; no gradient. Intensities are rounded to whole
    /// numbers first. On a GPU the images visit the CPU. </returns>
    /// <exception cref="ArgumentException">The image is not [N, 3, H, W].</exception>
    public static Tensor Of(Tensor image, double low, double high)
    {
        var shape = image.shape;
        if (shape.Length != 4 || shape[1] != 3)
            throw new ArgumentException(
                $"Canny's edges are taken of pictures [N, 3, H, W], but this is [{string.Join(", ", shape)}]"
            );
        using var scope = NewDisposeScope();
        using var gradients = no_grad();
        var (height, width) = ((int)shape[2], (int)shape[3]);
        var pixels = height * width;
        var rgb = Rgb8(image);
        var edges = empty([shape[0], 1, height, width], ScalarType.Float32);
        Parallel.For(
            0,
            (int)shape[0],
            n =>
                Canny8.Detect(
                    rgb.bytes.Slice(n * pixels * 3, pixels * 3),
                    height,
                    width,
                    low,
                    high,
                    MemoryMarshal.Cast<byte, float>(edges.bytes).Slice(n * pixels, pixels)
                )
        );
        return edges.to(image.dtype, image.device).MoveToOuterDisposeScope();
    }

    /// <summary>Undoes the normalisation: [N, H, W, 3] bytes.</summary>
    static Tensor Rgb8(Tensor image)
    {
        var mean = tensor(new[] { 0.485f, 0.456f, 0.406f }, device: image.device).view(1, 3, 1, 1) * Held(255);
        var deviation = tensor(new[] { 0.229f, 0.224f, 0.225f }, device: image.device).view(1, 3, 1, 1) * Held(255);
        var intensities = image.detach() * deviation;
        var bytes = intensities.PlusInPlace(mean).round_().clamp_(Held(0), Held(255)).to(ScalarType.Byte);
        return bytes.permute(0, 2, 3, 1).contiguous().cpu();
    }
}
