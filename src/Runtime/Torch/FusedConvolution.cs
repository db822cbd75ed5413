using System.Runtime.InteropServices;
using Mtlc.Compiler.Ops;
using Mtlc.Runtime.Torch.Native;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Torch;

/// <summary>
/// libtorch's fused convolutions (oneDNN), which TorchSharp does not offer, through the C interface that libtorch's own compiler
/// calls: a <see cref="Tensor.Handle"/> is the handle that it takes. Convolution, bias, addition and ReLU in one pass over the
/// result, with weights prepacked as the kernel wants them; results are channels-last. On the CPU only, without gradients.
/// </summary>
static unsafe class FusedConvolution
{
    static readonly byte* NoneWord = Text("none"),
        AddWord = Text("add"),
        ReluWord = Text("relu");

    static readonly delegate* unmanaged<
        nint,
        nint,
        nint*,
        long*,
        long,
        long*,
        long,
        long*,
        long,
        long,
        byte*,
        double**,
        long,
        byte**,
        nint*,
        int> Unary = (delegate* unmanaged<
        nint,
        nint,
        nint*,
        long*,
        long,
        long*,
        long,
        long*,
        long,
        long,
        byte*,
        double**,
        long,
        byte**,
        nint*,
        int>)
        NativeSymbols.Find("aoti_torch_cpu_mkldnn__convolution_pointwise");

    static readonly delegate* unmanaged<
        nint,
        nint,
        nint,
        nint*,
        long*,
        long,
        long*,
        long,
        long*,
        long,
        long,
        byte*,
        double*,
        byte**,
        double**,
        long,
        byte**,
        nint*,
        int> Binary = (delegate* unmanaged<
        nint,
        nint,
        nint,
        nint*,
        long*,
        long,
        long*,
        long,
        long*,
        long,
        long,
        byte*,
        double*,
        byte**,
        double**,
        long,
        byte**,
        nint*,
        int>)
        NativeSymbols.Find("aoti_torch_cpu_mkldnn__convolution_pointwise_binary");

    static readonly delegate* unmanaged<byte*, byte*, ulong*, ulong, int> Dispatch = (delegate* unmanaged<
        byte*,
        byte*,
        ulong*,
        ulong,
        int>)
        NativeSymbols.Find("torch_call_dispatcher");

    static readonly delegate* unmanaged<nuint, nint*, int> NewList = (delegate* unmanaged<nuint, nint*, int>)
        NativeSymbols.Find("torch_new_list_reserve_size");
    static readonly delegate* unmanaged<nint, ulong, int> Push = (delegate* unmanaged<nint, ulong, int>)
        NativeSymbols.Find("torch_list_push_back");
    static readonly delegate* unmanaged<nint, nint*, int> NewHandle = (delegate* unmanaged<nint, nint*, int>)
        NativeSymbols.Find("aoti_torch_new_tensor_handle");

    static readonly bool Exist =
        NativeSwitches.Current.Allows("fused")
        && Unary != null
        && Binary != null
        && Dispatch != null
        && NewList != null
        && Push != null
        && NewHandle != null;

    /// <summary>Whether this libtorch has them, and oneDNN is to be used; elsewhere the same is computed in several
    /// steps.</summary>
    public static bool IsAvailable => Exist && !TorchContext.OneDnnIsOff;

    /// <summary>The weight as oneDNN's kernel wants it for maps of this size; right, if slower, for any other.</summary>
    /// <param name="input">[N, C, H, W]</param>
    /// <returns>An opaque tensor, or null where the weight cannot be prepacked.</returns>
    public static Tensor? Pack(Conv conv, Tensor weight, long[] input)
    {
        var padding = conv.Margin;
        nint own;
        if (NewHandle(weight.Handle, &own) != 0)
            return null;
        GC.KeepAlive(weight);
        var stack = stackalloc ulong[6];
        stack[0] = (ulong)own;
        stack[1] = List(padding, padding);
        stack[2] = List(conv.Stride, conv.Stride);
        stack[3] = List(conv.Dilation, conv.Dilation);
        stack[4] = (ulong)conv.Groups;
        var size = (ulong*)NativeMemory.Alloc(sizeof(ulong)); // an optional; the callee frees it
        *size = List(input);
        stack[5] = (ulong)size;
        const ulong torch210 = (2UL << 56) | (10UL << 48);
        fixed (
            byte* name = "mkldnn::_reorder_convolution_weight\0"u8,
                overload = "\0"u8
        )
            return Dispatch(name, overload, stack, torch210) == 0 ? Tensor.UnsafeCreateTensor((nint)stack[0]) : null;
    }

    /// <param name="weight">Packed or plain.</param>
    /// <param name="residual">Of the result's shape, or null.</param>
    public static Tensor Run(Conv conv, bool relu, Tensor x, Tensor weight, Tensor? bias, Tensor? residual)
    {
        if (residual?.shape is [_, 1, _, _] or [_, _, 1, 1])
        {
            // libtorch 2.10 cannot add to one channel or one pixel, whose layout is ambiguous: "could not create a memory".
            using var product = Run(conv, false, x, weight, bias, null);
            var sum = product.Plus(residual);
            if (!relu)
                return sum;
            using (sum)
                return sum.relu();
        }
        long padding = conv.Margin;
        var p = stackalloc long[] { padding, padding };
        var s = stackalloc long[] { conv.Stride, conv.Stride };
        var d = stackalloc long[] { conv.Dilation, conv.Dilation };
        nint biasHandle = bias?.Handle ?? 0,
            result = 0;
        var b = bias is null ? null : &biasHandle;
        var alpha = 1.0;
        var after = ReluWord;
        var code = residual is null
            ? Unary(x.Handle, weight.Handle, b, p, 2, s, 2, d, 2, conv.Groups, relu ? ReluWord : NoneWord, null, 0, null, &result)
            : Binary(
                x.Handle,
                residual.Handle,
                weight.Handle,
                b,
                p,
                2,
                s,
                2,
                d,
                2,
                conv.Groups,
                AddWord,
                &alpha,
                relu ? &after : null,
                null,
                0,
                null,
                &result
            );
        GC.KeepAlive(x);
        GC.KeepAlive(weight);
        GC.KeepAlive(bias);
        GC.KeepAlive(residual);
        if (code != 0)
            throw new InvalidOperationException(
                $"libtorch refused a fused convolution of [{string.Join(", ", x.shape)}] by {conv}"
            );
        return Tensor.UnsafeCreateTensor(result);
    }

    static ulong List(params ReadOnlySpan<long> values)
    {
        nint list;
        if (NewList((nuint)values.Length, &list) != 0)
            throw new InvalidOperationException("libtorch could not make a list");
        foreach (var value in values)
        {
            if (Push(list, (ulong)value) != 0)
                throw new InvalidOperationException("libtorch could not fill a list");
        }
        return (ulong)list;
    }

    static byte* Text(string word) => (byte*)Marshal.StringToHGlobalAnsi(word);
}
