using Mtlc.Runtime.Data.Manifest;
using Mtlc.Runtime.Data.MiniScapes;

namespace Mtlc.Tests.Runtime.Data.Manifest;

public class DecodeExpressionTests
{
    [Theory]
    [InlineData("v", 7, 7)]
    [InlineData("v / 256", 640, 2.5)]
    [InlineData("v/1000", 1500, 1.5)]
    [InlineData("1 / v", 4, 0.25)]
    [InlineData("2 + 3 * v - 1", 5, 16)]
    [InlineData("-(v - 3) * -2", 5, 4)]
    [InlineData("8 / 4 / v", 2, 1)]
    [InlineData("1.5e2 * v + .5", 2, 300.5)]
    [InlineData("v - v / 2", 6, 3)]
    public void Arithmetic_is_as_everywhere(string text, float stored, float value) =>
        Assert.Equal(value, DecodeExpression.Parse(text).Bind()(stored));

    [Fact]
    public void The_codes_of_known_data_sets_come_out_bit_for_bit()
    {
        var mini = DecodeExpression.Parse("1 / ((1/4 - 1/300) * (v - 1) / 254 + 1/300)").Bind();
        for (var code = 1; code < 256; code++)
            Assert.Equal(DisparityCode.Decode((byte)code), mini(code));
        var cityscapes = DecodeExpression.Parse("baseline * fx / ((v - 1) / 256)");
        Assert.True(cityscapes.NeedsCamera);
        Assert.Equal((float)(0.209313 * 2262.52) / (1000 / 256f), cityscapes.Bind(0.209313, 2262.52)(1001));
    }

    [Theory]
    [InlineData("", "expected a number, v or '(' at the end")]
    [InlineData("v +", "at the end of 'v +'")]
    [InlineData("v 2", "expected an operator or the end at '2' (column 3)")]
    [InlineData("(v", "expected ')' at the end")]
    [InlineData("w / 2", "'w' is unknown")]
    [InlineData("3 * 4", "does not contain v")]
    [InlineData("v ** 2", "at '*' (column 4)")]
    [InlineData("v; rm", "at ';'")]
    [InlineData("v / 1,5", "at ','")]
    public void What_is_no_expression_is_explained(string text, string message) =>
        Assert.Contains(
            message,
            Assert.Throws<FormatException>(() => DecodeExpression.Parse(text)).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void Deep_and_long_expressions_are_refused()
    {
        Assert.Throws<FormatException>(() => DecodeExpression.Parse(new string('(', 500) + "v" + new string(')', 499)));
        Assert.Throws<FormatException>(() => DecodeExpression.Parse(new string('-', 900) + "v"));
        Assert.Throws<FormatException>(() => DecodeExpression.Parse(string.Concat(Enumerable.Repeat("v+", 1_000_000)) + "v"));
    }
}
