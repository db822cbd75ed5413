using System.Collections.Immutable;
using Mtlc.Compiler.Binding;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Recipes;
using Mtlc.Dsl.Syntax;

namespace Mtlc.Compiler.Lowering;

/// <summary>What could be made of a program, errors or not.</summary>
/// <param name="Data">Settings that are wrong have their default.</param>
/// <param name="Train">The same.</param>
/// <param name="Nodes">Of the statements that could be lowered, before any pass.</param>
/// <param name="Values">What statements and `let`s stand for, by the names that declare them: of a component's `let`, what it is
/// where the component is expanded.</param>
public sealed record LoweredProgram(
    DataRecipe Data,
    TrainRecipe Train,
    ImmutableArray<Node> Nodes,
    IReadOnlyDictionary<NameSyntax, ImmutableArray<Value>> Values
)
{
    /// <summary>The values of a name: none where it was not reached, or could not be made.</summary>
    public ImmutableArray<Value> Of(NameSyntax name) => Values.GetValueOrDefault(name, []);
}
