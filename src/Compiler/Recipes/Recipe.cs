namespace Mtlc.Compiler.Recipes;

/// <summary>Bounds of a numeric setting, both included.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class BoundsAttribute(double minimum, double maximum) : Attribute
{
    public double Minimum { get; } = minimum;
    public double Maximum { get; } = maximum;

    /// <summary>Whether the minimum itself is excluded.</summary>
    public bool Above { get; init; }
}

/// <summary>
/// A setting that came after recipes had been given digests: at its default it is left out of a program's identity, so that runs
/// made before it stay what they were. </summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class LaterAttribute : Attribute;

/// <summary>The name of a choice in the language, where it is not the record's own name: `adam` for `AdamRecipe`.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class WordAttribute(string word) : Attribute
{
    public string Word { get; } = word;
}

/// <summary>A closed interval of numbers, written `low..high`.</summary>
public sealed record Interval(double Low, double High);
