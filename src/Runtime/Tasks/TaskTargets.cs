using Mtlc.Compiler.Ir;
using Mtlc.Runtime.Data.Loading;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Tasks;

/// <summary>From the labels of a batch to what each task is trained on and scored on.</summary>
public sealed class TaskTargets(Model model, TrainingStatistics statistics)
{
    readonly Dictionary<string, RuntimeTask> tasks = model.Tasks.ToDictionary(
        t => t.Name,
        t => RuntimeTask.Of(t, model, statistics),
        StringComparer.Ordinal
    );

    public RuntimeTask this[ModelTask task] => tasks[task.Name];

    /// <inheritdoc cref="RuntimeTask.Label"/>
    public Tensor Label(ModelTask task, Batch batch) => this[task].Label(batch);

    /// <inheritdoc cref="RuntimeTask.Target"/>
    public Tensor Target(ModelTask task, Batch batch) => this[task].Target(batch);

    /// <inheritdoc cref="RuntimeTask.Prediction"/>
    public Tensor Prediction(ModelTask task, Tensor output) => this[task].Prediction(output);
}
