using Mtlc.Compiler.Binding;

namespace Mtlc.Tests.Ops;

/// <summary>Every primitive's shape, from calls in the language, and what it refuses.</summary>
public class ShapeTests
{
    public static TheoryData<string, string> Right =>
        new()
        {
            { "conv(x, 32)", "32 x H/8 x W/8" },
            { "conv(x, 32, kernel: 3, stride: 2)", "32 x H/16 x W/16" },
            { "conv(x, 32, kernel: 3, dilation: 4)", "32 x H/8 x W/8" },
            { "conv(x, 32, kernel: 5, padding: 2)", "32 x H/8 x W/8" },
            { "conv(x, 128, groups: 128, kernel: 7)", "128 x H/8 x W/8" },
            { "conv(adaptive_avg_pool(x, 5), 8, kernel: 3, padding: 0)", "8 x 3 x 3" },
            { "conv(adaptive_avg_pool(x, 5), 8, kernel: 3, stride: 2)", "8 x 3 x 3" },
            { "batch_norm(x)", "128 x H/8 x W/8" },
            { "layer_norm(x)", "128 x H/8 x W/8" },
            { "l2_normalize(x)", "128 x H/8 x W/8" },
            { "relu(x)", "128 x H/8 x W/8" },
            { "relu6(x)", "128 x H/8 x W/8" },
            { "gelu(x)", "128 x H/8 x W/8" },
            { "sigmoid(x)", "128 x H/8 x W/8" },
            { "tanh(x)", "128 x H/8 x W/8" },
            { "softmax(x)", "128 x H/8 x W/8" },
            { "exp(x)", "128 x H/8 x W/8" },
            { "log(x)", "128 x H/8 x W/8" },
            { "dropout(x, 0.1)", "128 x H/8 x W/8" },
            { "drop_path(x)", "128 x H/8 x W/8" },
            { "max_pool(x)", "128 x H/16 x W/16" },
            { "max_pool(x, kernel: 3, stride: 2)", "128 x H/16 x W/16" },
            { "max_pool(x, kernel: 3, stride: 1)", "128 x H/8 x W/8" },
            { "global_avg_pool(x)", "128 x 1 x 1" },
            { "adaptive_avg_pool(x, 6)", "128 x 6 x 6" },
            { "resize(x, 2)", "128 x H/4 x W/4" },
            { "resize(x, 3)", "128 x 3H/8 x 3W/8" },
            { "resize(global_avg_pool(x), 7)", "128 x 7 x 7" },
            { "resize_like(x, image)", "128 x H x W" },
            { "concat(x, x, relu(x))", "384 x H/8 x W/8" },
            { "concat([x, x], x)", "384 x H/8 x W/8" },
            { "sum(x, x)", "128 x H/8 x W/8" },
            { "slice(x, 100, 28)", "28 x H/8 x W/8" },
            { "split(x, 4)[3]", "32 x H/8 x W/8" },
            { "x * parameter(128)", "128 x H/8 x W/8" },
            { "x * global_avg_pool(x)", "128 x H/8 x W/8" },
            { "x * slice(x, 0, 1)", "128 x H/8 x W/8" },
            { "slice(x, 0, 1) * global_avg_pool(x)", "128 x H/8 x W/8" },
            { "x + x - 2 * x / 3", "128 x H/8 x W/8" },
            { "1 - -x", "128 x H/8 x W/8" },
            { "canny(image, 100, 200)", "1 x H x W" },
            { "silu(x)", "128 x H/8 x W/8" },
            { "attend(x, slice(trunk, 0, 128), slice(trunk, 128, 64), heads: 8)", "64 x H/8 x W/8" },
            { "hard_swish(x)", "128 x H/8 x W/8" },
            { "hard_sigmoid(x)", "128 x H/8 x W/8" },
            { "group_norm(x, 16)", "128 x H/8 x W/8" },
            { "layer_scale(x)", "128 x H/8 x W/8" },
            { "linear(x, 32)", "32 x H/8 x W/8" },
            { "conv(x, 32, kernel: 4, stride: 4)", "32 x H/32 x W/32" },
            { "conv(x, 32, kernel: 4, stride: 2)", "32 x H/16 x W/16" },
            { "conv(x, 32, kernel: 2, stride: 2, padding: 0)", "32 x H/16 x W/16" },
            { "conv(x, 32, kernel: 7, stride: 4, padding: 3)", "32 x H/32 x W/32" },
            { "conv_transpose(x, 32)", "32 x H/4 x W/4" },
            { "conv_transpose(x, 32, kernel: 3)", "32 x H/4 x W/4" },
            { "conv_transpose(x, 32, kernel: 8, stride: 4, groups: 2)", "32 x H/2 x W/2" },
            { "pixel_shuffle(x, 4)", "8 x H/2 x W/2" },
            { "max_unpool(max_pool(x), x)", "128 x H/8 x W/8" },
            { "resize(x, 2, nearest)", "128 x H/4 x W/4" },
            { "resize_like(x, image, mode: bicubic)", "128 x H x W" },
            { "pixels(with_tokens(x, parameter(128, width: 3), adaptive_avg_pool(x, 1)))", "128 x H/8 x W/8" },
            { "tokens(with_tokens(x, parameter(128, width: 3), adaptive_avg_pool(x, 1)))", "128 x 1 x 4" },
            { "tokens(with_tokens(x, parameter(128, width: 3)), 1, 2)", "128 x 1 x 2" },
            { "pixels(parameter(8, height: 37, width: 37, tokens: 1, stored: tokens))", "8 x 37 x 37" },
            { "pixels(gelu(linear(with_tokens(x, parameter(128)), 32)))", "32 x H/8 x W/8" },
            { "pixels(rotary(with_tokens(x, parameter(128)), heads: 4))", "128 x H/8 x W/8" },
            { "crop_like(pad_to(x, 7), x)", "128 x H/8 x W/8" },
            { "merge_pixels(x)", "512 x H/16 x W/16" },
            { "repeat_channels(parameter(8), 4)", "32 x 1 x 1" },
            { "l2_normalize(x, groups: 4)", "128 x H/8 x W/8" },
            { "relative_bias(slice(adaptive_avg_pool(x, 13), 0, 4))", "4 x 49 x 49" },
            { "relative_coords(7)", "2 x 13 x 13" },
            {
                "crop_like(window_attend(pad_to(x, 7), pad_to(x, 7), pad_to(x, 7), parameter(4, "
                    + "height: 49, width: 49), 4, 7, 3), x)",
                "128 x H/8 x W/8"
            },
        };

    public static TheoryData<string, string, string> Wrong =>
        new()
        {
            { "conv(x, 32, groups: 3)", "MTL3003", "128 channels do not divide into 3 groups" },
            { "conv(x, 32, groups: 64)", "MTL3003", "32 output channels do not divide into 64 groups" },
            { "conv(x, 32, kernel: 2)", "MTL3003", "an even window (kernel 2, dilation 1) cannot keep the resolution H/8" },
            { "conv(x, 32, kernel: 3, padding: 0)", "MTL3003", "no fraction of the input" },
            {
                "conv(adaptive_avg_pool(x, 2), 8, kernel: 5, padding: 0)",
                "MTL3003",
                "a window of 5 pixels does not fit into 2 pixels"
            },
            { "max_pool(x, kernel: 3, padding: 2)", "MTL3003", "padding 2 is more than half of kernel 3" },
            { "slice(x, 100, 29)", "MTL3003", "channels 100 to 128 of a map that has 128" },
            { "concat(x, image)", "MTL3002", "'x' is H/8 x W/8, 'image' is H x W" },
            { "sum(x, conv(x, 8))", "MTL3001", "'x' has 128, 'conv(x, 8)' has 8" },
            { "sum(x, trunk/4)", "MTL3001", "'x' has 128, 'trunk/4' has 64" },
            { "sum(x, resize(x, 2))", "MTL3002", "'x' is H/8 x W/8, 'resize(x, 2)' is H/4 x W/4" },
            { "x + conv(x, 2)", "MTL3001", "'x' has 128, 'conv(x, 2)' has 2" },
            { "x * adaptive_avg_pool(x, 2)", "MTL3002", "2 x 2" },
            { "canny(x, 100, 200)", "MTL3003", "must be the picture itself" },
            { "concat([for i in range(9000): x])", "MTL3003", "1152000 channels are too many" },
            { "conv(x, 0)", "MTL2007", "'out' of conv" },
            { "conv(x, 8, kernel: 256)", "MTL2007", "'kernel' of conv" },
            { "conv(x, 8, init: random)", "MTL2025", "'init' of conv" },
            { "conv(x, 8, padding: valid)", "MTL2022", "'valid'" },
            { "conv(x, 8, bias: 1)", "MTL2006", "expected true or false" },
            { "dropout(x, 1)", "MTL2007", "'rate' of dropout" },
            { "layer_norm(x, 0)", "MTL2007", "'eps' of layer_norm must be above 0" },
            { "resize(x, 0)", "MTL2007", "'scale' of resize" },
            { "resize(x, 0.5)", "MTL2006", "expected a whole number" },
            { "relu(3)", "MTL2006", "expected features" },
            { "parameter(0)", "MTL2007", "'channels' of parameter" },
            { "x / x", "MTL2036", "'/' cannot take" },
            { "x < 3", "MTL2036", "'<' cannot take" },
            { "x / 0", "MTL2036", "'/' cannot take" },
            { "2 / x", "MTL2036", "'/' cannot take" },
            { "attend(x, x, x, 3)", "MTL3003", "128 channels do not divide into 3 heads" },
            { "attend(x, x, conv(x, 12), 8)", "MTL3003", "12 channels of values do not divide into 8 heads" },
            { "attend(x, trunk, trunk)", "MTL3001", "'x' has 128, 'trunk' has 512" },
            { "attend(x, x, trunk)", "MTL3002", "'x' is H/8 x W/8, 'trunk' is H/32 x W/32" },
            { "group_norm(x, 48)", "MTL3003", "128 channels do not divide into 48 groups" },
            { "conv(x, 32, kernel: 4, stride: 4, padding: 3)", "MTL3003", "no fraction of the input" },
            { "conv_transpose(x, 8, kernel: 2, stride: 4)", "MTL3003", "kernel 2 is smaller than stride 4" },
            { "conv_transpose(x, 9, groups: 2)", "MTL3003", "9 output channels do not divide into 2 groups" },
            { "pixel_shuffle(x, 3)", "MTL3003", "128 channels do not divide into 9" },
            { "max_unpool(x, x)", "MTL3003", "pooled by 2 is H/16 x W/16, and 'x' is H/8 x W/8" },
            { "max_unpool(max_pool(x), conv(x, 8))", "MTL3001", "has 128" },
            { "resize(x, 2, lanczos)", "MTL2025", "'mode' of resize" },
            { "batch_norm(x, eps: 0)", "MTL2007", "'eps' of batch_norm must be above 0" },
            { "conv(with_tokens(x, parameter(128)), 8, kernel: 3)", "MTL3009", "carries 1 token" },
            { "resize(pad_to(x, 7), 2)", "MTL3009", "'pad_to(x, 7)' is padded to a multiple of 7" },
            { "with_tokens(x, parameter(64))", "MTL3001", "'x' has 128, 'parameter(64)' has 64" },
            { "with_tokens(x, x)", "MTL3003", "grows with the picture" },
            { "with_tokens(x)", "MTL3003", "there is no token" },
            { "tokens(x)", "MTL3003", "there is no token beside the pixels" },
            { "tokens(with_tokens(x, parameter(128)), 1)", "MTL3003", "tokens 1 to 1 of 1" },
            { "with_tokens(x, parameter(128)) + x", "MTL3002", "is H/8 x W/8 + 1, 'x' is H/8 x W/8" },
            { "parameter(8, width: 2, stored: vector)", "MTL3003", "one position is stored as a vector, and these are 2" },
            { "parameter(8, tokens: 1)", "MTL3003", "stored as `tokens` or `rows`" },
            { "rotary(x, heads: 64)", "MTL3003", "128 channels do not divide into 64 heads of a multiple of 4" },
            { "window_attend(x, x, x, parameter(4, height: 49, width: 49), 4, 7)", "MTL3003", "is not made of windows of 7 x 7" },
            {
                "window_attend(pad_to(x, 7), pad_to(x, 7), pad_to(x, 7), parameter(4, height: 49, width: 49), 3, 7)",
                "MTL3003",
                "128 channels do not divide into 3 heads"
            },
            {
                "window_attend(pad_to(x, 7), pad_to(x, 7), pad_to(x, 7), parameter(4), 4, 7)",
                "MTL3003",
                "a bias of 4 x 49 x 49 is needed"
            },
            {
                "window_attend(pad_to(x, 7), pad_to(x, 7), pad_to(x, 7), parameter(4, height: 49, width: 49), 4, 7, 7)",
                "MTL3003",
                "a shift of 7 pixels is not less than a window of 7"
            },
            { "relative_bias(parameter(4, height: 12, width: 12))", "MTL3003", "a table of 2 w - 1 x 2 w - 1 differences" },
            { "crop_like(x, trunk)", "MTL3002", "'x' is H/8 x W/8, 'trunk' is H/32 x W/32" },
            { "l2_normalize(x, groups: 3)", "MTL3003", "128 channels do not divide into 3 groups" },
        };

    [Theory]
    [MemberData(nameof(Right))]
    public void A_shape_is_inferred(string expression, string shape)
    {
        var model = Programs.Model(Program(expression));
        Assert.Equal(shape, model.Declarations.Single(d => d.Name == "made").Result!.Shape.ToString());
    }

    [Theory]
    [MemberData(nameof(Wrong))]
    public void What_does_not_fit_is_one_error_in_the_words_of_the_user(string expression, string code, string words)
    {
        var error = Assert.Single(Programs.Compile(Program(expression)).Diagnostics);
        Assert.Equal(code, error.Code);
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        Assert.Equal("test.mtl", error.Span.Source.Path);
    }

    [Fact]
    public void Every_primitive_is_among_them()
    {
        var calls = string.Join('\n', Right.Select(r => r.Data.Item1));
        Assert.All(Primitive.All.Keys, name => Assert.Contains(name + "(", calls, StringComparison.Ordinal));
    }

    static string Program(string expression) =>
        $$"""
            model net {
              task depth: depth
              encoder trunk: resnet18
              let x = trunk/8
              let made = {{expression}}
              let wide = resize_like(conv(made, 8), trunk)
              decoder head: wide -> depth
              loss: l2(depth)
            }
            """;
}
