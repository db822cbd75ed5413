using Mtlc.Compiler.Ir;
using Mtlc.Runtime.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Evaluation;

/// <summary>
/// Predictions of whole pictures of any size, from one pixel on: the last row and column are repeated up to sizes that the
/// network divides by, and its predictions are cut back. Labels are never padded, so that every pixel of a picture counts, and
/// none beside it. A repeated row has no gradient, so that nothing derived from a picture (Canny's edges) sees an edge at its
/// border. A picture whose sides divide is left alone. </summary>
static class WholePictures
{
    /// <summary>The final prediction of each task.</summary>
    /// <param name="image">[N, 3, H, W], normalised.</param>
    /// <returns>[N, C, H, W] by the task's name.</returns>
    public static IReadOnlyDictionary<string, Tensor> Predict(GraphModule module, Tensor image)
    {
        var stride = OutputStrides.Of(module.Graph);
        var (height, width) = (image.shape[2], image.shape[3]);
        var (below, right) = (OutputStrides.Padded(height, stride) - height, OutputStrides.Padded(width, stride) - width);
        if ((below, right) == (0, 0))
            return ByTask(module, image);
        using var padded = nn.functional.pad(image, [0, right, 0, below], PaddingModes.Replicate);
        return ByTask(module, padded).ToDictionary(o => o.Key, o => o.Value.narrow(2, 0, height).narrow(3, 0, width));
    }

    static Dictionary<string, Tensor> ByTask(GraphModule module, Tensor image)
    {
        var outputs = module.forward(image);
        return module.Graph.Outputs.Where(o => o.IsFinal).ToDictionary(o => o.Task, o => outputs[o.Name]);
    }
}
