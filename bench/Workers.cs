using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Planning;
using Mtlc.Compiler.Recipes;
using Mtlc.Compiler;
using Mtlc.Dsl.Text;
using Mtlc.Runtime.Torch;
using Mtlc.Runtime.Training.Schedules;
using Mtlc.Runtime.Training;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Mtlc.Bench;

/// <summary>A process of its own that makes one step for each line it reads, and answers milliseconds and peak memory in MiB.</summary>
static class Workers
{
    public static void Run(string kind, string mode, int batch, int height, int width)
    {
        // The hand-written module takes the process as it finds it.
        if (kind == "mtlc")
            TorchRuntime.Start();
        var x = randn(batch, 3, height, width);
        var step = (kind, mode) switch
        {
            ("mtlc", "train") => Training(x),
            ("mtlc", _) => Evaluation(x, Example("branched.mtl")),
            (_, "train") => PlainTraining(x),
            _ => PlainEvaluation(x),
        };
        Console.WriteLine("ready");
        while (Console.ReadLine() is not null)
        {
            var start = Stopwatch.GetTimestamp();
            step();
            var milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{milliseconds:F3} {PeakMebibytes():F1}"));
        }
    }

    /// <summary>Peak memory over that of a started libtorch, measured and planned, in a process of its own.</summary>
    public static void Memory(string example, string mode, int batch, int height, int width)
    {
        TorchRuntime.Start();
        using (var warm = randn(64, 64))
            warm.mm(warm).Dispose();
        var program = Example(example);
        var before = Status("VmRSS");
        var plan = MemoryPlan.Of(program, batch, new(height, width));
        if (mode == "train")
            Calibration.SecondsPerStep(program, batch, new(height, width), CPU);
        else
            Repeat(Evaluation(randn(batch, 3, height, width), program), 3);
        var planned = (mode == "train" ? plan.Training.Peak : plan.Evaluation.Peak) / (double)(1 << 20);
        var measured = Status("VmHWM") - before;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"| {example} | {mode} | {batch} | {height}x{width} | {measured:F0} | {planned:F0} | {planned / measured:F2} |"));
    }

    static void Repeat(Action action, int times)
    {
        for (var i = 0; i < times; i++)
            action();
    }

    public static CompiledProgram Example(string name)
    {
        SourceText? Open(string path) => new(path, File.ReadAllText(Path.Combine("examples", path)));
        return Compilation.Compile(Open(name)!, Open).Program ?? throw new InvalidOperationException($"{name} has errors");
    }

    static Action Training(Tensor x) => Session(x).Step;

    public static (TrainingSession Session, Action Step) Session(int batch, int height, int width)
    {
        TorchRuntime.Start();
        return Session(randn(batch, 3, height, width));
    }

    static (TrainingSession Session, Action Step) Session(Tensor x)
    {
        var statistics = new TrainingStatistics(
            [.. Enumerable.Range(0, 19).Select(i => $"{i}")], 0,
            new Dictionary<DepthUnit, DepthStatistics> { [DepthUnit.Metres] = new(20, 10, 0.1, 100) }.ToImmutableDictionary(), 20, [0, 0, 1]);
        var session = new TrainingSession(Example("branched.mtl"), statistics, CPU);
        var batch = new Batch([], x, Classes(x), rand(x.shape[0], 1, x.shape[2], x.shape[3]) * 50 + 1);
        var step = 0;
        return (session, () => session.Step(batch, new SchedulePosition(step++, 100, 16)));
    }

    static Action Evaluation(Tensor x, CompiledProgram program)
    {
        var module = new GraphModule(program.Model.Inference, new ParameterStore(program.Model.Training.Parameters));
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

    static Tensor Classes(Tensor x) => randint(0, 19, [x.shape[0], x.shape[2], x.shape[3]], ScalarType.Int64);

    static double PeakMebibytes() => Status("VmHWM");

    // "VmHWM:	  123456 kB", in MiB.
    static double Status(string field)
    {
        var line = File.ReadLines("/proc/self/status").First(l => l.StartsWith(field, StringComparison.Ordinal));
        return double.Parse(line[(field.Length + 1)..^2], CultureInfo.InvariantCulture) / 1024;
    }
}
