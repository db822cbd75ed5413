using Mtlc.Runtime.Data.Samples;
using Mtlc.Runtime.Torch.Targets;
using static TorchSharp.torch;

namespace Mtlc.Tests.Torch.Targets;

public sealed class NormalsTests
{
    static readonly Camera Camera = new(200, 210, 31.5, 23.5);

    [Fact]
    public void Normals_in_pixels_are_the_references() =>
        TensorAssert.Close(
            Reference.Floats("normals", "normal_xyz"),
            Normals.OfPixels(Reference.Floats("normals", "depth").unsqueeze(1)),
            1e-6
        );

    [Fact]
    public void Where_a_needed_depth_is_missing_all_three_components_are()
    {
        var depth = full([1, 1, 4, 4], Held(5f));
        depth[0, 0, 1, 1] = float.NaN;
        foreach (var normals in new[] { Normals.OfPixels(depth), Normals.OfCamera(depth, Camera) })
        {
            var missing = normals.isnan();
            // (1,1) itself, (1,2) which reads its left and (2,1) which reads above; the borders copy (1,1), (1,2) and (2,1).
            var expected = tensor(
                    new[]
                    {
                        true,
                        true,
                        true,
                        false,
                        true,
                        true,
                        true,
                        false,
                        true,
                        true,
                        false,
                        false,
                        false,
                        false,
                        false,
                        false,
                    }
                )
                .view(1, 1, 4, 4)
                .expand(1, 3, 4, 4);
            Assert.True(missing.eq(expected).all().item<bool>());
        }
    }

    [Theory]
    [InlineData(0, 0, 1)]
    [InlineData(0.3, -0.2, 1)]
    [InlineData(0, 1, 0.02)]
    public void A_plane_seen_by_a_camera_has_its_own_normal_everywhere(double nx, double ny, double nz)
    {
        // Every ray (x, y, 1) meets the plane n . p = 10 at depth 10 / (n . ray); only the part in front of the camera counts.
        var depth = new float[48 * 64];
        for (var v = 0; v < 48; v++)
        {
            for (var u = 0; u < 64; u++)
            {
                var toward = nx * (u - Camera.CenterX) / Camera.FocalX + ny * (v - Camera.CenterY) / Camera.FocalY + nz;
                depth[v * 64 + u] = toward > 0.03 ? (float)(10 / toward) : float.NaN;
            }
        }
        var normals = Normals.OfCamera(tensor(depth).view(1, 1, 48, 64), Camera);
        var length = Math.Sqrt(nx * nx + ny * ny + nz * nz);
        var labelled = normals.isnan().logical_not();
        Assert.True(labelled.sum().item<long>() > 3 * 300);
        var expected = tensor(new[] { (float)(nx / length), (float)(ny / length), (float)(nz / length) }).view(1, 3, 1, 1);
        var error = (normals - expected).abs().masked_fill(labelled.logical_not(), Held(0));
        Assert.True(error.max().item<float>() < 2e-3, $"off by {error.max().item<float>()}");
    }

    [Fact]
    public void Each_image_may_have_its_own_camera()
    {
        var depth = rand(2, 1, 6, 7, generator: new Generator(3)).Plus(4);
        var intrinsics = tensor(new[] { 200, 210, 31.5, 23.5, 90, 80, 3, 2 }).view(2, 4);
        var both = Normals.OfCamera(depth, intrinsics);
        TensorAssert.Close(Normals.OfCamera(depth[1].unsqueeze(0), new Camera(90, 80, 3, 2)), both[1].unsqueeze(0), 1e-6);
        Assert.Throws<ArgumentException>(() => Normals.OfCamera(depth, intrinsics[0].unsqueeze(0)));
    }

    [Fact]
    public void A_picture_without_neighbours_is_refused() =>
        Assert.Throws<ArgumentException>(() => Normals.OfPixels(ones(1, 1, 1, 5)));
}
