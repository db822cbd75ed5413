namespace Mtlc.Tests.Verbs;

/// <summary>Programs that the tests run: small enough to train in seconds.</summary>
static class Programs
{
    public const string Tiny = """
        data { source: synthetic { scenes: 16, size: 64x128 }, augment: { crop: 64 } }
        train { optimizer: adam { lr: 1e-3 }, batch: 4, epochs: 2, evaluate: { samples: 2 } }

        component tiny(x) {
          let layer1 = conv_bn_relu(x, 8, kernel: 3, stride: 4)
          let layer2 = conv_bn_relu(layer1, 16, kernel: 3, stride: 2)
          return layer2
        }

        model tiny_net {
          task semseg: segmentation { classes: 19, ignore: 255 }
          task depth: depth
          encoder trunk: tiny
          decoder head: trunk -> semseg, depth { at: 4, convs: 0, kernel: 1 }
          loss: 0.5 * cross_entropy(semseg) + 0.5 * l2(depth)
        }
        """;

    /// <summary>The line of <see cref="Wrong"/> that is wrong, counted from 1, and the column.</summary>
    public const int WrongLine = 4,
        WrongColumn = 17;

    public const string Wrong = """
        model wrong {
          task depth: depth
          encoder trunk: resnet18
          decoder head: trunc -> depth
          loss: l2(depth)
        }
        """;
}
