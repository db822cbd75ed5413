using Mtlc.Compiler.Recipes;
using Mtlc.Runtime.Data.Samples;

namespace Mtlc.Runtime.Data.Augmentation;

/// <summary>
/// From a sample to what the network sees. One warp does crop, zoom, flip, tilt and perspective, so that nothing is resampled
/// twice: bilinear for the picture, the nearest pixel for labels, depth and the maps beside the picture, which must not mix. What
/// lies outside the picture becomes the mean colour and unlabelled. Contours and normals are derived afterwards, so that a flip
/// negates normal.x by itself. </summary>
public static class Preparation
{
    /// <summary>A training crop.</summary>
    public static Example Vary(Sample sample, AugmentRecipe recipe, AugmentDraw draw)
    {
        var (height, width) = (recipe.Crop.Height, recipe.Crop.Width);
        var identity =
            draw is { Zoom: 1, Tilt: 0 } && draw.Corners.All(c => c == 0) && height <= sample.Height && width <= sample.Width;
        var example = identity
            ? Window(
                sample,
                (int)(draw.Top * (sample.Height - height + 1)),
                (int)(draw.Left * (sample.Width - width + 1)),
                height,
                width,
                draw.Flip
            )
            : Warping.Apply(sample, Homography.Of(sample, recipe.Crop, draw), height, width);
        if (recipe.Jitter > 0)
            Jitter(Picture(example), draw);
        Normalise(Picture(example));
        if (recipe.ZoomDividesDepth && draw.Zoom != 1 && example.Depth is { } depth)
        {
            for (var i = 0; i < depth.Length; i++)
                depth[i] /= draw.Zoom;
        }
        return example;
    }

    /// <summary>Every pixel, at the picture's own size, whatever a network makes of it
    /// (<see cref="Evaluation.WholePictures"/>).</summary>
    public static Example Whole(Sample sample)
    {
        var example = Window(sample, 0, 0, sample.Height, sample.Width, flip: false);
        Normalise(Picture(example));
        return example;
    }

    // Without the maps behind it.
    static Span<float> Picture(Example example) => example.Image.AsSpan(0, 3 * example.Height * example.Width);

    // Intensities stay in 0..255 until they are normalised.
    static Example Window(Sample sample, int top, int left, int height, int width, bool flip)
    {
        var pixels = height * width;
        var maps = sample.Maps.Length / (sample.Height * sample.Width);
        var image = new float[(3 + maps) * pixels];
        var classes = sample.Classes is null ? null : new byte[pixels];
        var depth = sample.Depth is null ? null : new float[pixels];
        for (var y = 0; y < height; y++)
        {
            var from = (top + y) * sample.Width + left;
            for (int x = 0, p = y * width; x < width; x++, p++)
            {
                var q = from + (flip ? width - 1 - x : x);
                image[p] = sample.Rgb[q * 3];
                image[pixels + p] = sample.Rgb[q * 3 + 1];
                image[2 * pixels + p] = sample.Rgb[q * 3 + 2];
                if (classes is not null)
                    classes[p] = sample.Classes![q];
                if (depth is not null)
                    depth[p] = sample.Depth![q];
                for (var m = 0; m < maps; m++)
                    image[(3 + m) * pixels + p] = sample.Maps[m * sample.Height * sample.Width + q];
            }
        }
        return new(sample.Name, height, width, image, classes, depth);
    }

    // Brightness, contrast, saturation, in this order and each about its own grey, as torchvision's ColorJitter defines them.
    static void Jitter(Span<float> image, AugmentDraw draw)
    {
        var pixels = image.Length / 3;
        var mean = 0.0;
        for (var p = 0; p < pixels; p++)
            mean += Math.Min(255, Grey(image, p, pixels) * draw.Brightness);
        var grey = (float)(mean / pixels);
        for (var p = 0; p < pixels; p++)
        {
            for (var c = p; c < image.Length; c += pixels)
                image[c] = Math.Clamp(grey + draw.Contrast * (Math.Min(255, image[c] * draw.Brightness) - grey), 0, 255);
            var own = Grey(image, p, pixels);
            for (var c = p; c < image.Length; c += pixels)
                image[c] = Math.Clamp(own + draw.Saturation * (image[c] - own), 0, 255);
        }
    }

    static float Grey(ReadOnlySpan<float> image, int p, int pixels) =>
        0.299f * image[p] + 0.587f * image[pixels + p] + 0.114f * image[2 * pixels + p];

    static void Normalise(Span<float> image)
    {
        var pixels = image.Length / 3;
        for (var c = 0; c < 3; c++)
        {
            var (scale, offset) = (1 / (255 * Example.Deviation[c]), Example.Mean[c] / Example.Deviation[c]);
            foreach (ref var value in image.Slice(c * pixels, pixels))
                value = value * scale - offset;
        }
    }
}
