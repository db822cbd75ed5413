using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Mtlc.Compiler;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Recipes;
using Mtlc.Runtime.Data.Loading;
using Mtlc.Runtime.Tasks;
using Mtlc.Runtime.Torch;
using Mtlc.Runtime.Torch.Native;
using Mtlc.Runtime.Training;
using Mtlc.Runtime.Training.Schedules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Mtlc.Bench;

/// <summary>
/// A process of its own that makes one step for each line it reads, or as many as the line says, and answers milliseconds a step
/// and peak memory in MiB. It computes on the device of BENCH_DEVICE, and evaluates the network of BENCH_NETWORK. </summary>
static class Workers
{
    static readonly Lazy<Device> Found = new(() => Devices.Find(Environment.GetEnvironmentVariable("BENCH_DEVICE") ?? "cpu"));

    /// <param name="kind">"mtlc", also with settings of `train { }` as in "mtlc,precision=bf16"; "channels_last";
    /// "torchsharp".</param>
    public static void Run(string kind, string mode, int batch, int height, int width)
    {
        // The hand-written module takes the process as it finds it, but for what mends libtorch on some processors.
        if (kind is not "channels_last" && !kind.StartsWith("mtlc", StringComparison.Ordinal))
            Environment.SetEnvironmentVariable(NativeSwitches.Variable, "-heap,-malloc,-denormals,-nnpack");
        TorchRuntime.Start();
        var x = randn(batch, 3, height, width, device: Found.Value);
        var step = (kind, mode) switch
        {
            ("mtlc", "train") => Training(x, Example("branched")),
            (_, "train") when kind.StartsWith("mtlc,", StringComparison.Ordinal) => Training(
                x,
                Example("branched", kind["mtlc,".Length..])
            ),
            ("channels_last", _) => Training(x, Example("branched", "memory_format = channels_last")),
            ("mtlc", _) => Evaluation(x, Compiled(Networks[Environment.GetEnvironmentVariable("BENCH_NETWORK") ?? "branched"])),
            (_, "train") => PlainTraining(x),
            _ => PlainEvaluation(x),
        };
        Console.WriteLine("ready");
        while (Console.ReadLine() is { } line)
        {
            var steps = int.TryParse(line, CultureInfo.InvariantCulture, out var given) ? given : 1;
            var start = Stopwatch.GetTimestamp();
            Repeat(step, steps);
            if (Found.Value.type == TorchSharp.DeviceType.CUDA)
                cuda.synchronize();
            var milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds / steps;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{milliseconds:F3} {PeakMebibytes():F1}"));
        }
    }

    /// <summary>Prints the process's peak memory and that of its large tensors, in MiB, after a few steps on noise.</summary>
    public static void Measure(string network, string setting, string mode, int batch, int height, int width)
    {
        TorchRuntime.Start();
        var x = randn(batch, 3, height, width);
        var program = Example(network, setting);
        Repeat(mode == "train" ? Training(x, program) : Evaluation(x, program), 3);
        Console.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"{PeakMebibytes():F1} {TensorHeap.Bytes.Peak / (double)(1 << 20):F1}")
        );
    }

    static void Repeat(Action action, int times)
    {
        for (var i = 0; i < times; i++)
            action();
    }

    /// <summary>What bench/reference.py calls by the same names.</summary>
    static readonly Dictionary<string, string> Networks = new(StringComparer.Ordinal)
    {
        ["branched"] = "import \"branched.mtl\"",
        ["segformer-b0"] = "import \"published/segformer-b0.mtl\"",
        ["convnext-tiny"] = """
            import "published/recipe.mtl"
            model convnext {
              task semseg: segmentation { classes: 19 }
              encoder trunk: convnext_tiny
              decoder head: [trunk/4, trunk/8, trunk/16, trunk/32] -> semseg { using: segformer_head, kernel: 1 }
              loss: cross_entropy(semseg)
            }
            """,
    };

    /// <param name="training">Settings of `train { }`, as in "batch = 2,accumulate = 2".</param>
    public static CompiledProgram Example(string network, string? training = null)
    {
        var sets = training?.Split(',').Select(s => $"set train.{s.Replace("=", " = ")}\n") ?? [];
        return Compiled($"import \"{network}.mtl\"\n" + string.Concat(sets));
    }

    static CompiledProgram Compiled(string text) =>
        Compilation.Compile(new("bench.mtl", text), path => new(path, File.ReadAllText(Path.Combine("examples", path)))).Program
        ?? throw new InvalidOperationException($"errors in: {text}");

    public static TrainingSession Session(CompiledProgram program) =>
        new(
            program,
            new TrainingStatistics(
                [.. Enumerable.Range(0, 19).Select(i => $"{i}")],
                0,
                new Dictionary<DepthUnit, DepthStatistics> { [DepthUnit.Metres] = new(20, 10, 0.1, 100) }.ToImmutableDictionary(),
                20,
                [0, 0, 1]
            ),
            Found.Value
        );

    public static Action Training(Tensor x, CompiledProgram program) => Training(Session(program), x);

    public static Action Training(TrainingSession session, Tensor x)
    {
        var batch = new Batch([], x, Classes(x), rand(x.shape[0], 1, x.shape[2], x.shape[3], device: x.device) * 50 + 1);
        var step = 0;
        return () => session.Step([batch.Alias()], new SchedulePosition(step++, 100, 16));
    }

    static Action Evaluation(Tensor x, CompiledProgram program)
    {
        var module = new GraphModule(
            program.Model.Inference,
            new ParameterStore(program.Model.Inference.Parameters, device: x.device),
            ownsParameters: true,
            constant: true
        );
        module.eval();
        return () =>
        {
            using var scope = NewDisposeScope();
            using var inference = inference_mode();
            module.forward(x);
        };
    }

    static Action PlainTraining(Tensor x)
    {
        var network = new PlainNetwork();
        var optimizer = optim.Adam(network.parameters(), 1e-4, weight_decay: 1e-4);
        var (classes, depth) = (Classes(x), randn(x.shape[0], 1, x.shape[2], x.shape[3]));
        network.train();
        return () =>
        {
            using var scope = NewDisposeScope();
            optimizer.zero_grad();
            var (semseg, predicted) = network.forward(x);
            var loss = 0.5 * F.cross_entropy(semseg, classes, ignore_index: 255) + 0.5 * F.mse_loss(predicted, depth);
            loss.backward();
            optimizer.step();
            loss.item<float>();
        };
    }

    static Action PlainEvaluation(Tensor x)
    {
        var network = new PlainNetwork();
        network.eval();
        return () =>
        {
            using var scope = NewDisposeScope();
            using var inference = inference_mode();
            network.forward(x);
        };
    }

    static Tensor Classes(Tensor x) => randint(0, 19, [x.shape[0], x.shape[2], x.shape[3]], ScalarType.Int64, x.device);

    static double PeakMebibytes() => Status("VmHWM");

    /// <summary>A line such as "VmHWM:	  123456 kB" of the process's status, in MiB.</summary>
    public static double Status(string field)
    {
        var line = File.ReadLines("/proc/self/status").First(l => l.StartsWith(field, StringComparison.Ordinal));
        return double.Parse(line[(field.Length + 1)..^2], CultureInfo.InvariantCulture) / 1024;
    }
}
