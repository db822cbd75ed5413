using System.Runtime.InteropServices;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Recipes;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Tasks;

/// <summary>Labels and predictions of one image as plain arrays, row by row.</summary>
static class TaskPixels
{
    /// <summary>Class indices of logits [1, C, H, W] or labels [1, H, W]; 255 where there is no label.</summary>
    public static byte[] Classes(ClassTask task, Tensor map)
    {
        using var scope = NewDisposeScope();
        var classes = map.dim() == 4 ? map.argmax(1) : map.masked_fill(map.eq(Held(task.Ignore)), Held(DataContract.Unlabelled));
        return classes.to(ScalarType.Byte).cpu().contiguous().bytes.ToArray();
    }

    public static float[] Floats(Tensor map)
    {
        using var scope = NewDisposeScope();
        return MemoryMarshal.Cast<byte, float>(map.detach().to(ScalarType.Float32).cpu().contiguous().bytes).ToArray();
    }
}
