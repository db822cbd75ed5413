using Mtlc.Compiler.Targets.PyTorch;
using Mtlc.Dsl.Diagnostics;

namespace Mtlc.Tests.Snapshots;

public class PyTorchTests
{
    static string Write(Mtlc.Compiler.Ir.Model model)
    {
        var diagnostics = new DiagnosticBag();
        var text = PyTorchModel.Write(model, $"{model.Name}.mtl", diagnostics);
        Assert.Empty(diagnostics.ToSorted().Select(d => d.Message));
        return text!;
    }

    [Fact]
    public async Task A_network_reads_as_if_written_by_hand() =>
        await Verify(Write(Programs.Example("distillation")), extension: "py");

    [Theory]
    [MemberData(nameof(DrawingJsonTests.Names), MemberType = typeof(DrawingJsonTests))]
    public void Every_example_has_words_in_PyTorch_or_is_refused_at_a_line(string name)
    {
        var model = Programs.Example(name);
        var diagnostics = new DiagnosticBag();

        var text = PyTorchModel.Write(model, $"{model.Name}.mtl", diagnostics);

        if (!model.Maps.IsEmpty)
        {
            // What reads more than the picture.
            Assert.Equal(model.Maps.Select(_ => "MTL5104"), diagnostics.ToSorted().Select(d => d.Code));
            return;
        }
        if (text is null)
        {
            Assert.All(diagnostics.ToSorted(), d => Assert.Equal("MTL5101", d.Code));
            // Only what carries tokens, was padded to windows or has derived weights.
            Assert.Contains(
                model.Training.Nodes,
                n => !n.Shape.IsPlain || n.Parameters.Any(p => p.Derivation is not null) || !n.IsBatched
            );
            return;
        }
        Assert.Empty(diagnostics.ToSorted());
        Assert.Contains($"class {PyTorchModel.ClassName(model)}(nn.Module):", text, StringComparison.Ordinal);
        string[] imports =
        [
            "from __future__ import annotations",
            "import torch",
            "import torch.nn.functional as F",
            "from torch import Tensor, nn",
        ];
        Assert.Equal(
            imports,
            text.Split('\n')
                .Where(l => l.StartsWith("import ", StringComparison.Ordinal) || l.StartsWith("from ", StringComparison.Ordinal))
        );
    }

    [Theory]
    [InlineData("let type = conv(x, 8)\n  return type", "'type' means something else", 2)]
    [InlineData("let a = conv(x, 8)\n  return conv(a, 8)", "weights of its own and parts with weights", 3)]
    public void Weights_that_would_have_other_names_are_refused_at_their_line(string body, string reason, int line)
    {
        var program = Programs.Compile(
            $$"""
            component odd(x) {
              {{body}}
            }
            model net {
              task depth: depth
              encoder trunk: odd
              decoder head: trunk -> depth
              loss: l2(depth)
            }
            """
        );
        var diagnostics = new DiagnosticBag();

        Assert.Null(PyTorchModel.Write(program.Program!.Model, "net.mtl", diagnostics));

        var error = diagnostics.ToSorted().First();
        Assert.Equal(("MTL5102", line), (error.Code, error.Span.Position.Line));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }
}
