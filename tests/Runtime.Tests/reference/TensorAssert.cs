using static TorchSharp.torch;

namespace Mtlc.Tests;

static class TensorAssert
{
    /// <summary>Same shape, NaN in the same places, everything else within the tolerance.</summary>
    public static void Close(Tensor expected, Tensor actual, double tolerance)
    {
        Assert.Equal(expected.shape, actual.shape);
        var (e, a) = (Values(expected), Values(actual));
        for (var i = 0; i < e.Length; i++)
            Assert.True(
                double.IsNaN(e[i]) ? double.IsNaN(a[i]) : Math.Abs(e[i] - a[i]) <= tolerance,
                $"element {i} of [{string.Join(", ", expected.shape)}]: expected {e[i]}, got {a[i]}"
            );
    }

    public static double[] Values(Tensor tensor) =>
        tensor.detach().to(ScalarType.Float64).cpu().contiguous().data<double>().ToArray();

    /// <summary>Automatic against central finite differences, both in float64.</summary>
    public static void GradientsAgree(Func<Tensor, Tensor> loss, Tensor at, double step = 1e-6, double tolerance = 1e-7)
    {
        using var input = at.to(ScalarType.Float64).detach().clone().requires_grad_();
        loss(input).backward();
        var automatic = Values(input.grad!);
        var values = Values(input);
        for (var i = 0; i < values.Length; i++)
        {
            double Moved(double by)
            {
                var moved = (double[])values.Clone();
                moved[i] += by;
                return loss(tensor(moved).view(at.shape)).item<double>();
            }
            var numeric = (Moved(step) - Moved(-step)) / (2 * step);
            Assert.True(
                Math.Abs(numeric - automatic[i]) <= tolerance,
                $"gradient {i}: {automatic[i]} by autograd, {numeric} by differences"
            );
        }
    }
}
