using System.Globalization;
using Mtlc.Compiler;
using Mtlc.Runtime.Checkpoints;
using Mtlc.Runtime.Torch;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Evaluation;

/// <summary>A program's inference graph with the weights of a checkpoint.</summary>
static class TrainedNetwork
{
    /// <param name="step">Steps that the checkpoint had been trained for.</param>
    /// <exception cref="RunException">The checkpoint is missing, damaged, or of another network.</exception>
    public static GraphModule Load(CompiledProgram program, RunDirectory run, string checkpoint, Device device, out long step)
    {
        var path = run.Checkpoints.Find(checkpoint);
        using var weights = Checkpoint.LoadWeights(path);
        step = long.Parse(Path.GetFileName(path).Split('-')[^1], CultureInfo.InvariantCulture);
        // The checkpoint has the training graph's parameters; inference reads some of them.
        var parameters = new ParameterStore(program.Model.Training.Parameters);
        Load(parameters, weights.Tensors, path);
        parameters.To(device);
        var module = new GraphModule(program.Model.Inference, parameters, ownsParameters: true);
        module.eval();
        return module;
    }

    /// <exception cref="RunException">The weights are not exactly those that the network has.</exception>
    public static void Load(ParameterStore parameters, IReadOnlyDictionary<string, Tensor> weights, string path)
    {
        StateDifferences.Require($"the checkpoint {path}", parameters.All, weights);
        foreach (var (name, value) in weights)
            parameters.Set(name, value);
    }
}
