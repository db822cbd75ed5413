using Mtlc.Compiler.Ir;

namespace Mtlc.Tests.Lowering;

/// <summary>A parameter's name is a function of the source: the path of box and `let` names that leads to it.</summary>
public class NamingTests
{
    public static TheoryData<string, string> Bodies =>
        new()
        {
            // A single call adds nothing; neither do `return`, arguments or parentheses.
            { "return conv(x, 8)", "head" },
            { "return (conv((x), (8)))", "head" },
            { "return relu(conv(relu(x), 8))", "head" },
            { "return 2 * conv(x, 8) + 1", "head" },
            { "return x |> conv(8)", "head" },
            // A pipe of two or more calls counts them all, those without parameters too.
            { "return x |> relu |> conv(8)", "head.1" },
            { "return relu(x) |> conv(8) |> relu", "head.1" },
            { "return conv(x, 8) |> relu |> conv(8)", "head.0 head.2" },
            { "return (conv(x, 8)) |> relu |> conv(8)", "head.0 head.2" },
            // `let`s add their names, whatever the order in which they are read.
            { "let a = conv(x, 8)\n  return a", "head.a" },
            { "let a = conv(x, 8)\n  let b = relu(conv(a, 8))\n  return b", "head.a head.b" },
            { "let a = x |> relu |> conv(8)\n  return a", "head.a.1" },
            // Items of lists and rounds of loops add their number.
            { "return concat([conv(x, 8), conv(x, 8)])", "head.0 head.1" },
            { "return concat([for i in [1, 3]: conv(x, 8, kernel: i)])", "head.0 head.1" },
            { "return x |> for i in range(3): conv(8)", "head.0 head.1 head.2" },
            { "let a = x |> for i in range(2): conv(8)\n  return a[0] + a[1]", "head.a.0 head.a.1" },
            {
                "let a = x |> for i in range(2): for j in range(2): conv(8)\n  return a",
                "head.a.0.0 head.a.0.1 head.a.1.0 head.a.1.1"
            },
            { "return x |> relu |> for i in range(2): conv(8)", "head.1.0 head.1.1" },
            // A component that is one call forwards its names; one with a `let` adds it.
            { "return forwards(x)", "head.inner" },
            { "let a = forwards(x)\n  return a", "head.a.inner" },
            { "return x |> forwards |> forwards", "head.0.inner head.1.inner" },
            { "return conditional(x, true)", "head.yes" },
            // Laziness: what the result does not reach makes nothing.
            { "let unused = conv(x, 8)\n  let a = conv(x, 8)\n  return a", "head.a" },
            { "let a = if false then conv(x, 8) else conv(x, 4)\n  return a", "head.a" },
            { "return concat(conv(x, 8), parameter(8) + 0 * conv_free(x))", "head head" },
        };

    [Theory]
    [MemberData(nameof(Bodies))]
    public void Names_follow_the_source(string body, string names)
    {
        if (names == "head head")
        {
            Assert.Contains(Compile(body).Diagnostics, d => d.Code is "MTL2027" or "MTL2004");
            return;
        }
        var parameters = Programs
            .Valid(Compile(body))
            .Model.Training.Parameters.Where(p => p.Name.EndsWith(".weight", StringComparison.Ordinal));
        var own = parameters
            .Select(p => p.Name[..^".weight".Length])
            .Where(n => n.StartsWith("head", StringComparison.Ordinal) && n != "head.predict");
        Assert.Equal(names, string.Join(' ', own.Order(StringComparer.Ordinal)));
    }

    [Fact]
    public void The_predicting_convolution_is_called_predict() =>
        Assert.Contains(Programs.Example("distillation").Training.Parameters, p => p.Name == "semseg_2.predict.weight");

    [Fact]
    public void Names_are_those_of_the_language_manual() =>
        Assert.Contains(
            Programs.Example("distillation").Training.Parameters,
            p => p.Name == "trunk.layer4.0.downsample.0.weight"
        );

    [Fact]
    public void A_refinement_is_named_below_its_task() =>
        Assert.Contains(Programs.Example("canny").Training.Parameters, p => p.Name == "semseg.refine.weight");

    [Fact]
    public void A_trained_map_has_the_name_of_its_path()
    {
        var model = Programs.Valid(Compile("let scale = parameter(512, init: ones)\n  return x * scale")).Model;
        var scale = model.Training.Parameters.Single(p => p.Name == "head.scale");
        Assert.Equal((Initializer.Ones, true), (scale.Spec.Initializer, scale.IsTrainable));
        Assert.Equal([1, 512, 1, 1], scale.Dimensions);
    }

    [Fact]
    public void Two_parameters_of_one_name_are_an_error_that_shows_both()
    {
        var error = Assert.Single(Compile("return conv(x, 8) + conv(x, 8)").Diagnostics);
        Assert.Equal("MTL2027", error.Code);
        Assert.Contains("'head.weight'", error.Message, StringComparison.Ordinal);
        Assert.Equal("conv(x, 8)", error.Notes[0].Span!.Value.Text);
    }

    [Fact]
    public void Node_names_are_unique_and_the_last_of_a_path_has_the_path()
    {
        var nodes = Programs.Example("full").Training.Nodes;
        Assert.Equal(nodes.Length, nodes.Select(n => n.Name).Distinct().Count());
        Assert.Contains(nodes, n => n is { Name: "trunk.layer1.0", Op.Name: "relu" });
    }

    static Compiler.Compilation Compile(string body) =>
        Programs.Compile(
            $$"""
            model net {
              task depth: depth
              encoder trunk: resnet18
              decoder head: trunk -> depth { using: body }
              loss: l2(depth)
            }

            component body(x) {
              {{body}}
            }

            component forwards(x) { return named(x) }
            component named(x) {
              let inner = conv(x, 8)
              return inner
            }
            component conditional(x, flag) {
              let yes = conv(x, 8)
              let no = conv(x, 4)
              return if flag then yes else no
            }

            """
        );
}
