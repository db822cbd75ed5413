using System.Numerics;
using Mtlc.Runtime.Data.Samples;
using static Mtlc.Runtime.Data.Synthetic.PortableMath;

namespace Mtlc.Runtime.Data.Synthetic;

/// <summary>
/// Renders a scene on one thread. Labels, depth and normals are those of each pixel's centre; colour is averaged over four rays
/// where neighbouring pixels differ in what they see or in brightness.
/// </summary>
static class Renderer
{
    public static RenderedScene Render(Scene scene, int height, int width)
    {
        var view = new Viewpoint(scene, height, width);
        var visibility = new Visibility(scene, view, height, width);
        var shading = new Shading(scene, view, visibility, new Shadows(scene));
        int pixels = height * width;
        var classes = new byte[pixels];
        var depth = new float[pixels];
        var normals = new float[3 * pixels];
        var solids = new int[pixels];
        var colors = new Vector3[pixels];
        for (int y = 0, i = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++, i++)
            {
                float px = x + 0.5f,
                    py = y + 0.5f;
                var ray = view.Ray(px, py);
                var hit = visibility.Trace(px, py, ray, 0f);
                colors[i] = ToneMap(scene.Atmosphere, shading.Radiance(px, py, ray, hit));
                solids[i] = visibility.Part(hit);
                var p = scene.Eye + ray * hit.T;
                classes[i] = shading.Class(p, hit);
                depth[i] = hit.Solid == Hit.Sky ? float.NaN : hit.T;
                if (hit.Solid == Hit.Sky)
                    continue;
                var n = shading.Normal(p, ray, hit);
                normals[3 * i] = Dot(n, scene.Right);
                normals[3 * i + 1] = Dot(n, scene.Down);
                normals[3 * i + 2] = Dot(n, scene.Forward);
            }
        }
        var smooth = AntiAlias(scene, view, visibility, shading, solids, colors, height, width);
        Bonnet.Draw(scene, smooth, classes, depth, normals, height, width);
        return new RenderedScene(
            height,
            width,
            Film.Develop(scene, smooth, height, width),
            classes,
            depth,
            normals,
            new Camera(view.Focal, view.Focal, view.CenterX, view.CenterY)
        );
    }

    static Vector3[] AntiAlias(
        Scene scene,
        Viewpoint view,
        Visibility visibility,
        Shading shading,
        int[] solids,
        Vector3[] colors,
        int height,
        int width
    )
    {
        var smooth = (Vector3[])colors.Clone();
        for (int y = 0, i = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++, i++)
            {
                bool edge =
                    x > 0 && Differs(solids, colors, i, i - 1)
                    || x + 1 < width && Differs(solids, colors, i, i + 1)
                    || y > 0 && Differs(solids, colors, i, i - width)
                    || y + 1 < height && Differs(solids, colors, i, i + width);
                if (!edge)
                    continue;
                // Three more rays around the centre; no two of the four share a row or a column.
                smooth[i] =
                    0.25f
                    * (
                        colors[i]
                        + Sample(x + 0.25f, y + 0.125f)
                        + Sample(x + 0.875f, y + 0.3125f)
                        + Sample(x + 0.375f, y + 0.875f)
                    );
            }
        }
        return smooth;

        Vector3 Sample(float px, float py)
        {
            var ray = view.Ray(px, py);
            return ToneMap(scene.Atmosphere, shading.Radiance(px, py, ray, visibility.Trace(px, py, ray, 0f)));
        }
    }

    static bool Differs(int[] solids, Vector3[] colors, int a, int b)
    {
        if (solids[a] != solids[b])
            return true;
        var d = Vector3.Abs(colors[a] - colors[b]);
        return d.X + d.Y + d.Z > 0.24f;
    }

    /// <summary>Exposure and a shoulder for bright light (extended Reinhard, white at 4); display-linear in [0, 1].</summary>
    static Vector3 ToneMap(Atmosphere air, Vector3 radiance)
    {
        var x = radiance * air.WhiteBalance * air.Exposure;
        var mapped = x * (Vector3.One + x * (1f / 16f)) / (Vector3.One + x * 0.85f);
        // A little more colour than the light had: what cameras do.
        float grey = (mapped.X + mapped.Y + mapped.Z) * (1f / 3f);
        mapped = new Vector3(grey) + (mapped - new Vector3(grey)) * 1.18f;
        return Vector3.Clamp(mapped, Vector3.Zero, Vector3.One);
    }
}
