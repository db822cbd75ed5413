using System.Collections.Immutable;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Recipes;
using Mtlc.Dsl.Text;

namespace Mtlc.Compiler;

/// <summary>A program without errors: the checked model and its recipe.</summary>
/// <param name="Sources">Every file of the user's that it was made of, the first one first.</param>
/// <param name="Sweeps">Names of the sweeps declared; each was read and checked.</param>
public sealed record CompiledProgram(
    Model Model, DataRecipe Data, TrainRecipe Train, ImmutableArray<string> Sweeps, ImmutableArray<SourceText> Sources);
