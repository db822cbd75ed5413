using Mtlc.Compiler;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Passes;
using Mtlc.Compiler.Recipes;
using Mtlc.Compiler.Targets.LibTorch;
using Mtlc.Compiler.Targets.PyTorch;
using Mtlc.Runtime.Data.Augmentation;
using Mtlc.Runtime.Data.Loading;
using Mtlc.Runtime.Data.Samples;
using Mtlc.Runtime.Torch;
using Mtlc.Runtime.Training;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Export;

/// <summary>
/// `numbers.safetensors`: what mtlc computes, for `check.py` to be held against. Some training pictures, the outputs for two of
/// them, and ten steps from the weights that are exported: losses, some numbers of every gradient of the first step, and of every
/// weight before the first step and after each. Without dropout, in float32. </summary>
static class PyTorchNumbers
{
    const int Steps = 10,
        Pictures = 8,
        LargestCrop = 128,
        MostInBatch = 2,
        OfEach = 16;

    // Two units of a float32's last place.
    const double Rounding = 2.4e-7;

    /// <param name="progress">Steps made, and of how many.</param>
    public static IReadOnlyList<(string Name, Tensor Value)> Of(
        ExportedNetwork network,
        IDataSource source,
        CancellationToken stop,
        Action<int, int>? progress
    )
    {
        var program = Program(network.Program);
        var count = Math.Min(Pictures, source.Count(Split.Train));
        var examples = new TrainingLoader(source, program.Data, count, program.Train.Seed).Read(0, 1).First();
        var batch = Math.Min(program.Train.Batch, count);
        using var all = Batch.Of(examples, CPU);
        var numbers = new List<(string Name, Tensor Value)>
        {
            ("image", all.Image.narrow(1, 0, Model.PictureChannels)),
            ("classes", all.Classes.to(ScalarType.Byte)),
            ("depth", all.Depth.alias()),
            ("batch", tensor((long)batch)),
        };
        numbers.AddRange(program.Model.Maps.Select(m => ($"map/{m.Name}", all.Image.narrow(1, m.Start, m.Channels))));
        using (var module = network.Module(program.Model.Training))
        using (no_grad())
        using (var two = all.Image.narrow(0, 0, Math.Min(2, count)))
            foreach (var (name, output) in module.forward(two))
                numbers.Add(($"output/{name}", output));
        var first = Train(network, program, examples, shift: 0, stop, step => progress?.Invoke(step, 2 * Steps));
        numbers.AddRange(first.Select(n => (n.Name, n.Value)));
        // The same once more from weights that are others in the last digits: so much of a difference is rounding.
        var again = Train(network, program, examples, Rounding, stop, step => progress?.Invoke(Steps + step, 2 * Steps));
        numbers.AddRange(again.Select(n => ($"rounded/{n.Name}", n.Value)));
        return numbers;
    }

    /// <param name="shift">How much each weight is changed before the first step, relative to itself, either way.</param>
    static List<(string Name, Tensor Value)> Train(
        ExportedNetwork network,
        CompiledProgram program,
        IReadOnlyList<Example> examples,
        double shift,
        CancellationToken stop,
        Action<int> progress
    )
    {
        var (count, batch) = (examples.Count, Math.Min(program.Train.Batch, examples.Count));
        using var session = new TrainingSession(program, network.Statistics, CPU);
        using (no_grad())
            foreach (var (name, value) in session.Weights)
                value.copy_(network.Tensors[name]);
        if (shift != 0)
            Shift(session, shift);
        var names = session.Trainable.Select(p => p.Name).ToList();
        var gradients = zeros(names.Count, OfEach);
        var weights = new List<Tensor> { Some(session) };
        var steps = new List<double>();
        for (var step = 0; step < Steps; step++)
        {
            stop.ThrowIfCancellationRequested();
            var (first, parts) = (step * batch * program.Train.Accumulate, program.Train.Accumulate);
            var made = session.Step(
                Enumerable
                    .Range(0, parts)
                    .Select(part =>
                        Batch.Of([.. Enumerable.Range(0, batch).Select(i => examples[(first + part * batch + i) % count])], CPU)
                    ),
                new(step, Steps, program.Train.Epochs),
                step == 0 ? (name, gradient) => gradients[names.IndexOf(name)].copy_(Some(gradient)) : null
            );
            weights.Add(Some(session));
            steps.AddRange([made.GradientNorm, made.LearningRate, made.Loss, .. made.Losses]);
            progress(step + 1);
        }
        return
        [
            ("gradients", gradients),
            ("weights", stack(weights)),
            ("steps", tensor(steps.ToArray(), ScalarType.Float32).view(Steps, -1)),
        ];
    }

    // By signs that are drawn from the names.
    static void Shift(TrainingSession session, double share)
    {
        using var gradients = no_grad();
        foreach (var (name, value) in session.Trainable)
        {
            using var scope = NewDisposeScope();
            using var generator = new RandomStream(0, 0).For(name, CPU);
            var signs = rand(value.shape, generator: generator).Plus(-0.5).sign();
            value.PlusInPlace(value * signs * Held(share));
        }
    }

    // Small, exact, and the same wherever it runs.
    static CompiledProgram Program(CompiledProgram program)
    {
        var stride = OutputStrides.Of(program.Model.Training);
        int Side(int crop) => (int)Math.Max(stride, Math.Min(crop, OutputStrides.Padded(LargestCrop, stride)) / stride * stride);
        var crop = program.Data.Augment.Crop;
        var still = PyTorchCheck.WithoutDropout(program.Model.Training);
        return program with
        {
            Data = program.Data with { Augment = program.Data.Augment with { Crop = new(Side(crop.Height), Side(crop.Width)) } },
            Train = program.Train with
            {
                Batch = Math.Min(program.Train.Batch, MostInBatch),
                Precision = Precision.Float32,
                MemoryFormat = MemoryFormat.ChannelsFirst,
            },
            Model = program.Model with { TrainingStep = Pipelines.TrainingIn(Precision.Float32).Apply(still) },
        };
    }

    static Tensor Some(TrainingSession session)
    {
        using var gradients = no_grad();
        return stack([.. session.Trainable.Select(p => Some(p.Value))]);
    }

    // Evenly spaced, as check.py takes them.
    static Tensor Some(Tensor values)
    {
        using var scope = NewDisposeScope();
        var flat = values.detach().reshape(-1);
        var places = Enumerable.Range(0, OfEach).Select(i => i * flat.numel() / OfEach).ToArray();
        return flat.index_select(0, tensor(places)).MoveToOuterDisposeScope();
    }
}
