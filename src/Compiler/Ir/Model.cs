using System.Collections.Immutable;
using Mtlc.Dsl.Text;

namespace Mtlc.Compiler.Ir;

/// <summary>An encoder and where its weights come from.</summary>
/// <param name="Name">The statement's name: its parameters are named below it.</param>
/// <param name="Component">"resnet34".</param>
/// <param name="Weights">"none", "imagenet", or a file's path as written.</param>
/// <param name="File">The file; empty where there is none.</param>
/// <param name="Partial">Whether missing parameters are allowed.</param>
public sealed record EncoderWeights(
    string Name,
    string Component,
    string Weights,
    FilePath File,
    bool Partial,
    SourceSpan Origin
);

/// <summary>An input beside the picture.</summary>
/// <param name="Name">Of the statement, and of the map in the data; its mean and deviation are kept below it.</param>
/// <param name="Start">The first of its channels behind those of the picture, which are 0 to 2.</param>
/// <param name="IsMeasured">Whether mean and deviation are those of the training split, and not given.</param>
public sealed record InputMap(string Name, int Channels, int Start, bool IsMeasured, SourceSpan Origin);

/// <summary>The training objective, as compiled from the `loss` statement.</summary>
public abstract record Objective
{
    /// <summary>The mean of one loss over predictions of one task.</summary>
    /// <param name="Outputs">Names of <see cref="GraphOutput"/>s.</param>
    public sealed record Term(Loss Loss, string Task, ImmutableArray<string> Outputs) : Objective;

    public sealed record Scaled(double Weight, Objective Inner) : Objective;

    public sealed record Sum(ImmutableArray<Objective> Parts) : Objective;

    /// <summary>A balancing scheme around parts.</summary>
    /// <param name="Settings">All that the scheme has.</param>
    public sealed record Balanced(
        BalancingScheme Scheme,
        ImmutableArray<Objective> Parts,
        ImmutableDictionary<string, double> Settings
    ) : Objective
    {
        public Balanced(BalancingScheme scheme, ImmutableArray<Objective> parts)
            : this(scheme, parts, scheme.Settings.ToImmutableDictionary(s => s.Name, s => s.Default)) { }
    }

    /// <summary>Every term, left to right.</summary>
    public IEnumerable<Term> Terms =>
        this switch
        {
            Term term => [term],
            Scaled scaled => scaled.Inner.Terms,
            Sum sum => sum.Parts.SelectMany(p => p.Terms),
            Balanced balanced => balanced.Parts.SelectMany(p => p.Terms),
            _ => throw new InvalidOperationException(),
        };
}

/// <summary>One statement of the model, for summaries and drawings.</summary>
/// <param name="Kind">"input", "encoder", "aspp", "attention", "decoder", "refine", "let".</param>
/// <param name="Inputs">Names of the declarations it reads, as written: "trunk", "trunk/4", "skip trunk/4".</param>
/// <param name="Result">The features it makes, where it makes features.</param>
public sealed record Declaration(
    string Name,
    string Kind,
    ImmutableArray<string> Inputs,
    ImmutableArray<string> Tasks,
    Node? Result,
    SourceSpan Span
);

/// <summary>A checked model: everything that training and evaluation need to know of it.</summary>
/// <param name="Training">All predictions that have a loss or a score, as the source says them.</param>
/// <param name="Inference">The scored tasks' final predictions alone, as libtorch computes them once weights are
/// constants.</param>
public sealed record Model(
    string Name,
    ImmutableArray<ModelTask> Tasks,
    Graph Training,
    Graph Inference,
    Objective Objective,
    ImmutableArray<EncoderWeights> Encoders,
    ImmutableArray<Declaration> Declarations
)
{
    /// <summary>The training graph as it is run: the same predictions and gradients from the same parameters, with less
    /// arithmetic.</summary>
    public Graph TrainingStep { get; init; } = Training;

    /// <summary>What <see cref="Inference"/> was made of: the scored tasks' predictions with constant weights, in the language's
    /// own operations alone.</summary>
    public Graph Neutral { get; init; } = Inference;

    /// <summary>The component of the language that was expanded at a path of names: "trunk.layer1.0" is a
    /// "basic_block".</summary>
    public ImmutableDictionary<string, string> Components { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>What is read beside the picture, in the order in which its channels stand behind the picture's.</summary>
    public ImmutableArray<InputMap> Maps { get; init; } = [];

    /// <summary>Channels of what the network is handed: the picture's and those of the maps.</summary>
    public int InputChannels => PictureChannels + Maps.Sum(m => m.Channels);

    public const int PictureChannels = 3;

    public ModelTask Task(string name) => Tasks.First(t => t.Name == name);
}
