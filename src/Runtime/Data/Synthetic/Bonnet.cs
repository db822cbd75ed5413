using System.Numerics;
using static Mtlc.Runtime.Data.Synthetic.PortableMath;

namespace Mtlc.Runtime.Data.Synthetic;

/// <summary>The camera car's own bonnet at the foot of some pictures: unlabelled, as in recordings from a car.</summary>
static class Bonnet
{
    public static void Draw(Scene scene, Vector3[] colors, byte[] classes, float[] depth, float[] normals, int height, int width)
    {
        if (scene.Bonnet <= 0f)
            return;
        for (int y = (int)(height * (1f - scene.Bonnet)); y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                float across = 2f * (x + 0.5f) / width - 1f,
                    edge = 1f - scene.Bonnet * (1f - 0.55f * across * across);
                float below = (y + 0.5f) / height - edge;
                if (below < 0f)
                    continue;
                int i = y * width + x;
                float mirror = 0.55f * Saturate(1f - below / (0.8f * scene.Bonnet));
                var sky = scene.Atmosphere.Horizon * (scene.Atmosphere.Exposure * 0.55f);
                float crease = MathF.Abs(MathF.Abs(across) - 0.52f) < 0.012f ? 0.7f : 1f;
                colors[i] =
                    Vector3.Min(Mix(scene.BonnetColor, sky, 0.12f + mirror) * crease, Vector3.One)
                    * Saturate(0.35f + below * height / 2f);
                classes[i] = ClassId.Unlabelled;
                depth[i] = float.NaN;
                normals[3 * i] = normals[3 * i + 1] = normals[3 * i + 2] = 0f;
            }
        }
    }
}
