namespace Mtlc.Compiler.Ir;

/// <summary>
/// What the model predicts. Each kind of task has a record of its own (Compiler/Tasks), whose constructor is the kind's settings
/// in the language, as those of recipes are. </summary>
/// <param name="Auxiliary">Trained, not scored.</param>
public abstract record ModelTask(bool Auxiliary)
{
    public string Name { get; init; } = "";

    /// <summary>The task from whose labels the target is computed; null where the data have labels of the task itself.</summary>
    public string? Of { get; init; }

    public TaskKind Kind => TaskKind.Of(GetType());

    /// <summary>Of a prediction.</summary>
    public abstract int Channels { get; }

    /// <summary>In a few words: "segmentation, 19 classes".</summary>
    public abstract string Description { get; }

    /// <summary>The same, and whether it is auxiliary.</summary>
    public string FullDescription => Auxiliary ? $"{Description}, auxiliary" : Description;

    /// <summary>What an exported network gives of it.</summary>
    /// <param name="isRaw">As the network computes it; else as classes, in metres, or without needless dimensions.</param>
    public abstract OutputDescription Exported(bool isRaw);
}

/// <summary>What an exported file says of an output.</summary>
/// <param name="Gives">In words, with the shape: "metres [N, H, W]".</param>
public sealed record OutputDescription(string Gives, string? Unit);

/// <summary>A task whose target is a class a pixel; its prediction has a logit for each class.</summary>
/// <param name="Ignore">The class index that means "no label".</param>
public abstract record ClassTask(int Classes, int Ignore, bool Auxiliary) : ModelTask(Auxiliary)
{
    public sealed override int Channels => Classes;
}

/// <summary>A task that regresses depth in a unit, standardised over the training split; its predictions are turned back to
/// metres.</summary>
public abstract record UnitTask(DepthUnit Unit, bool Auxiliary) : ModelTask(Auxiliary);
