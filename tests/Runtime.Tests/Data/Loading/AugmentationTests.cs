using Mtlc.Compiler.Recipes;
using Mtlc.Runtime.Data.Augmentation;
using Mtlc.Runtime.Data.Samples;

namespace Mtlc.Tests.Data.Loading;

public class AugmentationTests
{
    const int Height = 48,
        Width = 80;

    // Red is the column, green the row; class and depth say the same.
    static Sample Ramp()
    {
        var (rgb, classes, depth) = (new byte[Height * Width * 3], new byte[Height * Width], new float[Height * Width]);
        for (var p = 0; p < classes.Length; p++)
        {
            var (x, y) = (p % Width, p / Width);
            (rgb[3 * p], rgb[3 * p + 1], rgb[3 * p + 2]) = ((byte)x, (byte)y, 128);
            (classes[p], depth[p]) = ((byte)x, 1 + y);
        }
        return new("ramp", Height, Width, rgb, classes, depth);
    }

    static AugmentDraw Draw(
        float zoom = 1,
        float tilt = 0,
        float top = 0,
        float left = 0,
        bool flip = false,
        float[]? corners = null
    ) => new(zoom, tilt, corners ?? new float[8], top, left, flip, 1, 1, 1);

    static double Red(Example e, int y, int x) => (e.Image[y * e.Width + x] * Example.Deviation[0] + Example.Mean[0]) * 255;

    static double Green(Example e, int y, int x) =>
        (e.Image[e.Height * e.Width + y * e.Width + x] * Example.Deviation[1] + Example.Mean[1]) * 255;

    [Theory]
    [InlineData(1, 0, 0, false)]
    [InlineData(1, 0, 0, true)]
    [InlineData(0.7, 12, 0.05, true)]
    [InlineData(1.6, -20, 0.1, false)]
    public void Maps_move_as_labels_do_and_keep_their_colours(float zoom, float tilt, float wiggle, bool flip)
    {
        var plain = Ramp();
        float[] holes = [.. plain.Depth!.Select((d, p) => p % 7 == 0 ? float.NaN : d)];
        var labelled = plain with { Depth = holes };
        var mapped = labelled with { Maps = [.. holes, .. plain.Classes!.Select(c => (float)c)] };
        var recipe = new AugmentRecipe(new(40, 56), Jitter: 0.5);
        float[] corners = [wiggle, -wiggle, wiggle, wiggle, -wiggle, wiggle, 0, wiggle];
        var draw = new AugmentDraw(zoom, tilt * MathF.PI / 180, corners, 0.3f, 0.6f, flip, 1.4f, 0.7f, 1.2f);

        var (with, without) = (Preparation.Vary(mapped, recipe, draw), Preparation.Vary(labelled, recipe, draw));

        var pixels = 40 * 56;
        Assert.Equal(without.Image, with.Image[..(3 * pixels)]);
        Assert.Equal(without.Depth, with.Image[(3 * pixels)..(4 * pixels)]);
        Assert.Equal(without.Classes!.Select(c => c == Example.Unlabelled ? float.NaN : c), with.Image[(4 * pixels)..]);
        Assert.Equal(without.ToRgb(), with.ToRgb());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_crop_is_a_window_of_the_picture(bool flip)
    {
        var e = Preparation.Vary(Ramp(), new(new(16, 32)), Draw(top: 0.5f, left: 0.999999f, flip: flip));
        Assert.Equal((16, 32), (e.Height, e.Width));
        for (var x = 0; x < 32; x++)
        {
            var from = 48 + (flip ? 31 - x : x);
            Assert.Equal(from, Red(e, 3, x), 3);
            Assert.Equal(from, e.Classes![3 * 32 + x]);
        }
        Assert.Equal(16 + 3, Green(e, 3, 0), 3);
        Assert.Equal(1 + 16 + 3, e.Depth![3 * 32]);
    }

    [Theory]
    [InlineData(1, 0, false)]
    [InlineData(1, 0, true)]
    [InlineData(2, 0, false)]
    [InlineData(0.75f, 0, true)]
    [InlineData(1.4f, 0.2f, true)]
    [InlineData(1.1f, -0.3f, false)]
    public void Picture_labels_and_depth_line_up_after_any_warp(float zoom, float tilt, bool flip)
    {
        // Corners out of place by nearly nothing force the general warp where a window would do.
        float[] corners = [1e-6f, 0, 0.02f, -0.01f, 0, 0.03f, 0, 0];
        var e = Preparation.Vary(Ramp(), new(new(24, 40)), Draw(zoom, tilt, 0.4f, 0.6f, flip, corners));
        var inside = 0;
        for (var y = 0; y < e.Height; y++)
        {
            for (var x = 0; x < e.Width; x++)
            {
                var p = y * e.Width + x;
                Assert.Equal(float.IsNaN(e.Depth![p]), e.Classes![p] == 255);
                if (float.IsNaN(e.Depth[p]))
                    continue;
                inside++;
                // nearest against bilinear: half a pixel apart at most
                Assert.InRange(Red(e, y, x) - e.Classes[p], -0.51, 0.51);
                Assert.InRange(Green(e, y, x) - (e.Depth[p] - 1), -0.51, 0.51);
            }
        }
        Assert.True(inside > e.Height * e.Width / 2);
    }

    [Fact]
    public void The_general_warp_of_nothing_is_the_window()
    {
        var window = Preparation.Vary(Ramp(), new(new(24, 40)), Draw(top: 0, left: 0, flip: true));
        var warped = Preparation.Vary(
            Ramp(),
            new(new(24, 40)),
            Draw(top: 0, left: 0, flip: true, corners: [1e-9f, 0, 0, 0, 0, 0, 0, 0])
        );
        Assert.Equal(window.Classes, warped.Classes);
        Assert.All(window.Image.Zip(warped.Image), p => Assert.Equal(p.First, p.Second, 4));
    }

    [Fact]
    public void Zoom_enlarges_and_divides_depth_only_on_request()
    {
        var recipe = new AugmentRecipe(new(24, 40), Scale: new(2, 2));
        var kept = Preparation.Vary(Ramp(), recipe, Draw(zoom: 2, top: 0.5f, left: 0.5f));
        // 40 columns show 20: neighbours differ by half a column.
        Assert.Equal(0.5, Red(kept, 10, 21) - Red(kept, 10, 20), 3);
        var divided = Preparation.Vary(Ramp(), recipe with { ZoomDividesDepth = true }, Draw(zoom: 2, top: 0.5f, left: 0.5f));
        Assert.Equal(kept.Depth!.Select(d => d / 2), divided.Depth!);
    }

    [Fact]
    public void Outside_the_picture_nothing_is_labelled()
    {
        var e = Preparation.Vary(Ramp(), new(new(64, 128)), Draw(top: 0.5f, left: 0.5f));
        Assert.Equal(Height * Width, e.Depth!.Count(float.IsFinite));
        Assert.Equal(255, e.Classes![0]);
        Assert.Equal(0, e.Image[0], 5);
        Assert.Equal(0, e.Classes[8 * 128 + 24]);
    }

    [Fact]
    public void Jitter_changes_the_picture_and_nothing_else()
    {
        var recipe = new AugmentRecipe(new(24, 40), Jitter: 0.5);
        var plain = Preparation.Vary(Ramp(), recipe, Draw());
        var brighter = Preparation.Vary(Ramp(), recipe, Draw() with { Brightness = 1.5f });
        Assert.Equal(Red(plain, 5, 20) * 1.5, Red(brighter, 5, 20), 2);
        var grey = Preparation.Vary(Ramp(), recipe, Draw() with { Saturation = 0 });
        Assert.Equal(Red(grey, 5, 20), Green(grey, 5, 20), 3);
        Assert.Equal(0.299 * 20 + 0.587 * 5 + 0.114 * 128, Red(grey, 5, 20), 2);
        var flat = Preparation.Vary(Ramp(), recipe, Draw() with { Contrast = 0 });
        Assert.Equal(Red(flat, 0, 0), Red(flat, 23, 39), 3);
        Assert.Equal(plain.Classes, flat.Classes);
    }

    [Fact]
    public void Whole_pictures_keep_every_pixel()
    {
        var (e, sample) = (Preparation.Whole(Ramp()), Ramp());
        Assert.Equal((Height, Width), (e.Height, e.Width));
        Assert.Equal(sample.Rgb, e.ToRgb());
        Assert.Equal(sample.Classes, e.Classes);
        Assert.Equal(sample.Depth, e.Depth);
    }

    [Fact]
    public void Draws_depend_on_seed_epoch_and_sample_alone_and_are_independent_of_each_other()
    {
        var recipe = new AugmentRecipe(new(24, 40), Scale: new(0.5, 2), Tilt: 10);
        Assert.Equivalent(AugmentDraw.Of(recipe, 1, 2, 3), AugmentDraw.Of(recipe, 1, 2, 3), strict: true);
        Assert.NotEqual(AugmentDraw.Of(recipe, 1, 2, 3).Top, AugmentDraw.Of(recipe, 1, 3, 3).Top);
        Assert.Equal(AugmentDraw.Of(recipe, 1, 2, 3).Left, AugmentDraw.Of(new(new(24, 40)), 1, 2, 3).Left);
        var draws = Enumerable.Range(0, 4000).Select(i => AugmentDraw.Of(recipe, 5, 0, i)).ToArray();
        Assert.InRange(draws.Average(d => d.Top), 0.48, 0.52);
        Assert.InRange(draws.Count(d => d.Flip), 1900, 2100);
        Assert.InRange(draws.Count(d => d.Zoom < 1), 1900, 2100); // as often out as in
        Assert.All(draws, d => Assert.InRange(d.Zoom, 0.5f, 2));
        Assert.All(draws, d => Assert.InRange(d.Tilt, -0.1746f, 0.1746f));
    }
}
