using System.Collections.Immutable;
using Mtlc.Compiler.Binding;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Recipes;
using Mtlc.Dsl.Text;

namespace Mtlc.Compiler;

/// <summary>A program without errors: the checked model and its recipe.</summary>
/// <param name="Sources">Every file of the user's that it was made of, the first one first.</param>
/// <param name="Sweeps">Names of the sweeps declared; each was read and checked.</param>
public sealed record CompiledProgram(
    Model Model,
    DataRecipe Data,
    TrainRecipe Train,
    ImmutableArray<string> Sweeps,
    ImmutableArray<SourceText> Sources
)
{
    /// <summary>Some of these files once more, under other paths by which they are imported.</summary>
    public ImmutableArray<SourceText> Aliases { get; init; } = [];

    /// <summary>Where the program lies.</summary>
    public string Folder => Sources is [var main, ..] ? main.Folder : "";

    /// <summary>Where in the text tasks and settings stand; null for a program that was not made from text.</summary>
    internal ProgramSymbols? Symbols { get; init; }
}
