using Mtlc.Compiler.Recipes;
using Mtlc.Runtime.Data.Images;
using Mtlc.Runtime.Files;

namespace Mtlc.Tests.Runtime.Data.Images;

public class PictureTests
{
    static readonly (byte, byte, byte) White = (255, 255, 255);

    static (byte, byte, byte) At(Picture picture, int y, int x)
    {
        var p = picture.Rgb.AsSpan((y * picture.Width + x) * 3, 3);
        return (p[0], p[1], p[2]);
    }

    [Fact]
    public void A_saved_picture_is_loaded_unchanged()
    {
        using var folder = new TemporaryFolder();
        var picture = new Picture(2, 3, Enumerable.Range(0, 18).Select(i => (byte)(i * 14)).ToArray());
        var path = Path.Combine(folder.Path, "Straße 1.png");
        picture.SavePng(path);
        Assert.Equal(picture.Rgb, Picture.Load(path).Rgb);
        Assert.Throws<DataException>(() => Picture.Load(folder.File("words.jpg", "not a picture")));
        Assert.Throws<DataException>(() => Picture.Load(folder.Path));
    }

    [Fact]
    public void Bilinear_doubling_has_the_weights_of_half_pixel_centres()
    {
        var picture = new Picture(1, 2, [0, 0, 0, 100, 200, 40]);
        Assert.Equal([0, 0, 0, 25, 50, 10, 75, 150, 30, 100, 200, 40], picture.ResizeBilinear(1, 4).Rgb);
    }

    [Fact]
    public void Shrinking_averages()
    {
        var stripes = new Picture(1, 8, Enumerable.Range(0, 24).Select(i => (byte)(i / 3 % 2 * 200)).ToArray());
        foreach (var value in stripes.ResizeBilinear(1, 2).Rgb)
            Assert.InRange(value, 90, 110);
        var flat = Picture.Filled(5, 7, (9, 8, 7));
        Assert.Equal(Picture.Filled(11, 3, (9, 8, 7)).Rgb, flat.ResizeBilinear(11, 3).Rgb);
    }

    [Fact]
    public void An_overlay_leaves_ignored_pixels_alone()
    {
        var overlay = Picture.Filled(1, 2, (100, 100, 100)).Overlay([0, 255], Palette.Cityscapes, 0.5);
        Assert.Equal((114, 82, 114), At(overlay, 0, 0));
        Assert.Equal((100, 100, 100), At(overlay, 0, 1));
    }

    [Fact]
    public void Palettes_tell_every_class_apart()
    {
        Assert.Equal((70, 130, 180), Palette.Cityscapes[10]);
        Assert.Equal((0, 0, 0), Palette.Cityscapes[255]);
        Assert.Same(Palette.Cityscapes, Palette.For(DataContract.CityscapesClasses));
        var many = Palette.For([.. Enumerable.Range(0, 255).Select(i => $"class {i}")]);
        Assert.Equal(255, Enumerable.Range(0, 255).Select(i => many[i]).Distinct().Count());
        Assert.Equal((192, 128, 128), many[15]);
    }

    [Fact]
    public void Depth_colours_follow_the_logarithm()
    {
        var picture = Colormap.Depth(1, 6, [4, 300, (float)Math.Sqrt(1200), float.NaN, 1, 0], 4, 300);
        Assert.Equal((252, 253, 191), At(picture, 0, 0));
        Assert.Equal((0, 0, 4), At(picture, 0, 1));
        Assert.Equal((181, 54, 122), At(picture, 0, 2));
        Assert.Equal((128, 128, 128), At(picture, 0, 3));
        Assert.Equal(At(picture, 0, 0), At(picture, 0, 4));
        Assert.Equal((128, 128, 128), At(picture, 0, 5));
    }

    [Fact]
    public void The_range_of_depth_leaves_outliers_out()
    {
        var map = Enumerable.Range(1, 1000).Select(i => i == 1000 ? 1e6f : 10 + i / 100f).Append(float.NaN).ToArray();
        var (near, far) = Colormap.Range(map);
        Assert.InRange(near, 10.1, 10.3);
        Assert.InRange(far, 19.7, 19.9);
        Assert.Equal((4, 300), Colormap.Range([float.NaN]));
    }

    [Fact]
    public void Normals_and_contours_have_their_customary_colours()
    {
        var up = Colormap.Normals(1, 2, [0, float.NaN, -1, float.NaN, 1, float.NaN]);
        Assert.Equal((128, 0, 255), At(up, 0, 0));
        Assert.Equal((128, 128, 128), At(up, 0, 1));
        Assert.Equal([0, 0, 0, 255, 255, 255, 128, 128, 128], Colormap.Contour(1, 3, [0, 1, 0.5f]).Rgb);
    }

    [Fact]
    public void A_contact_sheet_shows_every_picture_and_caption_without_any_font_installed()
    {
        Tile[] tiles =
        [
            new(Picture.Filled(20, 40, (255, 0, 0)), "image"),
            new(Picture.Filled(30, 60, (0, 255, 0)), "Tiefe: Straße 雨"),
            new(Picture.Filled(10, 10, (0, 0, 255))),
        ];
        var sheet = ContactSheet.Compose(tiles, 2, "train/17");
        Assert.Equal((6 + 22 + 16 + 30 + 6 + 10 + 6, 6 + 40 + 6 + 60 + 6), (sheet.Height, sheet.Width));
        foreach (var color in ((byte, byte, byte)[])[(255, 0, 0), (0, 255, 0), (0, 0, 255)])
            Assert.Equal(
                tiles.Where(t => At(t.Picture, 0, 0) == color).Sum(t => t.Picture.Height * t.Picture.Width),
                Enumerable.Range(0, sheet.Height * sheet.Width).Count(p => At(sheet, p / sheet.Width, p % sheet.Width) == color)
            );
        bool HasInk(int top, int left, int width) =>
            Enumerable.Range(0, 16 * width).Any(p => At(sheet, top + p / width, left + p % width) != White);
        Assert.True(HasInk(6, 6, 64));
        Assert.True(HasInk(28, 6, 40));
        Assert.True(HasInk(28, 52, 60));
        Assert.Equal((12, 12), (ContactSheet.Compose([], 3).Height + 6, ContactSheet.Compose([], 3).Width));
    }
}
