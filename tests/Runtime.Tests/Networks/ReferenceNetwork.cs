using System.Text.Json;
using Mtlc.Compiler;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Tasks;
using Mtlc.Dsl.Text;
using Mtlc.Runtime.Torch.Losses;
using Mtlc.Runtime.Torch.Targets;
using Mtlc.Tests.Weights;
using static TorchSharp.torch;

namespace Mtlc.Tests.Networks;

/// <summary>
/// A network of the report, compiled, beside what an independent implementation in PyTorch (tests/reference) computes in double
/// precision, given weights, pictures and labels by <see cref="Rule"/>. </summary>
sealed class ReferenceNetwork
{
    const int Batch = 2,
        Height = 128,
        Width = 192;

    static readonly JsonElement Root = JsonDocument.Parse(File.ReadAllText(PathOf("reference", "networks.json"))).RootElement;

    public ReferenceNetwork(string name)
    {
        (Name, Expected) = (name, Root.GetProperty(name));
        var main = Sources.TryGetValue(name, out var text) ? new SourceText($"{name}.mtl", text) : Open($"{name}.mtl");
        var compilation = Compilation.Compile(main!, Open);
        Assert.True(compilation.Program is not null, string.Join("\n", compilation.Diagnostics.Select(d => d.Message)));
        Model = compilation.Program.Model;
    }

    public string Name { get; }

    public JsonElement Expected { get; }

    public Model Model { get; }

    /// <summary>Networks that are no example: the library's other parts.</summary>
    static readonly Dictionary<string, string> Sources = new()
    {
        ["resnet18"] = """
            model small {
              task semseg: segmentation { classes: 19, ignore: 255 }
              task depth: depth
              encoder trunk: resnet18
              let context = conv_bn_relu(trunk, 256)
              decoder head: context -> semseg, depth { at: 4, convs: 0, kernel: 1 }
              loss: 0.5 * cross_entropy(semseg) + 0.5 * l2(depth)
            }
            """,
        ["excite"] = """
            model excite {
              task semseg: segmentation { classes: 19, ignore: 255 }
              encoder trunk: resnet50 { dilate: [false, true, true] }
              let context = trunk |> ppm(256)
              let gated = squeeze_excite(context)
              decoder head: gated -> semseg { convs: 1, width: 64 }
              loss: cross_entropy(semseg)
            }
            """,
    };

    static SourceText? Open(string path)
    {
        var file = PathOf("examples", path);
        return File.Exists(file) ? new SourceText(path, File.ReadAllText(file)) : null;
    }

    static string PathOf(params string[] parts) => Path.Combine([AppContext.BaseDirectory, .. parts]);

    /// <summary>State-dict names and shapes, in PyTorch's order.</summary>
    public Dictionary<string, string> ExpectedState()
    {
        static bool IsEncoder(JsonProperty p) => p.Name.StartsWith("trunk.", StringComparison.Ordinal);
        var encoder = Root.GetProperty(Expected.GetProperty("encoder").GetString()!)
            .GetProperty("state")
            .EnumerateObject()
            .Where(IsEncoder);
        var own = Expected.GetProperty("state").EnumerateObject().Where(p => !IsEncoder(p));
        return encoder
            .Concat(own)
            .ToDictionary(p => p.Name, p => string.Join(", ", p.Value.EnumerateArray().Select(d => d.GetInt32())));
    }

    public static Tensor Weight(Parameter parameter) =>
        tensor(
                parameter.Spec.Initializer == Initializer.Listed
                    ? [.. parameter.Spec.Values]
                    : Rule.Parameter(parameter.Name, parameter.Dimensions),
                [.. parameter.Dimensions.Select(d => (long)d)]
            )
            .to(TestDevice.Current);

    public static Tensor Pictures() =>
        tensor(Rule.Pictures(Batch, Height, Width), [Batch, 3, Height, Width]).to(TestDevice.Current);

    /// <summary>The model's `loss` statement; a task's loss is the mean over its predictions.</summary>
    public Tensor Loss(IReadOnlyDictionary<string, Tensor> outputs)
    {
        var type = outputs.Values.First().dtype;
        var classes = tensor(Rule.Classes(Batch, Height, Width, 19), [Batch, Height, Width]).to(TestDevice.Current);
        var metres = tensor(Rule.Metres(Batch, Height, Width), [Batch, 1, Height, Width]).to(type).to(TestDevice.Current);
        return Evaluate(Model.Objective);

        Tensor Evaluate(Objective objective) =>
            objective switch
            {
                Objective.Term term => term.Outputs.Select(o =>
                        PixelLoss.Of(term.Loss).Compute(outputs[o], Target(Model.Task(term.Task)), 255)
                    )
                    .Aggregate((a, b) => a.Plus(b)) / Held(term.Outputs.Length),
                Objective.Scaled scaled => Evaluate(scaled.Inner) * Held(scaled.Weight),
                Objective.Sum sum => sum.Parts.Select(Evaluate).Aggregate((a, b) => a.Plus(b)),
                _ => throw new NotSupportedException(),
            };

        Tensor Target(ModelTask task) =>
            task switch
            {
                SegmentationTask => classes,
                DepthTask => (metres - Held(27.0727)) / Held(29.1264),
                ContourTask => Contours.Of(classes, 255).to(type),
                _ => Normals.OfPixels(metres),
            };
    }

    /// <summary>Sampled values of tensors within a part of each one's largest.</summary>
    /// <param name="expected">By name: { "max", "values" } or [max, norm, values...].</param>
    public static void Agree(JsonElement expected, Func<string, Tensor?> find, double tolerance)
    {
        foreach (var property in expected.EnumerateObject())
        {
            var found = find(property.Name);
            Assert.True(found is not null, $"there is no {property.Name}");
            var (max, values) = Read(property.Value);
            var flat = TensorAssert.Values(found).AsSpan();
            var positions = Rule.Positions(property.Name, flat.Length, values.Length);
            for (var i = 0; i < values.Length; i++)
            {
                var actual = flat[(int)positions[i]];
                Assert.True(
                    Math.Abs(actual - values[i]) <= tolerance * max,
                    $"{property.Name}[{positions[i]}]: {actual} instead of {values[i]}, off by "
                        + $"{Math.Abs(actual - values[i]) / max:g2} of the largest, {max}"
                );
            }
        }
    }

    static (double Max, double[] Values) Read(JsonElement row) =>
        row.ValueKind == JsonValueKind.Object
            ? (row.GetProperty("max").GetDouble(), [.. row.GetProperty("values").EnumerateArray().Select(v => v.GetDouble())])
            : (row[0].GetDouble(), [.. row.EnumerateArray().Skip(2).Select(v => v.GetDouble())]);

    public override string ToString() => Name;
}
