using System.Collections.Immutable;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Passes;
using Mtlc.Compiler.Targets.Onnx.Format;
using Mtlc.Dsl.Diagnostics;

namespace Mtlc.Compiler.Targets.Onnx;

/// <summary>A network as ONNX, without its numbers.</summary>
/// <param name="Proto">Its initializers come in the order of <paramref name="Weights"/>, then those that have their numbers
/// already.</param>
/// <param name="Weights">What its first initializers are to be filled with; some are derived.</param>
/// <param name="Stride">What the sides of a picture that the bare network gets must divide by.</param>
/// <param name="Features">The features of statements, under the names that their values have in the file.</param>
/// <param name="Settings">What it was written with.</param>
public sealed record OnnxModel(
    ModelProto Proto,
    ImmutableArray<Parameter> Weights,
    int Stride,
    ImmutableArray<OnnxFeature> Features,
    OnnxSettings Settings
)
{
    /// <summary>Numbers as a file holds them.</summary>
    public static byte[] Bytes(ReadOnlySpan<float> values, TensorProto.Types.DataType type) => OnnxGraph.Bytes(values, type);

    /// <summary>What TensorRT, OpenVINO, ONNX Runtime and Qualcomm's tools all read.</summary>
    public const int OperatorSet = 17,
        IrVersion = 8;

    /// <summary>The name of the picture; other inputs have the names that the program gives them.</summary>
    public const string Input = "image";

    /// <returns>null after errors: something in the network has no ONNX operator (MTL5001).</returns>
    public static OnnxModel? Write(Model model, OnnxSettings settings, DiagnosticBag diagnostics)
    {
        // Statements' results are outputs while batch norms are folded, so that each is still there to be compared.
        var statements = Statements(model);
        var exposed = model.Neutral.With(
            model.Neutral.Nodes,
            [.. model.Neutral.Outputs, .. statements.Select(s => new GraphOutput(s.Key, s.Key, s.Value, false))]
        );
        var folded = FoldBatchNorm.Run(exposed);
        var stride = OutputStrides.Of(model.Inference);
        var graph = new OnnxGraph(
            model.Name,
            model.Neutral.Outputs.Select(o => o.Task).Append(Input).Concat(model.Maps.Select(m => m.Name))
        );
        var picture = new OnnxPicture(graph, settings, stride);
        var operators = new OnnxOperators(graph, settings.Size is { } size ? picture.Padded(size) : null);
        var values = new Dictionary<Node, string>();
        var isWhole = true;
        graph.IsHalf = settings.IsHalf;
        foreach (var node in folded.Nodes)
        {
            graph.Place = node.Origin?.ToString() ?? "";
            var value = node.Op switch
            {
                Ops.Image => picture.Read(),
                Ops.MapInput map => picture.Read(map),
                _ => operators.Write(node, [.. node.Inputs.Select(i => values[i])]),
            };
            if (value is null && node.Origin is { } origin)
                diagnostics.NoOnnxOperator(origin, node.Op.Name, WayOut(node.Op));
            isWhole &= value is not null;
            values[node] = value ?? "";
            if (node.Op is Ops.Image)
                operators.Picture = values[node];
        }
        if (!isWhole)
            return null;
        graph.Place = "";
        foreach (var output in folded.Outputs.Take(model.Neutral.Outputs.Length))
            picture.Write(model.Task(output.Task), output, values[output.Value]);
        graph.IsHalf = settings.IsHalf; // weights are the network's
        var features = folded
            .Outputs.Skip(model.Neutral.Outputs.Length)
            .Select(o => new OnnxFeature(
                model.Declarations.Last(d => d.Name == o.Name),
                o.Value.Name,
                values[o.Value],
                o.Value.Shape
            ));
        return new(graph.ToModel(), graph.Weights, stride, [.. features], settings);
    }

    /// <summary>The neutral graph with the features of each statement as outputs besides, under the names of the
    /// statements.</summary>
    public static Graph WithFeatures(Model model)
    {
        var statements = Statements(model).Where(s => model.Neutral.Outputs.All(o => o.Name != s.Key));
        return model.Neutral.With(
            model.Neutral.Nodes,
            [.. model.Neutral.Outputs, .. statements.Select(s => new GraphOutput(s.Key, s.Key, s.Value, false))]
        );
    }

    // Those that evaluation needs, each once.
    static IEnumerable<KeyValuePair<string, Node>> Statements(Model model)
    {
        var nodes = model.Neutral.Nodes.ToDictionary(n => n.Name, StringComparer.Ordinal);
        var names = model.Neutral.Outputs.Select(o => o.Name).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. model
                .Declarations.Where(d => d.Result is not null && nodes.ContainsKey(d.Result.Name) && !names.Contains(d.Name))
                .DistinctBy(d => d.Name)
                .Select(d => KeyValuePair.Create(d.Name, nodes[d.Result!.Name])),
        ];
    }

    static string WayOut(Op op) =>
        op is Ops.WindowAttend or Ops.Rotary or Ops.PadTo or Ops.CropLike
            ? "it can for pictures of one size, whose windows and positions are then known: write --size HEIGHTxWIDTH"
        : op is Ops.ResizeLike ? "operator set 17 has neither antialiasing nor an offset: leave these settings out"
        : op is Ops.Canny
            ? "its hysteresis follows edges through the whole picture, which no operator does: leave the edges out, or "
                + "compute them with convolutions (Sobel's kernels, trained or given), which can be exported"
        : "write it with other primitives";
}

/// <summary>The features that a statement makes.</summary>
/// <param name="Node">The node of the neutral graph that has them.</param>
/// <param name="Value">The value in the file that has them.</param>
public sealed record OnnxFeature(Declaration Statement, string Node, string Value, TensorShape Shape);
