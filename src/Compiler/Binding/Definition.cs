using Mtlc.Dsl.Syntax;

namespace Mtlc.Compiler.Binding;

/// <summary>What kind of thing a name is declared as.</summary>
public enum DefinitionKind
{
    Model,
    Task,

    /// <summary>An input, encoder, ASPP, attention, decoder or `let` of the model.</summary>
    Statement,

    /// <summary>A `let` of a file or of a component.</summary>
    Let,
    Component,

    /// <summary>Of a component.</summary>
    Parameter,

    /// <summary>What a `for` goes through its items with.</summary>
    Variable,
    Sweep,
    Report,
    Primitive,

    /// <summary>`range`, `length` and the like.</summary>
    Function,

    /// <summary>`image` and `none`.</summary>
    Constant,
}

/// <summary>What a name stands for: one object a declaration of a program.</summary>
/// <param name="name">Where it is declared; of what the language itself has, a name without a place.</param>
/// <param name="syntax">The whole declaration; null for what the language itself has.</param>
/// <param name="owner">Of a parameter or a component's `let`, the component; null for others.</param>
public sealed class Definition(DefinitionKind kind, NameSyntax name, SyntaxNode? syntax, ComponentSymbol? owner = null)
{
    public DefinitionKind Kind { get; } = kind;
    public NameSyntax Name { get; } = name;
    public SyntaxNode? Syntax { get; } = syntax;
    public ComponentSymbol? Owner { get; } = owner;

    /// <summary>Whether the language has it, and no text declares it.</summary>
    public bool IsBuiltIn => Syntax is null;

    public override string ToString() => $"{Kind} {Name.Text}";
}
