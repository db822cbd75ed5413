using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Mtlc.Compiler;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Ops;
using Mtlc.Compiler.Recipes;
using Mtlc.Compiler.Targets.Onnx;
using Mtlc.Compiler.Targets.Onnx.Format;
using Mtlc.Compiler.Tasks;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Text;
using Mtlc.Runtime.Export;
using Mtlc.Runtime.Torch;
using Mtlc.Tests.Passes;
using Mtlc.Tests.Torch;
using static TorchSharp.torch;

namespace Mtlc.Tests.Export;

/// <summary>Written files, run by ONNX Runtime.</summary>
public sealed class OnnxTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("mtlc-onnx-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    static string Examples([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../../examples"));

    // All but what cannot be exported, and the variants of one network that differ in settings alone.
    public static TheoryData<string> Networks =>
        [
            .. Directory
                .GetFiles(Examples(), "*.mtl")
                .Select(p => Path.GetFileName(p))
                .Where(n => n is not ("recipe.mtl" or "canny.mtl" or "large.mtl"))
                .Order(StringComparer.Ordinal),
        ];

    static CompiledProgram Program(string name, params string[] sets)
    {
        SourceText? Open(string path) => new(path, File.ReadAllText(Path.Combine(Examples(), path)));
        var compilation = Compilation.Compile(
            Open(name)!,
            Open,
            ["data.source=synthetic { scenes: 8, size: 32x64 }", "data.augment.crop=32", "data.workers=1", .. sets]
        );
        return compilation.Program
            ?? throw new InvalidOperationException(string.Join('\n', compilation.Diagnostics.Select(d => d.Message)));
    }

    string File_(string name) => Path.Combine(folder, name);

    static Dictionary<string, string> Metadata(string path) =>
        OnnxFile.Read(path).MetadataProps.ToDictionary(p => p.Key, p => p.Value);

    [Theory]
    [MemberData(nameof(Networks))]
    public void Examples_are_exported_and_compute_the_same(string name)
    {
        var path = File_("net.onnx");
        var program = Program(name);

        var report = OnnxExporter.Run(program, null, new(path), new DiagnosticBag())!;

        var certificate = report.Certificate!;
        Assert.True(
            certificate.IsKept,
            JsonSerializer.Serialize(
                certificate,
                new JsonSerializerOptions
                {
                    NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
                }
            )
        );
        Assert.Equal(3, certificate.Sizes.Distinct().Count());
        Assert.Contains(certificate.Sizes, s => s.Height % 2 == 1 && s.Width % 2 == 1);
        Assert.All(
            certificate.Features,
            f => Assert.True(f.Largest > 0 && f.Place.Contains(".mtl:", StringComparison.Ordinal), f.Statement)
        );
        Assert.Contains("trunk", certificate.Features.Select(f => f.Statement));
        Assert.Equal(
            program.Model.Inference.Outputs.Select(o => o.Task).Order(),
            certificate.Outputs.Select(o => o.Task).Order()
        );
        Assert.All(certificate.Outputs, o => Assert.True(o.Pixels > 0 || o.HasNumbers));
        Assert.NotEmpty(certificate.Scores);
        var proto = OnnxFile.Read(path);
        Assert.Equal((8L, 17L), (proto.IrVersion, proto.OpsetImport.Single().Version));
        Assert.All(proto.Graph.Node, n => Assert.Equal("", n.Domain));
        var metadata = Metadata(path);
        Assert.Equal(RecipeDigest.Of(program).Run, metadata["mtlc.digest"]);
        Assert.Contains("\"name\":\"road\",\"colour\":\"#804080\"", metadata["mtlc.outputs"], StringComparison.Ordinal);
        Assert.Contains("\"mean\":[0.485,0.456,0.406]", metadata["mtlc.input"], StringComparison.Ordinal);
        Assert.Contains("\"features\"", metadata["mtlc.certificate"], StringComparison.Ordinal);
        Assert.Equal(path, Assert.Single(Directory.GetFiles(folder))); // nothing else is left
    }

    [Fact]
    public void Primitives_of_todays_networks_compute_the_same()
    {
        const string text = """
            component mixer(x) {
              let narrow = linear(x, 12)
              let wide   = conv(x, 12, kernel: 3, groups: 4) |> group_norm(3) |> silu
              let seen   = attend(narrow, max_pool(wide), max_pool(wide), heads: 3)
              let scaled = layer_scale(seen, init: 0.5)
              return x + hard_swish(scaled)
            }
            component trunk_net(x) {
              let patches = conv(x, 12, kernel: 4, stride: 4) |> layer_norm
              let mixed   = patches |> mixer |> batch_norm(eps: 0.1, momentum: 0.01)
              let deep    = conv(mixed, 16, kernel: 4, stride: 2) |> hard_sigmoid
              return deep
            }
            model modern {
              task depth: depth
              encoder trunk: trunk_net
              let up = conv_transpose(trunk, 8, kernel: 3)
              let shuffled = pixel_shuffle(trunk, 2)
              let picked = resize(conv(trunk, 4), 2, nearest)
              let cubic = resize_like(linear(trunk, 4, bias: false), trunk/4, bicubic)
              decoder head: [up, shuffled, picked, cubic] -> depth { using: concat }
              loss: l2(depth)
            }
            data { source: synthetic { scenes: 8, size: 32x64 }, augment.crop: 32, workers: 1 }
            """;
        var compilation = Compilation.Compile(new("modern.mtl", text));
        Assert.Empty(compilation.Diagnostics.Select(d => d.Message));

        var certificate = OnnxExporter.Run(compilation.Program!, null, new(File_("net.onnx")), new DiagnosticBag())!.Certificate!;

        Assert.True(certificate.IsKept, string.Join("; ", certificate.Features));
    }

    const string Transformers = """
        component windowed(x, window = 3) {
          let qkv     = linear(pad_to(x, window), 3 * channels(x))
          let q, k, v = split(qkv, 3)
          let table   = relative_coords(window) |> linear(8) |> relu |> linear(2)
          let bias    = relative_bias(table)
          let scale   = repeat_channels(exp(parameter(2, stored: column)), channels(x) / 2)
          let seen    = window_attend(l2_normalize(q, groups: 2) * scale, l2_normalize(k, groups: 2), v, bias, 2, window, 1, scale: 1)
          return x + crop_like(seen, x)
        }
        component turning(x) {
          let qkv     = linear(x, 3 * channels(x), bias: false)
          let q, k, v = split(qkv + parameter(3 * channels(x), init: normal, stored: vector), 3)
          return x + attend(rotary(q, 2), rotary(k, 2), v, 2)
        }
        component trunk_net(x, windows = false) {
          let patches   = conv(x, 16, kernel: 8, stride: 8)
          let pos_embed = parameter(16, init: normal, height: 3, width: 3, tokens: 1, stored: tokens)
          let placed    = patches + resize_like(pixels(pos_embed), patches, bicubic, align_corners: true)
          let carried   = with_tokens(placed, tokens(pos_embed), parameter(16, init: normal, width: 2, stored: tokens))
          let q, k, v   = split(linear(carried, 48), 3)
          let seen      = carried + attend(q, k, v, 4)
          let turned    = turning(seen)
          let map       = pixels(if windows then turned else seen)
          let merged    = merge_pixels(if windows then windowed(map) else map)
          return concat(merged, resize_like(tokens(seen, 1, 1), merged, nearest))
        }
        model vision {
          task depth: depth
          encoder trunk: trunk_net
          decoder head: trunk -> depth { convs: 1, width: 8 }
          loss: l2(depth)
        }
        data { source: synthetic { scenes: 8, size: 32x64 }, augment.crop: 32, workers: 1 }
        """;

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void Tokens_and_windows_compute_the_same(bool hasWindows, bool isFixed)
    {
        var compilation = Compilation.Compile(
            new("vision.mtl", Transformers),
            _ => null,
            [$"trunk.windows={(hasWindows ? "true" : "false")}"]
        );
        Assert.Empty(compilation.Diagnostics.Select(d => d.Message));
        ExportOptions options = new(File_("net.onnx"), isFixed ? new ImageSize(90, 120) : null);

        var certificate = OnnxExporter.Run(compilation.Program!, null, options, new DiagnosticBag())!.Certificate!;

        Assert.True(certificate.IsKept, string.Join("; ", certificate.Features));
    }

    [Fact]
    public void Windows_of_pictures_of_any_size_are_refused_at_their_line()
    {
        var compilation = Compilation.Compile(new("vision.mtl", Transformers), _ => null, ["trunk.windows=true"]);
        var diagnostics = new DiagnosticBag();

        Assert.Null(OnnxExporter.Run(compilation.Program!, null, new(File_("net.onnx")), diagnostics));

        Assert.Equal(
            ["pad_to", "window_attend", "crop_like", "rotary", "rotary"],
            diagnostics.ToSorted().Select(d => d.Message.Split('\'')[1])
        );
        Assert.All(diagnostics.ToSorted(), d => Assert.Contains("--size", d.Help, StringComparison.Ordinal));
    }

    [Fact]
    public void Canny_is_refused_at_its_line_and_nothing_is_written()
    {
        var diagnostics = new DiagnosticBag();

        Assert.Null(OnnxExporter.Run(Program("canny.mtl"), null, new(File_("canny.onnx")), diagnostics));

        var error = Assert.Single(diagnostics.ToSorted());
        Assert.Equal(("MTL5001", "canny.mtl"), (error.Code, error.Span.Source.Path));
        Assert.Contains("canny(image", error.Span.Source.Line(error.Span.Position.Line), StringComparison.Ordinal);
        Assert.NotNull(error.Help);
        Assert.Empty(Directory.GetFiles(folder));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_fixed_size_and_the_bare_network_compute_the_same(bool isRaw)
    {
        var path = File_("fixed.onnx");
        var size = isRaw ? new ImageSize(32, 64) : new ImageSize(45, 50);
        var report = OnnxExporter.Run(Program("joint.mtl"), null, new(path, size, isRaw), new DiagnosticBag())!;

        Assert.True(report.Certificate!.IsKept);
        Assert.Equal(size, Assert.Single(report.Certificate.Sizes));
        var graph = OnnxFile.Read(path).Graph;
        Assert.All(
            graph.Input.Concat(graph.Output).SelectMany(v => v.Type.TensorType.Shape.Dim),
            d => Assert.True(d.DimValue > 0)
        );
        Assert.DoesNotContain(graph.Node, n => n.OpType == "Shape");
        Assert.Equal(
            isRaw ? TensorProto.Types.DataType.Float : TensorProto.Types.DataType.Uint8,
            (TensorProto.Types.DataType)graph.Input.Single().Type.TensorType.ElemType
        );
    }

    [Fact]
    public void Weights_too_large_for_the_file_lie_beside_it()
    {
        var path = File_("large.onnx");
        var report = OnnxExporter.Run(Program("joint.mtl"), null, new(path) { MostInside = 1 << 20 }, new DiagnosticBag())!;

        Assert.True(report.Certificate!.IsKept);
        Assert.Equal($"{path} {path}.data", string.Join(' ', report.Files));
        Assert.True(new FileInfo(path).Length < 1 << 20);
        Assert.All(
            OnnxFile.Read(path).Graph.Initializer.Where(i => i.DataLocation == TensorProto.Types.DataLocation.External),
            i =>
                Assert.Equal(
                    0,
                    long.Parse(
                        i.ExternalData.Single(e => e.Key == "offset").Value,
                        System.Globalization.CultureInfo.InvariantCulture
                    ) % 4096
                )
        );
    }

    /// <summary>A certificate that cannot fail proves nothing.</summary>
    [Fact]
    public void A_wrong_file_is_not_certified()
    {
        var path = File_("wrong.onnx");
        var program = Program("joint.mtl");
        using var network = ExportedNetwork.OfProgram(program);
        var settings = new OnnxSettings(null, true, new([1, 1, 1], [0, 0, 0]), ImmutableDictionary<string, DepthScale>.Empty);
        var model = OnnxModel.Write(program.Model, settings, new DiagnosticBag())!;
        var statement = model.Features.First(f => f.Statement.Name != "trunk");
        var nodes = model.Proto.Graph.Node;
        var makes = nodes.First(n => n.Output[0] == statement.Value);
        makes.Output[0] = "right";
        nodes.Insert(
            nodes.IndexOf(makes) + 1,
            new NodeProto
            {
                Name = "wrong",
                OpType = "Neg",
                Input = { "right" },
                Output = { statement.Value },
            }
        );
        OnnxFile.Write(path, model, new(network.Numbers), long.MaxValue);
        using var certifier = new Certifier(network, model, new(path, null, IsRaw: true));

        var certificate = certifier.Run(null);

        Assert.False(certificate.IsKept);
        Assert.True(certificate.Features.Single(f => f.Statement == "trunk").IsKept);
        Assert.False(certificate.Features.Single(f => f.Statement == statement.Statement.Name).IsKept);
    }

    public static TheoryData<string> Primitives =>
        ["adaptive", "gelu", "layer_norm", "l2", "relu6", "max_pool", "softmax", "shapes", "depthwise", "max_unpool"];

    /// <summary>What no example has, each in a network of its own, on sizes that nothing divides.</summary>
    [Theory]
    [MemberData(nameof(Primitives))]
    public void Primitives_compute_the_same(string name)
    {
        var g = new Graphs();
        var x = g.Add("stem", new Conv(8, 3), g.Image);
        var y = name switch
        {
            "adaptive" => g.Add("up", new ResizeLike(), g.Add("pool", new AdaptiveAvgPool(3), x), g.Image),
            "gelu" => g.Add("y", new Gelu(), g.Add("z", new Affine(2.5, -0.5), x)),
            "layer_norm" => g.Add("y", new LayerNorm(), x),
            "l2" => g.Add("y", new L2Normalize(0.5), x),
            "relu6" => g.Add("y", new Relu6(), g.Add("z", new Affine(20, 0), x)),
            "max_pool" => g.Add("y", new ResizeLike(), g.Add("p", new MaxPool(3, 2), g.Add("q", new MaxPool(2), x)), g.Image),
            "max_unpool" => g.Add("y", new MaxUnpool(), g.Add("z", new Affine(2, 1), g.Add("p", new MaxPool(2), x)), x),
            "softmax" => g.Add("y", new Log(), g.Add("s", new Affine(1, 0.25), g.Add("z", new Softmax(), x))),
            "depthwise" => g.Add("y", new BatchNorm(), g.Add("z", new Conv(16, 3, Dilation: 2, Groups: 8, Bias: false), x)),
            _ => g.Add(
                "y",
                new Subtract(),
                g.Add("m", new Multiply(), g.Add("e", new Exp(), x), g.Add("p", new LearnedMap(8, MapInit.Normal))),
                g.Add("sum", new Sum(), x, g.Add("t", new Tanh(), x), x)
            ),
        };
        var sliced = g.Add("slice", new Slice(1, 5), y);
        var neutral = g.Predict(
                "a",
                "a",
                g.Add(
                    "a",
                    new Concat(),
                    sliced,
                    g.Add("gap", new ResizeLike(), g.Add("mean", new GlobalAvgPool(), sliced), sliced)
                )
            )
            .Build();
        var model = new Model("net", [new NormalsTask { Name = "a" }], neutral, neutral, new Objective.Sum([]), [], []);
        TorchRuntime.Start();
        using var scope = NewDisposeScope();
        using var store = Agreement.Trained(neutral, 4);
        using var module = new GraphModule(neutral, store);
        module.eval();
        var written = OnnxModel.Write(
            model,
            new(null, true, new([1, 1, 1], [0, 0, 0]), ImmutableDictionary<string, DepthScale>.Empty),
            new DiagnosticBag()
        )!;
        OnnxFile.Write(
            File_("p.onnx"),
            written,
            new(p => store[p.Name].detach().contiguous().data<float>().ToArray()),
            long.MaxValue
        );
        using var session = new OnnxSession(File_("p.onnx"));
        foreach (var (batch, height, width) in ((int, int, int)[])[(1, 32, 48), (2, 36, 20)])
        {
            using var generator = new Generator(3);
            var pictures = randn([batch, 3, height, width], generator: generator);

            var (wanted, given) = (module.forward(pictures)["a"], session.Run(pictures)["a"]);

            Assert.Equal(wanted.shape, given.shape);
            Assert.InRange((wanted - given).abs().max().item<float>(), 0, 1e-5 * (1 + wanted.abs().max().item<float>()));
        }
    }

    [Theory]
    [InlineData(ExportPrecision.Fp16)]
    [InlineData(ExportPrecision.Int8)]
    public void Another_precision_is_smaller_and_costs_no_more_than_the_tolerance(ExportPrecision precision)
    {
        var path = File_("small.onnx");
        var report = OnnxExporter.Run(
            Program("joint.mtl"),
            null,
            new(path) { Precision = precision, Tolerance = 0.05 },
            new DiagnosticBag()
        )!;

        Assert.True(report.IsKept, string.Join('\n', report.Precision!.Tries));
        Assert.InRange(report.Precision.Tries[^1].Worst, 0, 0.05);
        Assert.InRange(
            (double)report.Bytes / report.Precision.FloatBytes,
            0,
            precision == ExportPrecision.Fp16
                ? 0.55
                : 0.25 + 0.75 * report.Precision.Float.Length / report.Precision.Layers + 0.15
        );
        var graph = OnnxFile.Read(path).Graph;
        Assert.Contains("precision", Metadata(path)["mtlc.precision"], StringComparison.Ordinal);
        if (precision == ExportPrecision.Fp16)
            Assert.All(
                graph.Initializer.Where(i => i.Dims.Count == 4 && i.Dims[0] > 1),
                i => Assert.Equal((int)TensorProto.Types.DataType.Float16, i.DataType)
            );
        else
            Assert.Equal(
                report.Precision.Layers - report.Precision.Float.Length,
                graph.Initializer.Count(i => i.DataType == (int)TensorProto.Types.DataType.Int8 && i.Dims.Count == 4)
            );
        Assert.Equal([path], Directory.GetFiles(folder));
    }

    [Fact]
    public void A_precision_that_costs_too_much_is_given_up_layer_by_layer()
    {
        var path = File_("exact.onnx");
        var report = OnnxExporter.Run(
            Program("joint.mtl"),
            null,
            new(path) { Precision = ExportPrecision.Int8, Tolerance = 0 },
            new DiagnosticBag()
        )!;

        // An untrained network may be better by chance with some of its layers in 8 bits.
        Assert.Equal(0, report.Precision!.Tries[^1].Worst, 1e-4);
        Assert.True(report.Precision.Tries[0].Worst > 0 || report.Precision.Float.IsEmpty);
        Assert.Equal(report.Precision.Float.Length, report.Precision.Tries[^1].Float);
        Assert.All(report.Precision.Float, layer => Assert.Contains(".mtl:", layer, StringComparison.Ordinal));
    }

    // Jacob et al. 2018, sections 2.1 and 3: r = S (q - Z), zero exact; weights symmetric, of each channel.
    [Fact]
    public void Numbers_are_rounded_to_steps_of_which_zero_is_one()
    {
        Assert.Equal(0.02f, new ValueRange(-1, 4.1f).Step, 1e-6f);
        Assert.Equal(50, new ValueRange(-1, 4.1f).Zero);
        Assert.Equal(0, new ValueRange(0.5f, 3).WithZero.Zero);
        Assert.Equal(255, new ValueRange(-3, -0.5f).WithZero.Zero);
        Assert.Equal(1, new ValueRange(0, 0).Step);
        var (steps, values) = OnnxQuantizer.Rounded([1.27f, -0.5f, 0.004f, 0, 254, -127], 3);
        Assert.All(steps.Zip([0.01f, 0.004f / 127, 2f]), s => Assert.Equal(s.Second, s.First, 1e-6f));
        Assert.Equal([(sbyte)127, -50, 127, 0, 127, -64], values);
        // A range is cut where what is left out costs less than the finer steps save.
        var samples = Enumerable.Range(0, 4000).Select(i => i % 100 / 100f).ToArray();
        Assert.InRange(Calibration.Best(new(0, 1.9f), samples).Maximum, 0.99f, 1.2f);
        Assert.Equal(1.9f, Calibration.Best(new(0, 1.9f), [.. samples, 1.9f]).Maximum);
    }

    /// <summary>Plain arrays give what libtorch gives.</summary>
    [Fact]
    public void Derived_weights_are_those_of_libtorch()
    {
        TorchRuntime.Start();
        using var scope = NewDisposeScope();
        using var gradients = no_grad();
        Parameter Stored(string name, params int[] dimensions) => new(name, new(name, [.. dimensions], Initializer.Normal));
        var (weight, other, bias) = (Stored("w", 4, 6, 3, 3), Stored("v", 2, 6, 3, 3), Stored("b", 4));
        var norm = new NormParameters(
            Stored("gamma", 4),
            Stored("beta", 4),
            Stored("mean", 4),
            new("var", new("var", [4], Initializer.Ones)),
            1e-5
        );
        Derivation[] derivations =
        [
            new Derivation.NormalizedWeight(weight, norm),
            new Derivation.NormalizedBias(bias, norm),
            new Derivation.NormalizedBias(null, norm),
            new Derivation.InputChannels(weight, [new(0, 2), new(5, 1)]),
            new Derivation.Taps(weight),
            new Derivation.Stacked([weight, other]),
            new Derivation.Rounded(weight, Precision.Bf16),
            new Derivation.Rounded(weight, Precision.Fp16),
        ];
        using var store = new ParameterStore([weight, other, bias, norm.Gamma, norm.Beta, norm.Mean, norm.Variance], 7);
        var arrays = new ParameterArrays(p => store[p.Name].contiguous().data<float>().ToArray());
        foreach (var derivation in derivations)
        {
            var parameter = new Parameter("derived", weight.Spec, derivation);
            var (wanted, given) = (DerivedParameters.Compute(parameter, store).to(ScalarType.Float32), parameter.Compute(arrays));
            Assert.Equal(wanted.shape, given.Dimensions.Select(d => (long)d));
            var difference = (wanted - tensor(given.Values, wanted.shape)).abs().max().item<float>();
            Assert.InRange(difference, 0, 1e-6);
        }
    }
}
