using Mtlc.Compiler.Recipes;
using Mtlc.Runtime.Data.Augmentation;
using Mtlc.Runtime.Data.Samples;
using Mtlc.Runtime.Data.Synthetic;
using Mtlc.Runtime.Torch.Targets;
using static TorchSharp.torch;

namespace Mtlc.Tests.Data.Loading;

/// <summary>What is derived from the labels of a rendered street after the warp means what it meant before.</summary>
public sealed class WarpedSceneTests
{
    const int Height = 64,
        Width = 128;

    static readonly Sample Scene = new SyntheticSource(1, new ImageSize(Height, Width), 4).Read(Split.Train, 0);

    static Example Warped(bool flip, float zoom = 1, float tilt = 0) =>
        Preparation.Vary(
            Scene,
            new AugmentRecipe(new ImageSize(Height, Width)),
            new AugmentDraw(zoom, tilt, new float[8], 0.5f, 0.5f, flip, 1, 1, 1)
        );

    [Fact]
    public void A_flip_negates_normal_x()
    {
        var (plain, flipped) = (NormalsOf(Warped(false)), NormalsOf(Warped(true)));
        var compared = 0;
        for (var y = 1; y < Height; y++)
        {
            for (var x = 1; x < Width - 1; x++)
            {
                // Normals compare a pixel with its left neighbour; in the mirror that is the right one, so the same pair is found
                // one column on.
                var (a, b) = (SlopeX(plain, y, x + 1), SlopeX(flipped, y, Width - 1 - x));
                if (!float.IsFinite(a) || !float.IsFinite(b) || a == 0)
                    continue;
                Assert.Equal(-a, b, 1e-3f * Math.Max(1, Math.Abs(a)));
                compared++;
            }
        }
        Assert.True(compared > 1000, $"{compared}");

        static float SlopeX(float[] normals, int y, int x) => normals[y * Width + x] / normals[(2 * Height + y) * Width + x];
        static float[] NormalsOf(Example e)
        {
            using var depth = tensor(e.Depth!).view(1, 1, Height, Width);
            using var normals = Normals.OfPixels(depth);
            return [.. normals.contiguous().data<float>()];
        }
    }

    [Theory]
    [InlineData(1, 0, true)]
    [InlineData(1.5f, 0.1f, false)]
    [InlineData(0.8f, -0.1f, true)]
    public void Contours_stand_where_the_warped_labels_change(float zoom, float tilt, bool flip)
    {
        var classes = Warped(flip, zoom, tilt).Classes!;
        using var labels = tensor(classes).view(1, Height, Width).to(ScalarType.Int64);
        using var contours = Contours.Of(labels, 255);
        float[] found = [.. contours.contiguous().data<float>()];
        var edges = 0;
        for (var p = Width; p < found.Length; p++)
        {
            var (left, above) = (classes[p % Width == 0 ? p : p - 1], classes[p - Width]);
            var known = classes[p] != 255 && left != 255 && above != 255;
            var edge = classes[p] != left || classes[p] != above;
            Assert.Equal(
                known
                    ? edge
                        ? 1
                        : 0
                    : float.NaN,
                found[p]
            );
            edges += known && edge ? 1 : 0;
        }
        Assert.InRange(edges, 100, found.Length / 2);
    }
}
