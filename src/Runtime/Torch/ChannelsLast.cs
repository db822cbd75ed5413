using static TorchSharp.torch;

namespace Mtlc.Runtime.Torch;

/// <summary>
/// Maps and weights whose channels lie next to each other in memory (torch.channels_last). Shapes stay [N, C, H, W]: what is
/// computed is the same, and libtorch's operations hand the order on. </summary>
static class ChannelsLast
{
    /// <param name="x">[N, C, H, W]</param>
    /// <returns>A new tensor object of the same shape; it shares memory with one that lies so already.</returns>
    public static Tensor Of(Tensor x)
    {
        using var scope = NewDisposeScope();
        return x.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2).MoveToOuterDisposeScope();
    }
}
