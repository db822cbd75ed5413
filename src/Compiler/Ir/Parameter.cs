using System.Collections.Immutable;

namespace Mtlc.Compiler.Ir;

/// <summary>How a parameter starts. Random ones are a function of the run's seed and the parameter's name.</summary>
public enum Initializer
{
    Zeros,
    Ones,

    /// <summary>Uniform in +-1/sqrt(fan in): what PyTorch gives convolutions and their biases.</summary>
    Uniform,

    /// <summary>Normal with variance 2/fan out: what torchvision gives the convolutions of a ResNet (He et al. 2015).</summary>
    Kaiming,

    /// <summary>Standard normal times 0.02.</summary>
    Normal,

    /// <summary>The specification's <see cref="ParameterSpec.Value"/>.</summary>
    Constant,

    /// <summary>The specification's <see cref="ParameterSpec.Values"/>.</summary>
    Listed,
}

/// <summary>A parameter (trained) or buffer (kept, not trained) that an operation wants.</summary>
/// <param name="Name">Below the operation's own path: "weight", "running_mean"; empty where the path itself names it.</param>
/// <param name="Dimensions">Its shape; empty for a scalar.</param>
/// <param name="FanIn">For random starts.</param>
/// <param name="FanOut">For random starts.</param>
/// <param name="IsInteger">int64 instead of float32 (`num_batches_tracked`).</param>
public sealed record ParameterSpec(
    string Name,
    ImmutableArray<int> Dimensions,
    Initializer Initializer,
    bool IsTrainable = true,
    int FanIn = 1,
    int FanOut = 1,
    bool IsInteger = false
)
{
    /// <summary>Where <see cref="Initializer.Constant"/> starts.</summary>
    public double Value { get; init; }

    /// <summary>Where <see cref="Initializer.Listed"/> starts, in row-major order.</summary>
    public ImmutableArray<float> Values { get; init; } = [];
}

/// <summary>How an optimizer treats parameters of one statement.</summary>
/// <param name="Rate">Times the recipe's learning rate.</param>
/// <param name="WeightDecay">null: the recipe's.</param>
public sealed record ParameterGroup(double Rate = 1, double? WeightDecay = null)
{
    public static ParameterGroup Usual { get; } = new();
}

/// <summary>What weight decay is told by.</summary>
public enum ParameterRole
{
    /// <summary>What a convolution or a linear map multiplies with.</summary>
    Weight,

    /// <summary>What is added, and whatever else is no weight: tokens, positions, tables of biases.</summary>
    Bias,

    /// <summary>Scales and shifts of normalisations, and layer scale.</summary>
    Norm,

    /// <summary>A weight that was put beside a network that is trained already: files of that network lack it.</summary>
    Adapter,
}

/// <summary>A parameter or buffer of the graph under its state-dict name, e.g. "trunk.layer4.0.conv1.weight".</summary>
/// <param name="derivation">How it is computed from others; null for one that is stored.</param>
public sealed class Parameter(string name, ParameterSpec spec, Derivation? derivation = null)
{
    public string Name { get; } = name;
    public ParameterSpec Spec { get; } = spec;
    public Derivation? Derivation { get; } = derivation;
    public ImmutableArray<int> Dimensions => Spec.Dimensions;

    /// <summary>Whether its statement is `frozen`: it stays as it starts, without gradient and without optimizer state.</summary>
    public bool IsFrozen { get; internal set; }

    /// <summary>How its statement says that it is trained.</summary>
    public ParameterGroup Group { get; internal set; } = ParameterGroup.Usual;

    /// <summary>What it does, as rules of weight decay tell parameters apart.</summary>
    public ParameterRole Role { get; init; }

    public bool IsTrainable => Spec.IsTrainable && !IsFrozen;

    /// <summary>Number of elements.</summary>
    public long Count => Spec.Dimensions.Aggregate(1L, (product, size) => product * size);

    /// <summary>The stored parameters that it is, or is computed from.</summary>
    public IEnumerable<Parameter> Stored => Derivation is null ? [this] : Derivation.Sources.SelectMany(s => s.Stored);

    /// <summary>Its value, in whichever tensors a target computes with.</summary>
    public T Compute<T>(IParameterArithmetic<T> with) => Derivation is null ? with.Stored(this) : Derivation.Compute(with);

    public override string ToString() => $"{Name} [{string.Join(", ", Dimensions)}]";
}
