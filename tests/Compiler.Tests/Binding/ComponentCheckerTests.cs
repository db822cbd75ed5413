using Mtlc.Compiler.Binding;

namespace Mtlc.Tests.Binding;

/// <summary>A component that nothing calls is checked as far as it can be, and no further.</summary>
public class ComponentCheckerTests
{
    const string Network = """
        model net {
          task depth: depth
          encoder trunk: resnet18
          decoder head: trunk -> depth
          loss: l2(depth)
        }

        """;

    public static TheoryData<string> Right =>
        [
            "component c(x, norm, act = relu) { return x |> conv(8, padding: same, init: kaiming) |> norm |> act }",
            "component c(x, mode = fast) { return if mode == fast then relu(x) else x }",
            "component c(x) { return d(x, mode: fast) }\ncomponent d(x, mode) { return if mode == slow then x else relu(x) }",
            "component c(x, modes = [fast, slow]) {\n  let y = if modes[0] == fast then relu(x) else x\n  return y\n}",
            "component c(x, skips, width = [1, 2]) { return x |> for i in range(length(skips)): conv(per(width, i)) |> "
                + "resize_like(skips[0]) }",
            "component c(x, n = none) { return if n == none then x else conv(x, n) }",
            "component c(x) {\n  let relu = tanh(x)\n  return relu\n}",
            "component padding_word() { return same }",
            "let w = 4\ncomponent c(x, n = 2 * w) { return [for i in range(n): conv(x, i + w)][0] }",
            "let word = fast\nlet words = [fast, slow]",
        ];

    [Theory]
    [MemberData(nameof(Right))]
    public void A_right_component_is_let_pass(string text) =>
        Assert.DoesNotContain(Programs.Compile(Network + text).Diagnostics, d => d.Code[..4] != "MTL4");

    [Theory]
    [InlineData("component c(x) { return conv(x, §wide) }", "MTL2022")]
    [InlineData("component c(x) { return conv(x, 8, padding: 2 * §p) }", "MTL2022")]
    [InlineData("component c(x) { return §y }", "MTL2022")]
    [InlineData("component c(x) { return §y |> relu }", "MTL2022")]
    [InlineData("component c(x) { return x |> for i in §items: relu }", "MTL2022")]
    [InlineData("component c(x) { return [for i in [1, 2]: conv(x, §j)][0] }", "MTL2022")]
    [InlineData("component c(x) { return if §flag then x else relu(x) }", "MTL2022")]
    [InlineData("component c(x) { return concat(x, §y) }", "MTL2022")]
    [InlineData("component c(x) { return §f(x) }", "MTL2004")]
    [InlineData("component c(x) { return x |> §f }", "MTL2004")]
    [InlineData("component c(x, n = §f(3)) { return conv(x, n) }", "MTL2004")]
    [InlineData("component c(x) { return x |> conv_bn_relu(8, §kernal: 3) }", "MTL2005")]
    [InlineData("component c(x) { return relu(x, §x) }", "MTL2009")]
    [InlineData("component c(x) { return x |> relu(§x) }", "MTL2009")]
    [InlineData("component c(x) { return §conv(x) }", "MTL2008")]
    [InlineData("component c(x) { return x |> conv(8, §x: x) }", "MTL2010")]
    [InlineData("component c(x) { return relu(x, §x: x) }", "MTL2010")]
    [InlineData("component c(x) { return conv(x, length(§list)) }", "MTL2022")]
    [InlineData("let a = 2 * §b", "MTL2022")]
    public void A_wrong_component_is_found_without_being_called(string marked, string code)
    {
        var place = (Network + marked).IndexOf('§', StringComparison.Ordinal);
        var error = Assert.Single(Programs.Compile(Network + marked.Replace("§", "", StringComparison.Ordinal)).Diagnostics);
        Assert.Equal((code, place), (error.Code, error.Span.Start));
    }

    [Fact]
    public void The_standard_library_passes()
    {
        var library = string.Concat(StandardLibrary.Sources.Select(s => s.Content));
        Assert.Equal("", Programs.Text(Programs.Compile(Network + library)));
    }

    [Fact]
    public void The_built_in_names_are_those_that_lowering_knows() =>
        Assert.Equal(
            BuiltinNames.All.Order(StringComparer.Ordinal),
            Compiler.Lowering.Builtins.All.Keys.Order(StringComparer.Ordinal)
        );
}
