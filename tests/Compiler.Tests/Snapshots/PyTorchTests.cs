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

    [Fact]
    public async Task Tokens_windows_and_what_is_frozen_read_so_too()
    {
        var program = Programs.Compile(
            """
            component seeing(x) {
              let narrow = conv_bn_relu(x, 32, kernel: 3, stride: 4)
              let token  = parameter(32, init: normal, stored: tokens)
              let places = parameter(32, init: normal, height: 7, width: 7, tokens: 1, stored: tokens)
              let placed = narrow + resize_like(pixels(places), narrow, bicubic, antialias: true, offset: 0.1)
              let blocks = with_tokens(placed, token + tokens(places)) |> for i in range(2): dino_block(2, 0.1 * i, 1e-6, false, 100)
              let seen   = pixels(blocks)
              let shifts = [0, 3]
              return seen |> for i in range(2): swin_v2_block(2, 7, shifts[i], 0)
            }
            model seeing_net {
              task depth: depth
              encoder trunk: seeing { frozen: until narrow }
              decoder head: trunk -> depth
              loss: l2(depth)
            }
            """
        );
        await Verify(Write(program.Program!.Model), extension: "py");
    }

    [Theory]
    [MemberData(nameof(DrawingJsonTests.Names), MemberType = typeof(DrawingJsonTests))]
    public void Every_example_has_words_in_PyTorch(string name)
    {
        var model = Programs.Example(name);
        var text = Write(model);

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

    [Fact]
    public async Task Maps_and_matrices_of_low_rank_read_so_too()
    {
        var program = Programs.Compile(
            """
            data { source: manifest("data.yaml") }
            component seeing(x) {
              let narrow = conv_bn_relu(x, 32, kernel: 3, stride: 4)
              let q      = conv(narrow, 32)
              let v      = conv(narrow, 32, bias: false)
              let k      = conv(narrow, 32)
              let seen   = attend(q, k, v, 2)
              let blocks = seen |> for i in range(2): dino_block(2, 0, 1e-6, false, 100)
              return vit_block(blocks, 2)
            }
            model seeing_net {
              input disparity: map { channels: 1 }
              input resize:    map { channels: 3, mean: 120, deviation: 60 }
              task depth: depth
              let both = concat(disparity, resize)
              encoder trunk: seeing(both) { frozen: true, adapt: lora { rank: 4, alpha: 8, on: all } }
              decoder head: trunk -> depth
              loss: l2(depth)
            }
            """
        );
        await Verify(Write(program.Program!.Model), extension: "py");
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
