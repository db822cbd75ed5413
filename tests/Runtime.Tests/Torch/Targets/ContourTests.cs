using Mtlc.Runtime.Torch.Targets;
using static TorchSharp.torch;

namespace Mtlc.Tests.Torch.Targets;

public sealed class ContourTests
{
    [Fact]
    public void Contours_are_the_references() =>
        TensorAssert.Close(
            Reference.Floats("contour", "edges").unsqueeze(1),
            Contours.Of(Reference.Longs("contour", "semseg"), 255),
            0
        );

    [Fact]
    public void Where_a_needed_label_is_missing_there_is_no_target()
    {
        var labels = tensor(new long[] { 1, 1, 1, 2, 1, 255, 1, 2, 1, 1, 1, 1 }).view(1, 3, 4);
        var no = float.NaN;
        var expected = tensor(new[] { 0, 0, 0, 1, 0, no, no, 1, 0, no, 0, 1 }).view(1, 1, 3, 4);
        TensorAssert.Close(expected, Contours.Of(labels, 255), 0);
    }

    [Fact]
    public void A_single_pixel_has_no_neighbour_and_no_contour() =>
        TensorAssert.Close(zeros(1, 1, 1, 1), Contours.Of(zeros([1, 1, 1], ScalarType.Int64), 255), 0);

    [Fact]
    public void Labels_of_another_rank_are_refused() =>
        Assert.Throws<ArgumentException>(() => Contours.Of(zeros(1, 1, 2, 2), 255));
}
