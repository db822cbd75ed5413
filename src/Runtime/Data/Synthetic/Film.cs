using System.Numerics;

namespace Mtlc.Runtime.Data.Synthetic;

/// <summary>From display-linear colour to bytes: vignette, gamma and the sensor's grain.</summary>
static class Film
{
    public static byte[] Develop(Scene scene, Vector3[] colors, int height, int width)
    {
        var rgb = new byte[3 * colors.Length];
        for (int y = 0, i = 0; y < height; y++)
        {
            float dy = (y + 0.5f) / height - 0.5f;
            for (int x = 0; x < width; x++, i++)
            {
                float dx = (x + 0.5f) / width - 0.5f;
                float light = 1f - 0.45f * (dx * dx + dy * dy);
                float grain = (Noise.Hash(x, y, scene.Seed) - 0.5f) * 4.5f;
                var c = Vector3.SquareRoot(Vector3.Max(colors[i] * light, Vector3.Zero)) * 255f;
                rgb[3 * i] = Byte(c.X + grain);
                rgb[3 * i + 1] = Byte(c.Y + grain);
                rgb[3 * i + 2] = Byte(c.Z + grain);
            }
        }
        return rgb;
    }

    static byte Byte(float x) => (byte)Math.Clamp((int)MathF.Floor(x + 0.5f), 0, 255);
}
