using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Ops;

namespace Mtlc.Tests.Lowering;

/// <summary>What is decided while compiling: numbers, lists, conditionals, loops. Each expression is the channels of a
/// convolution.</summary>
public class EvaluationTests
{
    public static TheoryData<string, int> Numbers =>
        new()
        {
            { "1 + 2 * 3", 7 },
            { "(1 + 2) * 3", 9 },
            { "16 / 4 / 2", 2 },
            { "10 - 4 - 3", 3 },
            { "-3 + 5", 2 },
            { "if true then 3 else 4", 3 },
            { "if 1 < 2 and not (2 <= 1) then 3 else 4", 3 },
            { "if 1 > 2 or 2 >= 3 then 3 else 4", 4 },
            { "if 3 != 3 then 1 else if 2 == 2 then 5 else 6", 5 },
            { "if none == none then 3 else 4", 3 },
            { "if same == same then 3 else 4", 3 },
            { "if same == other then 3 else 4", 4 },
            { "if [1, 2] == [1, 2] then 3 else 4", 3 },
            { "if false and 1 / 0 > 3 then 3 else 4", 4 },
            { "[3, 4, 5][1]", 4 },
            { "[for i in range(4): i * i][3]", 9 },
            { "[for i in [1, 2]: [for j in [10, 20]: i * j]][1][0]", 20 },
            { "length([1, 2, 3])", 3 },
            { "length(range(2, 7))", 5 },
            { "range(2, 7)[4]", 6 },
            { "length(range(0)) + 1", 1 },
            { "reverse([1, 2, 3])[0]", 3 },
            { "per([7, 8], 1)", 8 },
            { "per(9, 1)", 9 },
            { "channels(trunk)", 512 },
            { "channels(trunk/4)", 64 },
            { "channels(trunk.layer3)", 256 },
            { "channels(image)", 3 },
            { "channels(split(trunk, 4)[1])", 128 },
            { "channels(split(trunk, [500, 12])[1])", 12 },
            { "length(split(trunk, 4))", 4 },
            { "length(chain)", 3 },
            { "channels(chain[1])", 8 },
            { "channels(chain)", 9 },
            { "width", 6 },
            { "twice(width)", 12 },
            { "per(widths, length(widths) - 1)", 40 },
        };

    [Theory]
    [MemberData(nameof(Numbers))]
    public void Expressions_are_numbers_before_the_first_batch(string expression, int value)
    {
        var model = Programs.Model(
            $$"""
            let width = 6
            let widths = [10, 20, 40]
            component twice(n) { return 2 * n }

            model net {
              task depth: depth
              encoder trunk: resnet18
              let chain = image |> for i in range(3): conv(7 + i)
              let made = conv(trunk, {{expression}})
              decoder head: made -> depth
              loss: l2(depth)
            }
            """
        );
        Assert.Equal(value, model.Training.Nodes.Single(n => n.Name == "made").Shape.Channels);
    }

    [Fact]
    public void A_name_of_a_loop_ends_with_the_loop() =>
        Assert.Contains(
            Programs.Compile("let a = [for i in range(3): i]\nlet b = i + 1\n" + Small).Diagnostics,
            d => d.Code == "MTL2022" && d.Span.Text == "i"
        );

    [Fact]
    public void A_component_does_not_see_the_boxes_of_the_model() =>
        Assert.Equal(
            "MTL2022",
            Assert
                .Single(
                    Programs
                        .Compile(
                            Small.Replace("-> depth", "-> depth { using: body }", StringComparison.Ordinal)
                                + "component body(x) { return x + trunk }"
                        )
                        .Diagnostics
                )
                .Code
        );

    [Fact]
    public void A_component_may_be_an_argument()
    {
        var model = Programs.Model(
            Small.Replace("-> depth", "-> depth { using: body, norm: layer_norm }", StringComparison.Ordinal)
                + "component body(x, norm = batch_norm) {\n  let normal = norm(x)\n  return normal\n}"
        );
        Assert.IsType<LayerNorm>(model.Training.Nodes.Single(n => n.Name == "head.normal").Op);
    }

    [Fact]
    public void A_default_may_read_a_parameter_before_it()
    {
        var model = Programs.Model(
            Small.Replace("-> depth", "-> depth { using: body, width: 32 }", StringComparison.Ordinal)
                + "component body(x, width = 64, out = 2 * width) {\n  let wide = conv(x, out)\n  return wide\n}"
        );
        Assert.Equal(64, model.Training.Nodes.Single(n => n.Name == "head.wide").Shape.Channels);
    }

    [Fact]
    public void A_component_of_the_file_replaces_one_of_the_library()
    {
        var model = Programs.Model(Small + "component plain_decoder(x, convs = 2) {\n  let mine = conv(x, 5)\n  return mine\n}");
        Assert.Equal(5, model.Training.Nodes.Single(n => n.Name == "head.mine").Shape.Channels);
    }

    [Fact]
    public void Words_of_statements_may_be_names()
    {
        var model = Programs.Model(
            """
            model model {
              task task: depth
              encoder encoder: resnet18
              aspp aspp: encoder -> 64
              attention attention: aspp
              decoder decoder: attention -> task
              loss: l2(task)
            }
            """
        );
        Assert.Equal(
            "aspp attention decoder encoder",
            string.Join(' ', model.Declarations.Select(d => d.Name).Order(StringComparer.Ordinal))
        );
    }

    [Fact]
    public void A_box_may_be_called_like_the_component_it_uses()
    {
        var model = Programs.Model(
            """
            model net {
              task depth: depth
              encoder resnet18: resnet18
              aspp aspp: resnet18 -> 64
              let relu = relu(aspp)
              decoder plain: relu -> depth { using: plain }
              loss: l2(depth)
            }

            component plain(x) { return conv_bn_relu(x, 8) }
            """
        );
        Assert.Equal("relu", model.Training.Nodes.Single(n => n.Name == "relu").Op.Name);
    }

    [Fact]
    public void Statements_may_stand_in_any_order()
    {
        var reversed = Programs.Model(
            """
            model net {
              loss: l2(depth)
              decoder head: context -> depth
              aspp context: trunk -> 64
              encoder trunk: resnet18
              task depth: depth
            }
            """
        );
        var written = Programs.Model(
            """
            model net {
              task depth: depth
              encoder trunk: resnet18
              aspp context: trunk -> 64
              decoder head: context -> depth
              loss: l2(depth)
            }
            """
        );
        Assert.Equal(Names(written.Training), Names(reversed.Training));

        static IEnumerable<string> Names(Graph graph) => graph.Parameters.Select(p => p.ToString()).Order(StringComparer.Ordinal);
    }

    const string Small = """
        model net {
          task depth: depth
          encoder trunk: resnet18
          decoder head: trunk -> depth
          loss: l2(depth)
        }

        """;
}
