using Mtlc.Compiler.Ir;

namespace Mtlc.Compiler.Ops;

/// <summary>The shape rule that convolutions and pools share.</summary>
static class Windows
{
    /// <summary>
    /// floor((n + 2 padding - reach - 1) / stride) + 1, where reach = dilation (kernel - 1). With 2 padding = reach it is ceil(n
    /// / stride); with reach + 1 - stride up to reach it is n / stride for every n that the stride divides. Any other padding
    /// leaves no fraction of the input and is refused on symbolic extents. </summary>
    /// <param name="pixels">What the padding comes to, on each side.</param>
    public static TensorShape? Infer(
        TensorShape x,
        int channels,
        int kernel,
        int stride,
        int dilation,
        Padding padding,
        int pixels,
        IShapeErrors errors
    )
    {
        var reach = dilation * (kernel - 1);
        if (Along(x.Height, 'H') is not { } height || Along(x.Width, 'W') is not { } width)
            return null;
        return x with { Channels = channels, Height = height, Width = width };

        Extent? Along(Extent extent, char axis)
        {
            if (2 * pixels == reach)
                return extent.Over(stride);
            if (extent.IsFixed)
            {
                var size = (extent.Numerator + 2 * pixels - reach - 1) / stride + 1;
                if (extent.Numerator + 2 * pixels - reach >= 1)
                    return Extent.Pixels(size);
                errors.Invalid(
                    $"a window of {reach + 1} pixels does not fit into {extent.ToString(axis)} pixels with padding {pixels}"
                );
                return null;
            }
            if (reach + 1 - stride <= 2 * pixels && 2 * pixels <= reach)
                return extent.Over(stride);
            var size2 = padding.Pixels is null
                ? $"an even window (kernel {kernel}, dilation {dilation}) cannot keep the resolution {extent.ToString(axis)}"
                : $"padding {pixels} with kernel {kernel} and dilation {dilation} makes {extent.ToString(axis)} no fraction "
                    + $"of the input";
            errors.Invalid(size2, padding.Pixels is null ? "use an odd kernel" : $"leave the padding out, or use {reach / 2}");
            return null;
        }
    }
}
