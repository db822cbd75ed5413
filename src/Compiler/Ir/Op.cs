using System.Collections.Immutable;

namespace Mtlc.Compiler.Ir;

/// <summary>
/// A primitive operation: an immutable record whose constructor is its signature in the language and which infers its type.
/// Every operand and result is a map N x C x H x W, of float32 unless it was cast.
/// </summary>
public abstract record Op
{
    /// <summary>As written in the language and in graph dumps.</summary>
    public abstract string Name { get; }

    /// <summary>The result's shape, or null after having told <paramref name="errors"/> why there is none.</summary>
    public abstract TensorShape? Infer(ImmutableArray<TensorShape> inputs, IShapeErrors errors);

    /// <summary>The parameters and buffers it wants, in the order in which the runtime reads them.</summary>
    public virtual ImmutableArray<ParameterSpec> Parameters(ImmutableArray<TensorShape> inputs) => [];

    /// <summary>What planning and passes must know of it.</summary>
    public abstract Traits Traits { get; }

    /// <summary>Multiplications with an addition, for one sample of the given input size.</summary>
    public abstract long MultiplyAdds(ImmutableArray<TensorShape> inputs, TensorShape output, int height, int width);

    /// <summary>Bytes that it needs besides operands, result and <see cref="Traits.Saves"/>, and gives back.</summary>
    /// <param name="node">Its use.</param>
    /// <param name="frozen">Whether the graph only evaluates.</param>
    public abstract long Scratch(Node node, Workload work, bool frozen);

    /// <summary>The number format that it turns its operand into; null for what computes in its operands' own.</summary>
    public virtual Precision? Casts => null;

    /// <summary>Whether it reads an operand's values, and not its size alone.</summary>
    public virtual bool ReadsValues(int operand) => true;

    /// <summary>Whether it does the same at every position, wherever that lies: tokens are then positions like others.</summary>
    public virtual bool IsByPosition => false;

    /// <summary>Whether its operand must be the picture itself, whatever else has three channels.</summary>
    public virtual bool NeedsPicture => false;

    /// <summary>Whether an operand may have this shape, before its numbers are compared with others: most need a plain
    /// map.</summary>
    public virtual bool Takes(int operand, TensorShape shape) => IsByPosition || shape.IsPlain;

    /// <summary>Whether its value is the same for every picture, though it has no operand: it then has a batch of 1.</summary>
    public virtual bool IsConstant => false;

    /// <summary>Bytes that it keeps for the backward pass besides what <see cref="Traits.Saves"/> says.</summary>
    public virtual long Kept(Node node, Workload work) => 0;
}

/// <summary>Where an operation says that its operands do not fit. The caller knows the places in the source.</summary>
public interface IShapeErrors
{
    /// <summary>Two operands (by position) differ in channels.</summary>
    TensorShape? ChannelsDiffer(int first, int second);

    /// <summary>Two operands (by position) differ in resolution.</summary>
    TensorShape? ResolutionsDiffer(int first, int second);

    /// <summary>An operand carries tokens or is padded, where a plain map is needed.</summary>
    TensorShape? NotPlain(int operand);

    /// <summary>Anything else, in words that name the numbers.</summary>
    TensorShape? Invalid(string message, string? help = null);
}
