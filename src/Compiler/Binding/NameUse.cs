using Mtlc.Dsl.Syntax;

namespace Mtlc.Compiler.Binding;

/// <summary>As what a name stands where it stands.</summary>
public enum NameRole
{
    /// <summary>It is declared here.</summary>
    Declaration,

    /// <summary>An expression of its own: a value, a component passed on, or a word.</summary>
    Value,

    /// <summary>`f` of `f(x)` and of `x |> f`.</summary>
    Callee,

    /// <summary>Where an arrow starts.</summary>
    Feature,

    /// <summary>`layer3` of `trunk.layer3`.</summary>
    Member,
    Task,

    /// <summary>An encoder's backbone or what `using` names.</summary>
    Component,

    /// <summary>The key of `key: value`, or a word of a path below its first.</summary>
    Setting,

    /// <summary>The name of `f(name: value)`.</summary>
    Argument,

    /// <summary>The first word of a `set` or of a line of a sweep.</summary>
    Path,

    /// <summary>A loss or a balancing scheme.</summary>
    Loss,
}

/// <summary>A name in the text and what it means there.</summary>
/// <param name="Definition">null for words, settings of the language, losses, and names of nothing.</param>
/// <param name="Scope">What could be read here.</param>
public sealed record NameUse(NameSyntax Name, NameRole Role, Definition? Definition, NameScope Scope)
{
    /// <summary>Whether a word that stands for nothing cannot stand here. Within settings in braces nothing is asked.</summary>
    public bool NeedsValue { get; init; }

    /// <summary>Of a callee, the call, and whether its first argument comes through a pipe.</summary>
    public CallSyntax? Call { get; init; }

    public bool IsPiped { get; init; }

    /// <summary>Of a callee that is a component, primitive or function whatever is called so in the scope: what it
    /// takes.</summary>
    public Callee? Callee { get; init; }

    /// <summary>Whether it stands in the braces of a value, where no expression may have any: reported where they are
    /// met.</summary>
    public bool IsInBraces { get; init; }
}
