using System.Runtime.InteropServices;
using Mtlc.Compiler.Ir;
using Mtlc.Runtime.Data.Images;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Reports;

/// <summary>Labels and predictions as colours.</summary>
static class TaskPicture
{
    /// <summary>One image of a batch.</summary>
    /// <param name="map">As metrics see it: logits or classes, metres, probabilities, or normals, of one image.</param>
    /// <param name="under">The picture that class colours are laid over.</param>
    /// <param name="range">Nearest and farthest depth shown.</param>
    public static Picture Of(ModelTask task, Tensor map, Picture under, Palette palette, (double Near, double Far) range) => task.Kind switch
    {
        TaskKind.Segmentation => under.Overlay(Classes(task, map), palette, 0.6),
        TaskKind.Depth => Colormap.Depth(under.Height, under.Width, Floats(map), range.Near, range.Far),
        TaskKind.Contour => Colormap.Contour(under.Height, under.Width, Floats(map)),
        _ => Colormap.Normals(under.Height, under.Width, Floats(map)),
    };

    /// <summary>Class indices of logits [1, C, H, W] or labels [1, H, W]; 255 where there is no label.</summary>
    public static byte[] Classes(ModelTask task, Tensor map)
    {
        using var scope = NewDisposeScope();
        var classes = map.dim() == 4 ? map.argmax(1) : map.masked_fill(map.eq(Held(task.Ignore)), Held(Palette.Ignore));
        return classes.to(ScalarType.Byte).cpu().contiguous().bytes.ToArray();
    }

    public static float[] Floats(Tensor map)
    {
        using var scope = NewDisposeScope();
        return MemoryMarshal.Cast<byte, float>(map.detach().to(ScalarType.Float32).cpu().contiguous().bytes).ToArray();
    }
}
