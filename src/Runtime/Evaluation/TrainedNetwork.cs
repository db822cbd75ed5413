using System.Globalization;
using Mtlc.Compiler;
using Mtlc.Compiler.Ir;
using Mtlc.Runtime.Checkpoints;
using Mtlc.Runtime.Files;
using Mtlc.Runtime.SelfTest;
using Mtlc.Runtime.Torch;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Evaluation;

/// <summary>A program's inference graph with the weights of a checkpoint.</summary>
static class TrainedNetwork
{
    /// <exception cref="UnsoundLibraryException">The device computes wrong numbers.</exception>
    /// <param name="step">Steps that the checkpoint had been trained for.</param>
    /// <exception cref="RunException">The checkpoint is missing, damaged, or of another network.</exception>
    public static GraphModule Load(CompiledProgram program, RunDirectory run, InferenceOptions options, out long step)
    {
        var device = Devices.Find(options.Device);
        Soundness.Require(device, options.Warned);
        using var weights = Weights(program, run, options.Checkpoint, out step);
        var graph = program.Model.Inference;
        var module = new GraphModule(
            graph,
            ParameterStore.Of(graph.Parameters, weights.Tensors, device),
            ownsParameters: true,
            constant: graph.IsFrozen
        );
        module.eval();
        return module;
    }

    /// <summary>All weights of a checkpoint, those that only training needs too.</summary>
    /// <inheritdoc cref="Load(CompiledProgram, RunDirectory, InferenceOptions, out long)" path="/param[@name='step']"/>
    /// <exception cref="RunException">The checkpoint is missing, damaged, or of another network.</exception>
    public static SafeTensors Weights(CompiledProgram program, RunDirectory run, string checkpoint, out long step)
    {
        var path = run.Checkpoints.Find(checkpoint);
        var weights = Checkpoint.LoadWeights(path);
        step = long.Parse(Path.GetFileName(path).Split('-')[^1], CultureInfo.InvariantCulture);
        try
        {
            // The checkpoint has the training graph's parameters; inference reads some of them.
            StateDifferences.Require(
                $"the checkpoint {path}",
                program.Model.Training.Parameters.Select(p => (p.Name, Shape(p))),
                weights.Tensors
            );
            return weights;
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }

    /// <exception cref="RunException">The weights are not exactly those that the network has.</exception>
    public static void Load(ParameterStore parameters, IReadOnlyDictionary<string, Tensor> weights, string path)
    {
        StateDifferences.Require($"the checkpoint {path}", parameters.All, weights);
        foreach (var (name, value) in weights)
            parameters.Set(name, value);
    }

    // A tensor without contents.
    static Tensor Shape(Parameter parameter) =>
        empty(
            [.. parameter.Dimensions.Select(d => (long)d)],
            parameter.Spec.IsInteger ? ScalarType.Int64 : ScalarType.Float32,
            META
        );
}
