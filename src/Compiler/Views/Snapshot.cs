using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Lowering;
using Mtlc.Compiler.Planning;

namespace Mtlc.Compiler.Views;

/// <summary>What of a program is kept beside it, to be compared after every change.</summary>
public enum SnapshotPart
{
    Train,
    Infer,
    Shapes,
    Parameters,
    Plan,
    Loss,
    Drawing,
}

/// <summary>Texts about a compiled program that are the same on every machine, and what their files are called.</summary>
public static class Snapshot
{
    /// <summary>Threads that a plan counts with: those of this machine would make another text on the next.</summary>
    const int PlannedThreads = 2;

    /// <summary>The two that every program has.</summary>
    public static ImmutableArray<SnapshotPart> Always { get; } = [SnapshotPart.Train, SnapshotPart.Infer];

    public static ImmutableArray<SnapshotPart> All { get; } = [.. Enum.GetValues<SnapshotPart>()];

    /// <summary>"train", "infer", "shapes", ...</summary>
    public static string Word(SnapshotPart part) => part.ToString().ToLowerInvariant();

    /// <summary>`branched.mtl` -> `branched.train.verified.txt`, beside the program.</summary>
    /// <param name="state">"verified" or "received", as Verify has it.</param>
    public static string PathOf(string program, SnapshotPart part, string state = "verified") =>
        $"{(program.EndsWith(".mtl", StringComparison.OrdinalIgnoreCase) ? program[..^4] : program)}"
        + $".{Word(part)}.{state}.{(part == SnapshotPart.Drawing ? "svg" : "txt")}";

    /// <returns>Lines that end with a line feed.</returns>
    public static string Write(CompiledProgram program, SnapshotPart part) =>
        part switch
        {
            SnapshotPart.Train => TextDump.Write(program.Model.Training),
            SnapshotPart.Infer => TextDump.Write(program.Model.Inference),
            SnapshotPart.Shapes => Shapes(program),
            SnapshotPart.Parameters => Parameters(program),
            SnapshotPart.Plan => Plan(program),
            SnapshotPart.Loss => ObjectiveText.Write(program.Model.Objective) + "\n",
            SnapshotPart.Drawing => Svg.Write(program.Model, program.Model.Training),
            _ => throw new ArgumentOutOfRangeException(nameof(part)),
        };

    static string Shapes(CompiledProgram program)
    {
        var text = new StringBuilder();
        foreach (var statement in Summary.Of(program.Model, program.Data.Augment.Crop).Declarations)
            text.Append(
                CultureInfo.InvariantCulture,
                $"{statement.Kind} {statement.Name}: {statement.Shape?.ToString() ?? "no features"}\n"
            );
        foreach (var output in program.Model.Training.Outputs)
            text.Append(CultureInfo.InvariantCulture, $"prediction {output.Name} of {output.Task}: {output.Value.Shape}\n");
        return text.ToString();
    }

    /// <summary>The state dict: parameters and buffers.</summary>
    static string Parameters(CompiledProgram program)
    {
        var graph = program.Model.Training;
        var text = new StringBuilder();
        foreach (var parameter in graph.Parameters)
            text.Append(CultureInfo.InvariantCulture, $"{parameter}{(parameter.IsTrainable ? "" : " buffer")}\n");
        return text.Append(CultureInfo.InvariantCulture, $"{graph.TrainableCount:N0} trained\n").ToString();
    }

    static string Plan(CompiledProgram program)
    {
        var (crop, batch) = (program.Data.Augment.Crop, program.Train.Batch);
        var plan = MemoryPlan.Of(program, batch, crop, threads: PlannedThreads);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"batch {batch}, crop {crop}\n");
        Bytes("parameters", plan.Training.Parameters);
        Bytes("gradients", plan.Training.Gradients);
        Bytes("optimizer", plan.Training.OptimizerState);
        Bytes("kept for backward", plan.Training.Saved);
        Bytes("training peak", plan.TrainingPeak);
        Bytes("evaluation peak", plan.EvaluationPeak);
        text.Append(CultureInfo.InvariantCulture, $"multiply-adds of a forward pass: {plan.MultiplyAdds:N0}\n");
        foreach (var (name, bytes) in plan.Training.ByDeclaration.Where(d => d.Key.Length > 0))
            Bytes($"{name} keeps", bytes);
        return text.ToString();

        void Bytes(string what, long bytes) => text.Append($"{what}: {Amount.Mebibytes(bytes, hasTenths: true)}\n");
    }
}
