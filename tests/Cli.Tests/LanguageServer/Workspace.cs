using System.Collections.Immutable;
using Mtlc.Dsl.Text;
using Mtlc.LanguageServer.Documents;

namespace Mtlc.Tests.LanguageServer;

/// <summary>A folder of programs that lies in memory, and how an editor sees it.</summary>
static class Workspace
{
    public const string Folder = "/w";

    public const string Recipe = """
        # Of both programs.
        data { source: synthetic { scenes: 80, size: 128x256 }, augment: { crop: 128 } }
        train { optimizer: adam { lr: 3e-4 }, batch: 4, epochs: 5 }
        set trunk.dilate = [false, false, true]
        """;

    public const string Program = """
        import "recipe.mtl"
        let width = 128

        # Narrows, then widens (Doe et al. 2020).
        component head(x, width = 64) {
          let narrow = conv_bn_relu(x, width)
          let wide   = [for w in [1, 2]: conv(narrow, w * width)]
          return concat(narrow, wide)
        }

        model net {
          task semseg: segmentation { classes: 19, ignore: 255 }
          task depth: depth { unit: log }
          task edges: contour of semseg

          encoder trunk: resnet18 { weights: none }
          aspp context: trunk.layer3 -> width { rates: [1, 2] }
          attention focus: context
          decoder semseg: context + focus + skip trunk/4 -> semseg { width: 2 * width }
          decoder lines: semseg -> edges { using: head, width: 8 }
          decoder d: semseg -> depth
          let share = 0.5
          loss: share * cross_entropy(semseg) + l2(depth) + balanced_bce(lines)
        }
        """;

    public const string Sweep = """
        import "a.mtl"

        sweep rates {
          context.rates: [[1], [2, 3]]
          trunk.dilate: [[false, false, false]]
          share: [0.1, 0.9]
        }
        """;

    public const string Models = """
        import "a.mtl"
        sweep models {
          model: ["a.mtl", "b.mtl"]
          stop: halving("semseg/mean_iou")
        }
        """;

    public const string Report = """
        report page {
          one: table {
            caption: "the trunk of semseg"
            runs: ["a.mtl", sweep("sweeps.mtl", rates)], labels: ["trunk", "a", "b", "c", "d"]
            scores: ["semseg/mean_iou", "depth/si_log_rmse", multitask]
          }
        }
        """;

    public const string Other = """
        import "recipe.mtl"
        model other {
          task semseg: segmentation { classes: 19 }
          encoder trunk: resnet18
          decoder head: trunk -> semseg
          loss: cross_entropy(semseg)
        }
        """;

    /// <summary>With nothing in common but a name.</summary>
    public const string Stranger = """
        component trunk(x) { return relu(x) }
        model stranger {
          task depth: depth
          encoder body: resnet18
          decoder d: body -> depth { using: plain_decoder }
          refine depth: trunk
          loss: l1(depth)
        }
        """;

    /// <summary>Two encoders that exchange features, and weights that are shared.</summary>
    public const string Pair = """
        component stitch(maps, own = 0.9) {
          let mixed = [for i in range(length(maps)): sum([for m in maps: layer_scale(m, own)])]
          return mixed
        }

        model pair {
          task labels: segmentation { classes: 19 }
          task metres: depth { unit: inverse }
          encoder left:  resnet18 { frozen: true }
          encoder right: resnet18 { dilate: [false, true, true] }
          exchange mix: left, right at layer1, layer2 { using: stitch, own: 0.8 }
          share squeeze: conv_bn_relu { out: 64, frozen: true }
          let narrow = squeeze(left)
          decoder classes: narrow -> labels { kernel: 1 }
          decoder far: right -> metres { frozen: false }
          loss: cross_entropy(labels) + l1(metres)
        }
        """;

    public static readonly ImmutableDictionary<string, string> Files = ImmutableDictionary<string, string>
        .Empty.Add("a.mtl", Program)
        .Add("b.mtl", Other)
        .Add("recipe.mtl", Recipe)
        .Add("sweeps.mtl", Sweep)
        .Add("models.mtl", Models)
        .Add("report.mtl", Report)
        .Add("stranger.mtl", Stranger)
        .Add("pair.mtl", Pair);

    public static Snapshot Make(params (string Name, string Text)[] open) => Make(Files, open);

    /// <param name="files">By their paths below the folder.</param>
    public static Snapshot Make(IReadOnlyDictionary<string, string> files, params (string Name, string Text)[] open)
    {
        string? Text(string path) =>
            path.StartsWith($"{Folder}/", StringComparison.Ordinal) ? files.GetValueOrDefault(path[(Folder.Length + 1)..]) : null;
        var disk = new WorkspaceFiles(
            path => Text(path) is { } text ? new SourceText(path, text) : null,
            path => Text(path) is null ? null : "1",
            _ => files.Keys.Order(StringComparer.Ordinal).Select(f => $"{Folder}/{f}"),
            _ => files.Keys.Order(StringComparer.Ordinal),
            source => $"/library/{source.Path}"
        );
        return open.Aggregate(
            Snapshot.Empty(disk, [Folder]),
            (s, o) => s.With(new($"file://{Folder}/{o.Name}", $"{Folder}/{o.Name}", 1, new($"{Folder}/{o.Name}", o.Text)))
        );
    }

    public static Analysis Analyse(string name, string? text = null) =>
        (text is null ? Make() : Make((name, text))).Analyse($"{Folder}/{name}")
        ?? throw new InvalidOperationException($"no {name}");

    /// <summary>The offset of a piece that stands before what is marked: "aspp context: |trunk".</summary>
    public static int Offset(string text, string marked)
    {
        var bar = marked.IndexOf('¦', StringComparison.Ordinal);
        var at = text.IndexOf(marked.Remove(bar, 1), StringComparison.Ordinal);
        return at >= 0 ? at + bar : throw new InvalidOperationException($"'{marked}' does not stand there");
    }
}
