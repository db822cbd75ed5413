using Mtlc.Compiler.Ops;
using Mtlc.Runtime.Torch;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Mtlc.Runtime.SelfTest;

/// <summary>Batch norm in training, forward and its three gradients, and the running statistics (Ioffe and Szegedy, ICML
/// 2015).</summary>
static class NormalizationCases
{
    public static void Run(TestBench bench)
    {
        foreach (var size in (MapSize[])[new(2, 1, 5, 7), new(2, 19, 5, 7), new(2, 33, 3, 5), new(3, 256, 2, 3)])
        {
            var (x, gradient, scale, shift) = (
                bench.Numbers(size.Count),
                bench.Numbers(size.Count),
                bench.Numbers(size.Channels),
                bench.Numbers(size.Channels)
            );
            var right = new Answer(size);
            for (var c = 0; c < size.Channels; c++)
                right.Channel(c, x, gradient, scale[c], shift[c]);
            foreach (var last in (bool[])[false, true])
            {
                using var scope = NewDisposeScope();
                var (input, weight, bias) = (
                    Laid(bench.On(x, size.Shape)).requires_grad_(),
                    bench.On(scale, size.Channels).requires_grad_(),
                    bench.On(shift, size.Channels).requires_grad_()
                );
                var (mean, variance) = (
                    bench.On(new float[size.Channels], size.Channels),
                    bench.On(new float[size.Channels], size.Channels)
                );
                var y = F.batch_norm(input, mean, variance, weight, bias, true, BatchNorm.UsualMomentum, BatchNorm.UsualEps);
                var back = autograd.grad([y], [input, weight, bias], [Laid(bench.On(gradient, size.Shape))]);
                var name = FormattableString.Invariant($"{size.Channels} channels, channels {(last ? "last" : "first")}");
                bench.Add("batch norm", name, y, right.Y.Values, right.Y.Errors);
                bench.Add("batch norm", $"{name}: running mean", mean, right.Mean.Values, right.Mean.Errors);
                bench.Add("batch norm", $"{name}: running variance", variance, right.Variance.Values, right.Variance.Errors);
                bench.Add("gradient of batch norm", $"{name}: input", back[0], right.X.Values, right.X.Errors);
                bench.Add("gradient of batch norm", $"{name}: weight", back[1], right.Weight.Values, right.Weight.Errors);
                bench.Add("gradient of batch norm", $"{name}: bias", back[2], right.Bias.Values, right.Bias.Errors);

                Tensor Laid(Tensor tensor) => last ? ChannelsLast.Of(tensor) : tensor;
            }
        }
    }

    sealed class Answer(MapSize size)
    {
        public readonly (double[] Values, double[] Errors) Y = Of(size.Count),
            X = Of(size.Count),
            Mean = Of(size.Channels),
            Variance = Of(size.Channels),
            Weight = Of(size.Channels),
            Bias = Of(size.Channels);

        static (double[], double[]) Of(int count) => (new double[count], new double[count]);

        public void Channel(int c, float[] x, float[] g, double scale, double shift)
        {
            var area = size.Height * size.Width;
            int[] places = [.. Enumerable.Range(0, size.Pixels).Select(p => (p / area * size.Channels + c) * area + p % area)];
            double n = places.Length;
            var mean = places.Average(p => (double)x[p]);
            var variance = places.Average(p => Math.Pow(x[p] - mean, 2));
            var inverse = 1 / Math.Sqrt(variance + BatchNorm.UsualEps);
            // Sums of n terms, of the numbers and of their squares; half of what the variance is off by goes into the deviation.
            var ofSum = Bounded.Gamma(n + 4);
            var ofMean = ofSum * places.Average(p => Math.Abs(x[p]));
            var ofVariance = 2 * ofSum * (places.Average(p => (double)x[p] * x[p]) + mean * mean);
            var ofInverse = ofVariance / 2 * inverse * inverse + Bounded.Gamma(4);
            double Normal(int p) => (x[p] - mean) * inverse;
            double SizeOf(int p) => (Math.Abs(x[p]) + Math.Abs(mean)) * inverse;
            double OfNormal(int p) => ofMean * inverse + SizeOf(p) * (ofInverse + Bounded.Gamma(3));
            (Mean.Values[c], Mean.Errors[c]) = (
                BatchNorm.UsualMomentum * mean,
                BatchNorm.UsualMomentum * (ofMean + Bounded.Gamma(4) * Math.Abs(mean))
            );
            (Variance.Values[c], Variance.Errors[c]) = (
                BatchNorm.UsualMomentum * variance * n / (n - 1),
                BatchNorm.UsualMomentum * n / (n - 1) * (ofVariance + Bounded.Gamma(5) * variance)
            );
            (Bias.Values[c], Bias.Errors[c]) = (places.Sum(p => (double)g[p]), ofSum * places.Sum(p => Math.Abs(g[p])));
            (Weight.Values[c], Weight.Errors[c]) = (
                places.Sum(p => g[p] * Normal(p)),
                places.Sum(p => Math.Abs(g[p]) * (OfNormal(p) + ofSum * SizeOf(p)))
            );
            var (ofShift, ofScale) = (places.Average(p => Math.Abs(g[p])), places.Average(p => Math.Abs(g[p]) * SizeOf(p)));
            foreach (var p in places)
            {
                (Y.Values[p], Y.Errors[p]) = (
                    scale * Normal(p) + shift,
                    Math.Abs(scale) * (OfNormal(p) + Bounded.Gamma(3) * SizeOf(p)) + Bounded.Gamma(2) * Math.Abs(shift)
                );
                X.Values[p] = scale * inverse * (g[p] - Bias.Values[c] / n - Normal(p) * Weight.Values[c] / n);
                var sizes = Math.Abs(g[p]) + ofShift + SizeOf(p) * ofScale;
                X.Errors[p] =
                    Math.Abs(scale)
                    * inverse
                    * (
                        sizes * (ofInverse + Bounded.Gamma(8))
                        + Bias.Errors[c] / n
                        + OfNormal(p) * Math.Abs(Weight.Values[c]) / n
                        + SizeOf(p) * Weight.Errors[c] / n
                    );
            }
        }
    }
}
