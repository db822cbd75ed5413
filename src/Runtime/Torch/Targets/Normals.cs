using Mtlc.Runtime.Data.Samples;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Torch.Targets;

/// <summary>
/// Surface normals from depth: the cross product of the steps to the left and to the upper neighbour. The first row and column,
/// which have no such neighbour, copy the second. Axes: x right, y down, z along the optical axis, and normals point into the
/// scene (z &gt; 0 on a surface that the camera sees), so that a wall facing the camera has (0, 0, 1). </summary>
public static class Normals
{
    /// <summary>
    /// The report's <c>compute_normals</c>: points are (column, row, depth), pixels by metres, without a camera. It equals the
    /// true normal only up to the scale of a pixel; <see cref="OfCamera(Tensor, Tensor)"/> has the geometry. </summary>
    /// <param name="depth">[N, 1, H, W] metres, NaN where unlabelled; H and W at least 2.</param>
    /// <returns>[N, 3, H, W] unit vectors, NaN in all three components where any of the three depths is NaN.</returns>
    /// <exception cref="ArgumentException">The depth has another shape, or is smaller than 2x2.</exception>
    public static Tensor OfPixels(Tensor depth)
    {
        var (height, width) = Size(depth);
        using var scope = NewDisposeScope();
        using var gradients = no_grad();
        var here = depth.narrow(2, 1, height - 1).narrow(3, 1, width - 1);
        var left = depth.narrow(2, 1, height - 1).narrow(3, 0, width - 1);
        var above = depth.narrow(2, 0, height - 1).narrow(3, 1, width - 1);
        // (left - here) x (above - here) = (-1, 0, a) x (0, -1, b) = (a, b, 1)
        var (a, b) = (left - here, above - here);
        var inverse = a.pow(Held(2)).Plus(b.pow(Held(2))).Plus(1).rsqrt();
        return Bordered(cat([a * inverse, b * inverse, inverse], 1), height, width).MoveToOuterDisposeScope();
    }

    /// <summary>True normals of the surface that pinhole cameras saw.</summary>
    /// <param name="depth">[N, 1, H, W] metres along the optical axis, NaN where unlabelled; H and W at least 2.</param>
    /// <param name="intrinsics">[N, 4]: focal lengths x and y, principal point x and y, in pixels, for each image.</param>
    /// <returns>[N, 3, H, W] unit vectors, NaN in all three components where any of the three depths is NaN.</returns>
    /// <exception cref="ArgumentException">The depth is not [N, 1, H, W] of 2x2 or more, or the intrinsics are not [N,
    /// 4].</exception>
    public static Tensor OfCamera(Tensor depth, Tensor intrinsics)
    {
        var (height, width) = Size(depth);
        if (intrinsics.dim() != 2 || intrinsics.shape[0] != depth.shape[0] || intrinsics.shape[1] != 4)
            throw new ArgumentException(
                $"the intrinsics of {depth.shape[0]} images are [{depth.shape[0]}, 4], but these are "
                    + $"[{string.Join(", ", intrinsics.shape)}]"
            );
        using var scope = NewDisposeScope();
        using var gradients = no_grad();
        var parameters = intrinsics.to(depth.dtype, depth.device).view(-1, 4, 1, 1).unbind(1);
        Tensor Parameter(int index) => parameters[index].unsqueeze(1);
        var column = arange(Held(0), Held(width), Held(1), depth.dtype, depth.device).view(1, 1, 1, width);
        var row = arange(Held(0), Held(height), Held(1), depth.dtype, depth.device).view(1, 1, height, 1);
        var points = cat(
            [depth * ((column - Parameter(2)) / Parameter(0)), depth * ((row - Parameter(3)) / Parameter(1)), depth],
            1
        );
        var here = points.narrow(2, 1, height - 1).narrow(3, 1, width - 1);
        var left = points.narrow(2, 1, height - 1).narrow(3, 0, width - 1) - here;
        var above = points.narrow(2, 0, height - 1).narrow(3, 1, width - 1) - here;
        var normal = nn.functional.normalize(linalg.cross(left, above, 1), 2, 1);
        return Bordered(normal, height, width).MoveToOuterDisposeScope();
    }

    /// <summary><see cref="OfCamera(Tensor, Tensor)"/> for images of one camera.</summary>
    public static Tensor OfCamera(Tensor depth, Camera camera)
    {
        using var intrinsics = tensor(new[] { camera.FocalX, camera.FocalY, camera.CenterX, camera.CenterY })
            .view(1, 4)
            .expand(depth.shape[0], 4);
        return OfCamera(depth, intrinsics);
    }

    static Tensor Bordered(Tensor inner, long height, long width)
    {
        var output = inner.new_empty(inner.shape[0], 3, height, width);
        output.narrow(2, 1, height - 1).narrow(3, 1, width - 1).copy_(inner);
        output.narrow(2, 0, 1).copy_(output.narrow(2, 1, 1));
        output.narrow(3, 0, 1).copy_(output.narrow(3, 1, 1));
        return output;
    }

    static (long Height, long Width) Size(Tensor depth)
    {
        var shape = depth.shape;
        if (shape.Length != 4 || shape[1] != 1 || shape[2] < 2 || shape[3] < 2)
            throw new ArgumentException(
                $"normals are derived from depth [N, 1, H, W] of at least 2x2 pixels, but this is [{string.Join(", ", shape)}]"
            );
        return (shape[2], shape[3]);
    }
}
