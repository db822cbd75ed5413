using System.Collections.Immutable;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Recipes;

namespace Mtlc.Compiler.Targets.Onnx;

/// <summary>What is written besides the network.</summary>
/// <param name="Size">The only size of picture, one at a time; null: any number of any size.</param>
/// <param name="IsRaw">
/// Whether the network is written bare: normalised pictures [N, 3, H, W] in, whose sides the network divides by; what it computes
/// out. Otherwise pictures [N, H, W, 3] of bytes go in, of any size, and come out as classes, metres and probabilities. </param>
/// <param name="Picture">How a picture's bytes are normalised.</param>
/// <param name="Depth">How each depth task's result becomes metres, by the task's name.</param>
public sealed record OnnxSettings(
    ImageSize? Size,
    bool IsRaw,
    PictureScale Picture,
    ImmutableDictionary<string, DepthScale> Depth
)
{
    /// <summary>Whether the network's weights and values are float16; what goes in and comes out stays as it is.</summary>
    public bool IsHalf { get; init; }

    /// <summary>How each map beside the picture is standardised, by the input's name.</summary>
    public ImmutableDictionary<string, MapScale> Maps { get; init; } = ImmutableDictionary<string, MapScale>.Empty;
}

/// <summary>(number - Mean) / Deviation of each channel; 0 where there is no number.</summary>
public sealed record MapScale(ImmutableArray<float> Mean, ImmutableArray<float> Deviation);

/// <summary>byte * Factor - Offset of each channel: red, green, blue.</summary>
public sealed record PictureScale(ImmutableArray<float> Factor, ImmutableArray<float> Offset);

/// <summary>metres = clamp(u⁻¹(clamp(Deviation * x + Mean))): the inverse of what depth labels go through.</summary>
/// <param name="Minimum">Metres.</param>
/// <param name="Maximum">Metres.</param>
public sealed record DepthScale(DepthUnit Unit, double Mean, double Deviation, double Minimum, double Maximum);
