using Mtlc.Runtime.Data.Images;
using Mtlc.Runtime.Files;

namespace Mtlc.Runtime.Data.Samples;

/// <summary>Files of a number a pixel: depth of a manifest, and maps that a network reads beside the picture. What is not finite
/// is no number: NaN.</summary>
static class MapFile
{
    /// <summary>A `.npy` or `.pfm` file whose numbers are those of the map.</summary>
    /// <exception cref="DataException">Unreadable, of another kind, or of another size than the picture.</exception>
    public static float[] ReadFloats(string path, int height, int width) =>
        Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".npy" => ReadNpy(path, height, width, v => v),
            ".pfm" => ReadPfm(path, height, width, v => v),
            _ => throw new DataException($"{path}: a map of numbers is a .npy or .pfm file"),
        };

    /// <param name="decode">From what is stored to what the map has.</param>
    public static float[] ReadNpy(string path, int height, int width, Func<float, float> decode) =>
        Decoded(path, FloatMap.ReadNpy(path), height, width, decode);

    /// <inheritdoc cref="ReadNpy"/>
    public static float[] ReadPfm(string path, int height, int width, Func<float, float> decode) =>
        Decoded(path, FloatMap.ReadPfm(path), height, width, decode);

    /// <summary>A gray PNG of so many bits.</summary>
    /// <param name="expects">Who does: the beginning of the sentence that it is another PNG.</param>
    /// <exception cref="DataException">Unreadable, another PNG, or of another size than the picture.</exception>
    public static float[] ReadGray(
        string path,
        int height,
        int width,
        int bits,
        Func<float, float> decode,
        string expects = "expected"
    )
    {
        var png = PngReader.Read(path);
        Sizes.Check(path, png.Height, png.Width, height, width);
        if (png.Color != PngColor.Gray || png.BitDepth != bits)
            throw new DataException($"{path}: {expects} a gray PNG of {bits} bits; this one is {png.Color} of {png.BitDepth}");
        if (png.Bytes is not { } bytes)
            return Array.ConvertAll(png.Words!, v => Finite(decode(v)));
        var table = Enumerable.Range(0, 256).Select(v => Finite(decode(v))).ToArray();
        return Array.ConvertAll(bytes, v => table[v]);
    }

    /// <summary>A picture, as three channels of 0..255.</summary>
    /// <exception cref="DataException">Unreadable, or of another size than the picture that it belongs to.</exception>
    public static float[] ReadColours(string path, int height, int width)
    {
        var picture = Picture.Load(path);
        Sizes.Check(path, picture.Height, picture.Width, height, width);
        var (pixels, map) = (height * width, new float[3 * height * width]);
        for (var p = 0; p < pixels; p++)
            (map[p], map[pixels + p], map[2 * pixels + p]) = (picture.Rgb[3 * p], picture.Rgb[3 * p + 1], picture.Rgb[3 * p + 2]);
        return map;
    }

    static float[] Decoded(string path, FloatMap map, int height, int width, Func<float, float> decode)
    {
        Sizes.Check(path, map.Height, map.Width, height, width);
        return Array.ConvertAll(map.Values, v => Finite(decode(v)));
    }

    static float Finite(float number) => float.IsFinite(number) ? number : float.NaN;
}
