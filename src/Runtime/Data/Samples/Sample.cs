namespace Mtlc.Runtime.Data.Samples;

/// <summary>One picture and its labels, in row-major order, as the disk or the renderer gave it: before any
/// augmentation.</summary>
/// <param name="Name">What messages and run logs call the sample, e.g. "train/17".</param>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
/// <param name="Rgb">Height * Width * 3 bytes, interleaved red, green, blue.</param>
/// <param name="Classes">Height * Width class indices, 255 where unlabelled; null where the modality is missing.</param>
/// <param name="Depth">Height * Width metres along the optical axis, NaN where unlabelled; null where the modality is
/// missing.</param>
/// <param name="Camera">The pinhole camera, where known.</param>
public sealed record Sample(
    string Name,
    int Height,
    int Width,
    byte[] Rgb,
    byte[]? Classes,
    float[]? Depth,
    Camera? Camera = null
)
{
    /// <summary>What a model reads beside the picture: channels * Height * Width numbers, channel by channel, NaN where there is
    /// none; empty where it reads the picture alone.</summary>
    public float[] Maps { get; init; } = [];
}

/// <summary>Pinhole intrinsics in pixels: focal lengths and principal point.</summary>
public sealed record Camera(double FocalX, double FocalY, double CenterX, double CenterY);

public enum Split
{
    Train,
    Validation,
    Test,
}
