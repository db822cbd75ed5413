using System.Globalization;
using Mtlc.Runtime.Export;
using Mtlc.Runtime.Torch;
using static TorchSharp.torch;

namespace Mtlc.Bench;

/// <summary>One picture through files that `mtlc export` wrote, run by ONNX Runtime, and through mtlc itself.</summary>
static class Exported
{
    const int Rounds = 21;

    /// <param name="example">The network that the files have, of the folder of examples.</param>
    /// <param name="size">"256x512".</param>
    public static void Run(string example, string size, string[] files)
    {
        TorchRuntime.Start();
        using var inference = inference_mode();
        var sides = size.Split('x');
        var (height, width) = (
            int.Parse(sides[0], CultureInfo.InvariantCulture),
            int.Parse(sides[1], CultureInfo.InvariantCulture)
        );
        var graph = Workers.Example(example).Model.Inference;
        using var store = new ParameterStore(graph.Parameters);
        using var module = new GraphModule(graph, store);
        module.eval();
        using var normalised = randn(1, 3, height, width);
        using var bytes = randint(0, 256, [1, height, width, 3], ScalarType.Byte);
        using var nothing = zeros(1, 0, height, width); // that is read beside the picture
        var sessions = files.Select(f => new OnnxSession(f)).ToList();
        List<(string Name, Action Run)> contestants =
        [
            ("mtlc", () => module.forward(normalised)),
            .. files.Zip(sessions, (f, s) => ($"ONNX Runtime, {Path.GetFileName(f)}", (Action)(() => s.RunWith(bytes, nothing)))),
        ];
        var times = contestants.Select(_ => new List<double>()).ToList();
        // In turn, so that what else the machine does meets all alike.
        for (var round = -2; round < Rounds; round++)
        {
            foreach (var (contestant, time) in contestants.Zip(times))
            {
                using var scope = NewDisposeScope();
                var taken = Clock.Milliseconds(contestant.Run);
                if (round >= 0)
                    time.Add(taken);
            }
        }
        Console.WriteLine($"\n## One picture of {height}x{width} through {example}, {OnnxSession.Version}\n");
        Console.WriteLine("| | ms | of mtlc |\n| --- | --- | --- |");
        var own = Clock.Median(times[0]);
        foreach (var ((name, _), time) in contestants.Zip(times))
            Console.WriteLine($"| {name} | {Clock.Median(time):F1} | {Clock.Median(time) / own:F2} |");
        sessions.ForEach(s => s.Dispose());
    }
}
