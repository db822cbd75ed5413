using Mtlc.Compiler.Recipes;

namespace Mtlc.Runtime.Data.MiniScapes;

/// <summary>The 8-bit depth code of MiniScapes: 0 is invalid, 1..255 are even steps of inverse depth from 1/300 to 1/4 per
/// metre.</summary>
public static class DisparityCode
{
    /// <summary>What the code can hold, in metres.</summary>
    public const float Nearest = MiniScapesRecipe.Nearest,
        Farthest = MiniScapesRecipe.Farthest;

    static readonly float[] Metres = Decoded();

    static float[] Decoded()
    {
        var metres = new float[256];
        metres[0] = float.NaN;
        // float32 throughout and in this order: d = (1/4 - 1/300) * (x - 1) / 254 + 1/300, metres = 1 / d.
        for (var x = 1; x < 256; x++)
            metres[x] = 1 / ((float)(1 / 4.0 - 1 / 300.0) * (x - 1) / 254 + (float)(1 / 300.0));
        return metres;
    }

    /// <summary>Metres of a code; NaN for 0.</summary>
    public static float Decode(byte code) => Metres[code];

    /// <summary>
    /// The code of a depth in metres: trunc(1 + 254 * (1/m - 1/300) / (1/4 - 1/300)), clamped to 1..255; 0 where there is none
    /// (NaN, infinite, not positive). Decoding and encoding again gives the same code.
    /// </summary>
    public static byte Encode(float metres)
    {
        if (!float.IsFinite(metres) || metres <= 0)
            return 0;
        var code = 1 + 254 * (1.0 / metres - 1 / 300.0) / (1 / 4.0 - 1 / 300.0);
        // A float32 of metres is off by up to 6e-8 of itself, so a depth that stands for a whole code may come out just below it.
        return (byte)Math.Clamp(Math.Truncate(code + 3e-5), 1, 255);
    }
}
