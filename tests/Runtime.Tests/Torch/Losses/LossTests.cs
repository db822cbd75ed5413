using Mtlc.Compiler.Ir;
using Mtlc.Runtime.Torch.Losses;
using static TorchSharp.torch;

namespace Mtlc.Tests.Torch.Losses;

public sealed class LossTests
{
    static readonly Tensor DepthLabel = Reference.Floats("depth_metrics", "label_m").unsqueeze(1);
    static readonly Tensor DepthPrediction = Reference.Floats("depth_metrics", "prediction_m").unsqueeze(1);

    [Fact]
    public void Cross_entropy_is_the_references()
    {
        var loss = new CrossEntropyLoss().Compute(
            Reference.Floats("cross_entropy", "logits"),
            Reference.Longs("cross_entropy", "label"),
            255
        );
        Assert.Equal(Reference.Number("cross_entropy", "loss"), loss.item<float>(), 1e-5);
    }

    [Fact]
    public void Masked_regression_is_the_references()
    {
        Assert.Equal(
            Reference.Number("masked_regression", "l2"),
            new L2Loss().Compute(DepthPrediction, DepthLabel).item<float>(),
            1e-4
        );
        Assert.Equal(
            Reference.Number("masked_regression", "l1"),
            new L1Loss().Compute(DepthPrediction, DepthLabel).item<float>(),
            1e-5
        );
    }

    [Fact]
    public void Balanced_bce_is_the_references()
    {
        var loss = new BalancedBinaryCrossEntropy().Compute(
            Reference.Floats("contour", "probability").unsqueeze(1),
            Reference.Floats("contour", "edges").unsqueeze(1)
        );
        Assert.Equal(Reference.Number("contour", "weighted_bce"), loss.item<float>(), 1e-6);
    }

    [Fact]
    public void An_image_with_few_labels_weighs_as_much_as_one_with_many_in_l2_but_not_in_cross_entropy()
    {
        var label = full([2, 1, 1, 4], Held(float.NaN));
        label[0, 0, 0, 0] = 3f;
        label[1] = zeros(1, 1, 4);
        // image 1: (0 - 3)^2 = 9 over one pixel; image 2: 0 over four
        Assert.Equal(4.5, new L2Loss().Compute(zeros(2, 1, 1, 4), label).item<float>(), 1e-6);

        var logits = zeros(2, 2, 1, 4);
        logits[0, 1] = full([1, 4], Held(100f));
        var classes = tensor(new long[] { 0, 255, 255, 255, 0, 0, 0, 0 }).view(2, 1, 4);
        // one pixel at 100, four at ln 2
        Assert.Equal((100 + 4 * Math.Log(2)) / 5, new CrossEntropyLoss().Compute(logits, classes, 255).item<float>(), 1e-5);
    }

    [Fact]
    public void Normals_are_compared_over_their_valid_components()
    {
        var prediction = tensor(new float[] { 1, 1, 0, 0, 0, 0 }).view(1, 3, 1, 2);
        var label = tensor(new float[] { 0, float.NaN, 0, float.NaN, 1, float.NaN }).view(1, 3, 1, 2);
        Assert.Equal(2.0 / 3, new L2Loss().Compute(prediction, label).item<float>(), 1e-6);
    }

    [Fact]
    public void An_unlabelled_pixel_of_a_contour_weighs_nothing_and_counts_in_the_mean()
    {
        var probability = tensor(new[] { 0.25f, 0.5f, 0.9f, 0.9f }).view(1, 1, 2, 2);
        var label = tensor(new[] { 1f, 0f, float.NaN, 2f }).view(1, 1, 2, 2);
        var expected = (0.5 * -Math.Log(0.25) + 1.1 * 0.5 * -Math.Log(0.5)) / 4;
        Assert.Equal(expected, new BalancedBinaryCrossEntropy().Compute(probability, label).item<float>(), 1e-6);
    }

    [Fact]
    public void Probabilities_of_zero_and_one_give_finite_losses_and_gradients()
    {
        var probability = tensor(new[] { 0f, 1f, 0f, 1f }).view(1, 1, 2, 2).requires_grad_();
        var loss = new BalancedBinaryCrossEntropy().Compute(probability, tensor(new[] { 1f, 0f, 0f, 1f }).view(1, 1, 2, 2));
        loss.backward();
        // both mistakes are cut at 100; weights 0.5 and 0.55
        Assert.Equal((0.5 * 100 + 0.55 * 100) / 4, loss.item<float>(), 1e-4);
        Assert.True(probability.grad!.isfinite().all().item<bool>());
    }

    [Theory]
    [InlineData("cross_entropy")]
    [InlineData("l1")]
    [InlineData("l2")]
    [InlineData("balanced_bce")]
    public void Without_any_label_a_loss_is_zero_and_so_are_its_gradients(string kind)
    {
        var channels = kind == "cross_entropy" ? 3 : 1;
        var prediction = full([2, channels, 3, 4], Held(0.5f)).requires_grad_();
        var label = kind == "cross_entropy" ? full([2, 3, 4], Held(255), ScalarType.Int64) : full([2, 1, 3, 4], Held(float.NaN));
        var loss = PixelLoss.Of(Loss.Of(kind)).Compute(prediction, label, 255);
        loss.backward();
        Assert.Equal(0, loss.item<float>());
        Assert.All(TensorAssert.Values(prediction.grad!), g => Assert.Equal(0, g));
    }

    [Theory]
    [InlineData("l1")]
    [InlineData("l2")]
    [InlineData("balanced_bce")]
    public void An_image_without_labels_changes_neither_loss_nor_gradients(string kind)
    {
        var prediction = (arange(Held(0), Held(12), Held(1), ScalarType.Float32) / Held(13)).Plus(0.01).view(1, 1, 3, 4);
        var label = tensor(new[] { 0f, 1, 1, 0, 0, 0, 0, 1, 0, 0, 0, float.NaN }).view(1, 1, 3, 4);
        var (alone, first) = Run(kind, prediction, label);
        var (both, two) = Run(kind, cat([prediction, prediction]), cat([label, full_like(label, Held(float.NaN))]));
        Assert.Equal(alone, both, 1e-7);
        TensorAssert.Close(cat([first, zeros_like(first)]), two, 1e-7);

        static (double Loss, Tensor Gradient) Run(string kind, Tensor prediction, Tensor label)
        {
            var input = prediction.clone().requires_grad_();
            var loss = PixelLoss.Of(Loss.Of(kind)).Compute(input, label, 255);
            loss.backward();
            return (loss.item<float>(), input.grad!);
        }
    }

    [Fact]
    public void Gradients_agree_with_finite_differences()
    {
        TensorAssert.GradientsAgree(
            logits => new CrossEntropyLoss().Compute(logits, Reference.Longs("cross_entropy", "label"), 255),
            Reference.Floats("cross_entropy", "logits")
        );
        var depth = DepthLabel.to(ScalarType.Float64) / Held(30);
        TensorAssert.GradientsAgree(prediction => new L2Loss().Compute(prediction, depth), DepthPrediction / Held(30));
        TensorAssert.GradientsAgree(prediction => new L1Loss().Compute(prediction, depth), DepthPrediction / Held(30));
        var edges = Reference.Floats("contour", "edges").unsqueeze(1).to(ScalarType.Float64);
        edges[0, 0, 2, 2] = double.NaN;
        TensorAssert.GradientsAgree(
            p => new BalancedBinaryCrossEntropy().Compute(p, edges),
            Reference.Floats("contour", "probability").unsqueeze(1)
        );
    }

    [Fact]
    public void A_nan_under_an_unlabelled_pixel_reaches_no_gradient()
    {
        var prediction = tensor(new[] { float.NaN, 1f }).view(1, 1, 1, 2).requires_grad_();
        var loss = new L2Loss().Compute(prediction, tensor(new[] { float.NaN, 0f }).view(1, 1, 1, 2));
        loss.backward();
        Assert.Equal(1, loss.item<float>());
        Assert.Equal([0, 2], TensorAssert.Values(prediction.grad!));
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_told_with_both_shapes()
    {
        var l2 = Assert.Throws<ArgumentException>(() => new L2Loss().Compute(zeros(1, 1, 4, 4), zeros(1, 1, 2, 2)));
        Assert.Contains("[1, 1, 4, 4]", l2.Message, StringComparison.Ordinal);
        Assert.Contains("[1, 1, 2, 2]", l2.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new BalancedBinaryCrossEntropy().Compute(zeros(1, 1, 4, 4), zeros(1, 4, 4)));
        Assert.Throws<ArgumentException>(() => new CrossEntropyLoss().Compute(zeros(1, 3, 4, 4), zeros(1, 1, 4, 4), 255));
    }
}
