using Mtlc.Compiler.Ops;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Mtlc.Runtime.Torch;

/// <summary>
/// 3x3 convolution by F(4x4, 3x3) of Lavin and Gray (CVPR 2016): a tile of 4x4 results takes 36 multiplications a channel instead of 144. Every step
/// is a matrix product: tiles of 6x6 inputs are transformed (36 x 36), multiplied by the transformed weights (channels by channels, one product for each
/// of the 36), and transformed back (16 x 36). It rounds a little more than the direct sum: errors are three to ten times as large, 1e-5 of the values.
/// </summary>
static class WinogradConvolution
{
    // Lavin and Gray, section 4.1; row-wise and column-wise at once: the Kronecker product of each matrix with itself.
    static readonly Lazy<Tensor>
        OfInputs = Squared(new float[,]
        {
            { 4, 0, -5, 0, 1, 0 }, { 0, -4, -4, 1, 1, 0 }, { 0, 4, -4, -1, 1, 0 }, { 0, -2, -1, 2, 1, 0 }, { 0, 2, -1, -2, 1, 0 }, { 0, 4, 0, -5, 0, 1 },
        }),
        OfWeights = Squared(new float[,]
        {
            { 1 / 4f, 0, 0 }, { -1 / 6f, -1 / 6f, -1 / 6f }, { -1 / 6f, 1 / 6f, -1 / 6f }, { 1 / 24f, 1 / 12f, 1 / 6f }, { 1 / 24f, -1 / 12f, 1 / 6f }, { 0, 0, 1 },
        }),
        OfResults = Squared(new float[,] { { 1, 1, 1, 1, 1, 0 }, { 0, 1, -1, 2, -2, 0 }, { 0, 1, 1, 4, 4, 0 }, { 0, 1, -1, 8, -8, 1 } });

    /// <param name="weight">[K, C, 3, 3]</param>
    /// <returns>[36, C, K]</returns>
    public static Tensor Transform(Tensor weight)
    {
        using var scope = NewDisposeScope();
        var (k, c) = (weight.shape[0], weight.shape[1]);
        return OfWeights.Value.mm(weight.permute(2, 3, 1, 0).reshape(9, c * k)).view(36, c, k).MoveToOuterDisposeScope();
    }

    /// <summary>relu?(conv(x, W) + bias + residual?) with a border of one zero, block by block, so that what lies between the products stays small.</summary>
    /// <param name="x">[N, C, H, W]</param>
    /// <param name="weight">[36, C, K]: <see cref="Transform"/>.</param>
    /// <param name="residual">Of the result's shape, or null.</param>
    /// <returns>[N, K, H, W], channels last.</returns>
    public static Tensor Run(bool relu, Tensor x, Tensor weight, Tensor? bias, Tensor? residual)
    {
        using var scope = NewDisposeScope();
        var (shape, k) = (x.shape, weight.shape[2]);
        var (n, h, w) = (shape[0], shape[2], shape[3]);
        var (down, across) = (Winograd.Tiles(h), Winograd.Tiles(w));
        var (pictures, most) = Winograd.BlockOf(n, h, w);
        var last = x.permute(0, 2, 3, 1);
        var y = empty([n * 4 * down, 4 * across, k], x.dtype, x.device); // tiles may reach over the border
        for (var first = 0L; first < n; first += pictures)
        {
            for (var row = 0L; row < down; row += most)
            {
                using var block = NewDisposeScope();
                var (count, rows) = (Math.Min(pictures, n - first), Math.Min(most, down - row));
                var (top, bottom) = (Math.Max(0, 4 * row - 1), Math.Min(h, 4 * (row + rows) + 1));
                var read = last.narrow(0, first, count).narrow(1, top, bottom - top);
                var padded = F.pad(read, [0, 0, 1, 4 * across - w + 1, top - (4 * row - 1), 4 * (row + rows) + 1 - bottom]);
                var tiles = padded.unfold(1, 6, 4).unfold(2, 6, 4).permute(4, 5, 0, 1, 2, 3);
                var results = Results(tiles.reshape(36, -1), weight, count * rows * across).view(4, 4, count, rows, across, k);
                var part = results.permute(2, 3, 0, 4, 1, 5).reshape(count * 4 * rows, 4 * across, k);
                if (bias is not null)
                    part.PlusInPlace(bias);
                if (relu && residual is null)
                    part.relu_();
                y.narrow(0, 4 * (first * down + row), part.shape[0]).copy_(part);
            }
        }
        y = y.view(n, 4 * down, 4 * across, k).narrow(1, 0, h).narrow(2, 0, w).contiguous();
        if (residual is not null)
            y.PlusInPlace(residual.permute(0, 2, 3, 1));
        if (relu && residual is not null)
            y.relu_();
        return y.permute(0, 3, 1, 2).MoveToOuterDisposeScope();
    }

    // [36, tiles * C] to [16, tiles * K]
    static Tensor Results(Tensor inputs, Tensor weight, long tiles)
    {
        using var products = Products(inputs, weight, tiles);
        return OfResults.Value.mm(products);
    }

    static Tensor Products(Tensor inputs, Tensor weight, long tiles)
    {
        using var transformed = OfInputs.Value.mm(inputs);
        inputs.Dispose();
        using var grouped = transformed.view(36, tiles, -1);
        using var products = grouped.bmm(weight);
        return products.view(36, -1);
    }

    static Lazy<Tensor> Squared(float[,] matrix) => new(() =>
    {
        using var one = tensor(matrix);
        return one.kron(one).DetachFromDisposeScope();
    });
}
