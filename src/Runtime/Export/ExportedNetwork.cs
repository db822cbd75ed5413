using Mtlc.Compiler;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Lowering;
using Mtlc.Runtime.Checkpoints;
using Mtlc.Runtime.Data;
using Mtlc.Runtime.Evaluation;
using Mtlc.Runtime.Files;
using Mtlc.Runtime.Tasks;
using Mtlc.Runtime.Torch;
using Mtlc.Runtime.Weights;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Export;

/// <summary>The numbers of a network that is exported: those of a checkpoint, or those that training starts from.</summary>
/// <param name="owner">Has the tensors.</param>
sealed class ExportedNetwork(
    CompiledProgram program,
    IReadOnlyDictionary<string, Tensor> tensors,
    IDisposable owner,
    TrainingStatistics statistics,
    long step
) : IDisposable
{
    public CompiledProgram Program => program;

    public Model Model => program.Model;

    public TrainingStatistics Statistics => statistics;

    public long Step => step;

    public IReadOnlyDictionary<string, Tensor> Tensors => tensors;

    /// <exception cref="RunException">The run has no good checkpoint, or its weights do not fit the program.</exception>
    public static ExportedNetwork OfRun(CompiledProgram program, RunDirectory run, string checkpoint)
    {
        var statistics = StatisticsFile.Read(run);
        var weights = TrainedNetwork.Weights(program, run, checkpoint, out var step);
        return new(program, weights.Tensors, weights, statistics, step);
    }

    /// <exception cref="DataException">The data, of which depth's unit and the classes' names are read, cannot be read; or an
    /// encoder's weights.</exception>
    public static ExportedNetwork OfProgram(CompiledProgram program)
    {
        var source = DataSources.Open(program);
        program.RequireContract(source.Contract);
        var store = new ParameterStore(program.Model.Training.Parameters, program.Train.Seed);
        try
        {
            EncoderWeightsLoader.Load(program.Model, store);
            var statistics = TrainingStatistics.Measure(program.Model, source, program.Data);
            MapStatistics.Set(store, program.Model, statistics);
            return new(program, store.All.ToDictionary(p => p.Name, p => p.Value), store, statistics, 0);
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <summary>A graph of the model on these weights, evaluating on the CPU.</summary>
    public GraphModule Module(Graph graph)
    {
        var module = new GraphModule(graph, ParameterStore.Of(graph.Parameters, tensors, CPU), ownsParameters: true);
        module.eval();
        return module;
    }

    /// <summary>A stored parameter, row by row.</summary>
    public float[] Numbers(Parameter parameter)
    {
        using var scope = NewDisposeScope();
        return tensors[parameter.Name].detach().to(ScalarType.Float32).contiguous().data<float>().ToArray();
    }

    public void Dispose() => owner.Dispose();
}
