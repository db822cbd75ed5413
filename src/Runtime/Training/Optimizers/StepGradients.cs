using static TorchSharp.torch;

namespace Mtlc.Runtime.Training.Optimizers;

/// <summary>The gradients that a backward pass has left: of those parameters that it reached.</summary>
public sealed class StepGradients : IDisposable
{
    StepGradients(int[] indices, Tensor[] values) => (Indices, Values) = (indices, values);

    /// <summary>Positions, among the parameters asked, of those that have a gradient.</summary>
    public IReadOnlyList<int> Indices { get; }

    internal Tensor[] Values { get; }

    public static StepGradients Of(IReadOnlyList<Tensor> parameters)
    {
        var found = parameters.Select((p, i) => (i, p.grad)).Where(x => x.grad is not null).ToArray();
        return new([.. found.Select(x => x.i)], [.. found.Select(x => AsItsParameter(x.grad!, parameters[x.i]))]);
    }

    // The fused kernels walk parameter and gradient side by side in memory. A backward pass leaves gradients in their parameters'
    // order; what a balancing scheme has put together may lie in another.
    static Tensor AsItsParameter(Tensor gradient, Tensor parameter)
    {
        if (gradient.stride().Zip(parameter.stride(), parameter.shape).All(d => d.First == d.Second || d.Third == 1))
            return gradient;
        using (gradient)
        {
            using var gradients = no_grad();
            return parameter.grad = empty_like(parameter).copy_(gradient);
        }
    }

    /// <summary>The Euclidean norm of all together: not finite exactly where one of them is not (or its square
    /// overflows).</summary>
    public double Norm()
    {
        if (Values.Length == 0)
            return 0;
        using var norm = FusedKernels.Invoke("norm", [Values]);
        return norm.item<float>();
    }

    /// <summary>Scales all so that their norm is at most <paramref name="largest"/>, as torch.nn.utils.clip_grad_norm_.</summary>
    /// <param name="norm">Their norm now.</param>
    public void Clip(double largest, double norm)
    {
        var factor = largest / (norm + 1e-6);
        if (factor < 1)
            Scale(factor);
    }

    /// <summary>Multiplies all by a factor.</summary>
    public void Scale(double factor)
    {
        if (Values.Length > 0)
            FusedKernels.Invoke("scale", Values, factor).Dispose();
    }

    /// <summary>Forgets the gradients of parameters, so that the next backward pass starts anew.</summary>
    public static void Clear(IReadOnlyList<Tensor> parameters)
    {
        foreach (var parameter in parameters)
            parameter.grad = null;
    }

    public void Dispose()
    {
        foreach (var value in Values)
            value.Dispose();
    }
}
