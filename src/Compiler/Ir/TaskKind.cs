using System.Collections.Frozen;
using System.Collections.Immutable;
using Mtlc.Dsl.Parsing;

namespace Mtlc.Compiler.Ir;

/// <summary>What samples of a data set carry.</summary>
public enum Modality
{
    /// <summary>A class a pixel.</summary>
    Classes,

    /// <summary>Metres along the optical axis.</summary>
    Depth,

    /// <summary>The picture, which every sample has.</summary>
    Picture,
}

/// <summary>What a prediction is compared with while training: this decides which losses fit.</summary>
public enum TargetForm
{
    /// <summary>A class index a pixel, compared with a logit a class. The task is a <see cref="ClassTask"/>.</summary>
    Classes,

    /// <summary>A number a channel and pixel, NaN where there is none.</summary>
    Values,

    /// <summary>1, 0 or NaN a pixel, compared with a probability.</summary>
    Chances,
}

/// <summary>
/// A kind of task: whatever is true of each of its tasks. One class a kind, in one file with its <see cref="ModelTask"/>
/// (Compiler/Tasks); what a run does with it is its partner in Runtime/Tasks. Both are found by reflection: no list, and no other
/// file, names a kind. </summary>
public abstract class TaskKind
{
    /// <summary>Every kind: those with labels of their own first, in the order of what samples carry.</summary>
    public static ImmutableArray<TaskKind> All { get; } =
    [
        .. DeclaredTypes
            .In(typeof(TaskKind).Assembly, "Mtlc.Compiler.Tasks")
            .Where(t => t.IsSubclassOf(typeof(TaskKind)) && !t.IsAbstract)
            .Select(t => (TaskKind)Activator.CreateInstance(t)!)
            .OrderBy(k => k.Origin is not null)
            .ThenBy(k => k.Labels)
            .ThenBy(k => k.Word, StringComparer.Ordinal),
    ];

    static readonly FrozenDictionary<Type, TaskKind> ByTask = All.ToFrozenDictionary(k => k.Task);

    /// <summary>What the parser says could stand behind `task NAME:`.</summary>
    public static Vocabulary Vocabulary { get; } = new([.. All.Select(k => k.Word)]);

    /// <summary>The kind of a record of settings.</summary>
    /// <exception cref="KeyNotFoundException">No kind has it.</exception>
    public static TaskKind Of(Type task) => ByTask[task];

    /// <summary>The kind of a word, or null.</summary>
    public static TaskKind? Find(string word) => All.FirstOrDefault(k => k.Word == word);

    /// <summary>"segmentation", as the language says it.</summary>
    public abstract string Word { get; }

    /// <summary>The <see cref="ModelTask"/> of this kind.</summary>
    public abstract Type Task { get; }

    /// <summary>The <see cref="ModelTask"/> from whose labels the target is computed (`of TASK`); null where it has labels of its
    /// own.</summary>
    public abstract Type? Origin { get; }

    /// <summary>What of a sample the target is made from.</summary>
    public abstract Modality Labels { get; }

    /// <summary>What of a sample a prediction is a guess of, so that data sets can hold it; null where they hold nothing of the
    /// kind.</summary>
    public abstract Modality? Predicts { get; }

    public abstract TargetForm Target { get; }

    /// <summary>What follows the prediction at full size; null for nothing.</summary>
    public abstract Op? Activation { get; }

    /// <summary>What its tasks are scored by, in the order of tables, the headline first. The runtime computes each (see its
    /// `Metrics`).</summary>
    public abstract ImmutableArray<Measure> Measures { get; }

    /// <summary>The losses that fit it, the first of them to be recommended.</summary>
    public IEnumerable<Loss> Losses =>
        Loss.All.Where(l => l.Fits == Target).OrderByDescending(l => l.Word, StringComparer.Ordinal);
}

/// <inheritdoc/>
public abstract class TaskKind<TTask> : TaskKind
    where TTask : ModelTask
{
    public sealed override Type Task => typeof(TTask);
}
