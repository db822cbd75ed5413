using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Mtlc.Runtime.SelfTest;

/// <summary>
/// oneDNN keeps the last 1024 kernels that it has made (its primitive cache), those that a cure comes too late for among them.
/// libtorch does not offer the function that empties it, so that as many others are made, one after the other. </summary>
static class MadePrimitives
{
    const int Kept = 1024,
        Widths = 40;

    public static void Forget()
    {
        using var gradients = no_grad();
        for (var i = 0; i < Kept + Widths; i++)
        {
            using var scope = NewDisposeScope();
            F.conv2d(zeros([2, 2, 11 + i % Widths, 11 + i / Widths]), zeros([2, 2, 1, 1]), strides: [2, 2]);
        }
    }
}
