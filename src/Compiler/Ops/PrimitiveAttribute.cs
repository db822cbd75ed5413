namespace Mtlc.Compiler.Ops;

/// <summary>
/// Makes a record a primitive of the language: its name there and the names of its feature operands, which come first in a call.
/// The record's constructor gives the remaining arguments, in order, with their defaults.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class PrimitiveAttribute(string name, params string[] operands) : Attribute
{
    public string Name { get; } = name;
    public string[] Operands { get; } = operands;

    /// <summary>Any number of operands, lists included.</summary>
    public bool Variadic { get; init; }
}
