using System.Collections.Immutable;
using System.Globalization;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Recipes;
using Mtlc.Dsl.Syntax;

namespace Mtlc.Compiler.Binding;

/// <summary>What an expression of the language stands for while compiling.</summary>
public abstract record Value
{
    /// <summary>In messages: "the number 3", "features (256 x H/4 x W/4)".</summary>
    public abstract string Describe();

    /// <summary>The features it can be used as, or null.</summary>
    public virtual Node? Features => null;
}

public sealed record NumberValue(double Number) : Value
{
    public bool IsInteger => Math.Floor(Number) == Number && Math.Abs(Number) < 1L << 53;

    public override string Describe() => $"the number {Number.ToString(CultureInfo.InvariantCulture)}";
}

public sealed record BooleanValue(bool Value) : Value
{
    public override string Describe() => Value ? "true" : "false";
}

/// <param name="Folder">Of the text that it stands in, should it name a file.</param>
public sealed record StringValue(string Text, string Folder) : Value
{
    public override string Describe() => $"the string \"{Text}\"";
}

/// <summary>An unbound word: legal only where a setting lists it.</summary>
public sealed record WordValue(NameSyntax Name) : Value
{
    public override string Describe() => $"the word '{Name.Text}'";
}

public sealed record SizeValue(ImageSize Size) : Value
{
    public override string Describe() => $"the size {Size}";
}

/// <summary>`0.1x`: times what is said elsewhere.</summary>
public sealed record FactorValue(double Number) : Value
{
    public override string Describe() => FormattableString.Invariant($"the factor {Number}x");
}

/// <summary>`until layer3`: a part of an encoder.</summary>
public sealed record UntilValue(UntilSyntax Syntax) : Value
{
    public override string Describe() => $"'{Syntax.Span.Text}'";
}

/// <summary>`except norms and biases`: all but what the words say.</summary>
public sealed record ExceptValue(ExceptSyntax Syntax) : Value
{
    public override string Describe() => $"'{Syntax.Span.Text}'";
}

/// <summary>`low..high`</summary>
public sealed record IntervalValue(double Low, double High) : Value
{
    public override string Describe() => FormattableString.Invariant($"the interval {Low}..{High}");
}

/// <summary>`none`: an absent argument; can only be compared.</summary>
public sealed record NoneValue : Value
{
    public static readonly NoneValue Instance = new();

    public override string Describe() => "none";
}

public sealed record ListValue(ImmutableArray<Value> Items) : Value
{
    public override string Describe() => $"a list of {Items.Length}";
}

public sealed record FeatureValue(Node Node) : Value
{
    public override Node Features => Node;

    public override string Describe() => $"features ({Node.Shape})";
}

/// <summary>What a `|> for`, or a pipe of several calls, made: the last step's result, and each step's by its index.</summary>
public sealed record ChainValue(Value Last, ImmutableArray<Value> Steps) : Value
{
    public override Node? Features => Last.Features;

    public override string Describe() => Last.Describe();
}

/// <summary>An encoder: its result, and the features that its component's `let`s name; of a loop or pipe, each step's
/// too.</summary>
/// <param name="Node">The result; of a list, the last.</param>
public sealed record EncoderValue(string Name, Node Node, ImmutableArray<(string Name, Value Value)> Lets) : Value
{
    /// <summary>Where its component returns a list of features, these.</summary>
    public ImmutableArray<Node> Items { get; init; } = [];

    public override Node Features => Node;

    public override string Describe() => $"the encoder '{Name}' ({Node.Shape})";
}

/// <summary>A component, or a primitive, passed as an argument.</summary>
/// <param name="Share">The share that it is applied as: with the weights of the share's other uses.</param>
public sealed record ComponentValue(ComponentSymbol? Component, Primitive? Primitive, Share? Share = null) : Value
{
    public string Name => Share?.Name ?? Component?.Syntax.Name.Text ?? Primitive!.Name;

    public override string Describe() => $"the {(Share is null ? "component" : "share")} '{Name}'";
}

/// <summary>One set of weights (`share NAME: COMPONENT { ... }`).</summary>
/// <param name="Name">Parameters are named below it.</param>
/// <param name="Settings">Its named arguments, the same at each use.</param>
/// <param name="Group">How its parameters are trained.</param>
public sealed record Share(string Name, ImmutableArray<Argument> Settings, bool IsFrozen, ParameterGroup Group);

/// <summary>Something already diagnosed; whoever meets it stays silent.</summary>
public sealed record ErrorValue : Value
{
    public static readonly ErrorValue Instance = new();

    public override string Describe() => "an error";
}
