using System.Collections.Immutable;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Recipes;
using Mtlc.Runtime.Metrics;

namespace Mtlc.Runtime.Export;

/// <summary>What a file computes, held against what mtlc computes.</summary>
/// <param name="Runtime">Who ran the file.</param>
/// <param name="Sizes">Of the pictures on which features were compared.</param>
/// <param name="Images">Validation pictures of which predictions were compared and scored.</param>
/// <param name="Scores">Empty where the validation split has no labels, or pictures that the file does not take.</param>
public sealed record Certificate(
    string Runtime,
    ImmutableArray<ImageSize> Sizes,
    int Images,
    ImmutableArray<FeatureError> Features,
    ImmutableArray<OutputError> Outputs,
    ImmutableArray<ScorePair> Scores
)
{
    /// <summary>The largest error of a number, of the largest number beside it: float32 rounds by 6e-8, and deep networks add
    /// that up.</summary>
    public const double MostError = 1e-3;

    /// <summary>The largest share of pixels whose class is another: where two classes are as likely, rounding decides.</summary>
    public const double MostLabels = 1e-3;

    /// <summary>The largest difference of a score: so many points where it is a percentage, else so much of the score.</summary>
    public const double MostPoints = 0.05,
        MostOfScore = 1e-3;

    public bool IsKept => Features.All(f => f.IsKept) && Outputs.All(o => o.IsKept) && Scores.All(s => s.IsKept);
}

/// <summary>The worst error of a statement's features.</summary>
/// <param name="Place">Where the statement stands: "branched.mtl:9:3".</param>
/// <param name="Worst">Largest absolute difference.</param>
/// <param name="Largest">Largest absolute value.</param>
public sealed record FeatureError(string Statement, string Place, double Worst, double Largest)
{
    public double Relative => Worst == 0 ? 0 : Worst / Largest;

    // NaN is not kept.
    public bool IsKept => Relative <= Certificate.MostError;
}

/// <summary>The worst error of an output.</summary>
/// <param name="Unit">"m", or "" for a pure number.</param>
/// <param name="Worst">Largest absolute difference; NaN where the output is classes alone.</param>
/// <param name="Largest">Largest absolute value; NaN where the output is classes alone.</param>
/// <param name="Pixels">Of classes; 0 where the output is none.</param>
/// <param name="Differing">Pixels whose class is another.</param>
public sealed record OutputError(
    string Task,
    string Place,
    string Unit,
    double Worst,
    double Largest,
    long Pixels,
    long Differing
)
{
    public bool HasNumbers => Largest > 0;

    public double Relative => Worst == 0 ? 0 : Worst / Largest;

    public bool IsKept =>
        (Pixels > 0 ? Differing <= Certificate.MostLabels * Pixels : Relative <= Certificate.MostError)
        && !(HasNumbers && !(Relative <= Certificate.MostError));
}

/// <summary>A score of mtlc's predictions and of the file's.</summary>
public sealed record ScorePair(Metric Metric, double Exported)
{
    public double Difference => Exported - Metric.Value;

    public bool IsKept =>
        Metric.Direction == MetricDirection.None
        || double.IsNaN(Metric.Value) && double.IsNaN(Exported)
        || Math.Abs(Difference)
            <= (
                Metric.Unit is "%" or "points"
                    ? Certificate.MostPoints
                    : Certificate.MostOfScore * Math.Max(1, Math.Abs(Metric.Value))
            );
}
