using Mtlc.Runtime.Data.Samples;

namespace Mtlc.Runtime.Data.Augmentation;

/// <summary>Resamples a picture and its labels through a projective map.</summary>
static class Warping
{
    /// <param name="map">From the result's pixels to the sample's.</param>
    /// <returns>Intensities in 0..255; outside the sample the mean colour, no label and no number.</returns>
    public static Example Apply(Sample sample, Homography map, int height, int width)
    {
        var pixels = height * width;
        var (area, maps) = (sample.Height * sample.Width, sample.Maps.Length / (sample.Height * sample.Width));
        var image = new float[(3 + maps) * pixels];
        var classes = sample.Classes is null ? null : new byte[pixels];
        var depth = sample.Depth is null ? null : new float[pixels];
        for (var y = 0; y < height; y++)
        {
            for (int x = 0, p = y * width; x < width; x++, p++)
            {
                var (u, v) = map.Map(x + 0.5, y + 0.5);
                var inside = u >= 0 && v >= 0 && u < sample.Width && v < sample.Height;
                var nearest = inside ? (int)v * sample.Width + (int)u : -1;
                if (classes is not null)
                    classes[p] = inside ? sample.Classes![nearest] : Example.Unlabelled;
                if (depth is not null)
                    depth[p] = inside ? sample.Depth![nearest] : float.NaN;
                for (var m = 0; m < maps; m++)
                    image[(3 + m) * pixels + p] = inside ? sample.Maps[m * area + nearest] : float.NaN;
                if (inside)
                    Bilinear(sample, (float)(u - 0.5), (float)(v - 0.5), image, p, pixels);
                else
                    for (var c = 0; c < 3; c++)
                        image[c * pixels + p] = Example.Mean[c] * 255;
            }
        }
        return new(sample.Name, height, width, image, classes, depth);
    }

    static void Bilinear(Sample sample, float x, float y, float[] image, int p, int pixels)
    {
        var (left, top) = ((int)MathF.Floor(x), (int)MathF.Floor(y));
        var (fx, fy) = (x - left, y - top);
        var (right, bottom) = (Math.Min(left + 1, sample.Width - 1), Math.Min(top + 1, sample.Height - 1));
        (left, top) = (Math.Max(left, 0), Math.Max(top, 0));
        var (a, b) = (top * sample.Width, bottom * sample.Width);
        for (var c = 0; c < 3; c++)
        {
            float At(int pixel) => sample.Rgb[pixel * 3 + c];
            var upper = At(a + left) + fx * (At(a + right) - At(a + left));
            var lower = At(b + left) + fx * (At(b + right) - At(b + left));
            image[c * pixels + p] = upper + fy * (lower - upper);
        }
    }
}
