using CsCheck;
using Mtlc.Cli.Output;

namespace Mtlc.Tests.Output;

public sealed class ProgressLineTests
{
    static readonly ProgressState State = new(
        3,
        12,
        500,
        2000,
        [("semseg", 1.23456), ("depth", 0.5)],
        12.34,
        TimeSpan.FromSeconds(187)
    );

    [Theory]
    [InlineData(100, "3/12  ━━━━━━╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌   25%  semseg 1.23  depth 0.500  12.3 img/s  3:07")]
    [InlineData(79, "3/12  ━━━━━╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌   25%  semseg 1.23  depth 0.500  12.3 img/s  3:07")]
    [InlineData(42, "3/12   25%  semseg 1.23  depth 0.500  3:07")]
    [InlineData(40, " 25%  semseg 1.23  depth 0.500  3:07")]
    [InlineData(24, " 25%  semseg 1.23  3:07")]
    [InlineData(20, " 25%  ━━╌╌╌╌╌╌  3:07")]
    [InlineData(3, "25%")]
    public void What_matters_least_goes_first(int width, string expected) =>
        Assert.Equal(expected, ProgressLine.Row(State, width));

    [Fact]
    public void A_row_never_exceeds_the_terminal()
    {
        var losses = Gen.Select(Gen.String[Gen.Char['a', 'z'], 1, 30], Gen.Double[1e-9, 1e9]).Array[0, 6];
        Gen.Select(losses, Gen.Int[4, 200], Gen.Int[0, 1000], Gen.Double[0, 1e6], Gen.Int[0, 1_000_000])
            .Sample(
                (l, width, done, speed, left) =>
                {
                    var state = new ProgressState(1, 10, done, 1000, l, speed, TimeSpan.FromSeconds(left));
                    Assert.InRange(ProgressLine.Row(state, width).Length, 1, width);
                    Assert.InRange(ProgressLine.Evaluating(state, done, 1000, width).Length, 1, width);
                    Assert.InRange(Counter.Line("samples", done, 1000, width).Length, 1, width);
                }
            );
    }

    [Fact]
    public void A_log_line_tells_everything() =>
        Assert.Equal(
            "step  500/2000  epoch  3/12  semseg 1.235  depth 0.5000  12.3 images/s  3:07 left",
            ProgressLine.Log(State)
        );
}
