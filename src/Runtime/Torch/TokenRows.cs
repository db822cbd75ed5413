using static TorchSharp.torch;

namespace Mtlc.Runtime.Torch;

/// <summary>Maps that carry tokens: [N, C, 1, tokens + pixels], channels last in memory, as matrices and attention want
/// them.</summary>
static class TokenRows
{
    /// <param name="x">A map or one that carries tokens already, then maps whose pixels become tokens before them.</param>
    public static Tensor Join(Tensor[] x)
    {
        using var scope = NewDisposeScope();
        var batch = x.Max(t => t.shape[0]);
        var rows = x[1..].Append(x[0]).Select(t => t.flatten(2).transpose(1, 2).expand(batch, -1, -1)).ToArray();
        return cat(rows, 1).transpose(1, 2).unsqueeze(2).MoveToOuterDisposeScope();
    }

    /// <returns>[N, C, height, width]: a view.</returns>
    public static Tensor Pixels(Tensor x, int tokens, (long Height, long Width) size)
    {
        if (tokens == 0)
            return x.alias();
        using var row = x.narrow(3, tokens, size.Height * size.Width);
        using var flat = row.squeeze(2);
        return flat.unflatten(2, size.Height, size.Width);
    }
}
