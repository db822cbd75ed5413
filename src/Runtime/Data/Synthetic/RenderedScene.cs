using Mtlc.Runtime.Data.Samples;

namespace Mtlc.Runtime.Data.Synthetic;

/// <summary>A rendered street with everything the geometry knows, in row-major order.</summary>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
/// <param name="Rgb">Height * Width * 3 bytes, interleaved.</param>
/// <param name="Classes">Class of what lies at each pixel's centre, 255 on the camera car's own bonnet.</param>
/// <param name="Depth">Metres along the optical axis at each pixel's centre; NaN for the sky and the bonnet.</param>
/// <param name="Normals">Height * Width * 3: unit normals of the surfaces in camera axes (x right, y down, z forward), turned
/// towards the camera; zero where there is no depth.</param>
/// <param name="Camera">The pinhole camera: the pixel of column c and row r sees along
/// ((c + 0.5 - CenterX) / FocalX, (r + 0.5 - CenterY) / FocalY, 1).</param>
public sealed record RenderedScene(
    int Height,
    int Width,
    byte[] Rgb,
    byte[] Classes,
    float[] Depth,
    float[] Normals,
    Camera Camera
);
