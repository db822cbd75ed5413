using System.Collections.Immutable;
using Mtlc.Compiler.Binding;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Lowering;
using Mtlc.Compiler.Recipes;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Text;

namespace Mtlc.Compiler;

/// <summary>A program without errors: the checked model and its recipe.</summary>
/// <param name="Sources">Every file of the user's that it was made of, the first one first.</param>
/// <param name="Sweeps">Names of the sweeps declared; each was read and checked.</param>
public sealed record CompiledProgram(
    Model Model, DataRecipe Data, TrainRecipe Train, ImmutableArray<string> Sweeps, ImmutableArray<SourceText> Sources)
{
    /// <summary>Some of these files once more, under other paths by which they are imported.</summary>
    public ImmutableArray<SourceText> Aliases { get; init; } = [];

    /// <summary>Where the program lies.</summary>
    public string Folder => Sources is [var main, ..] ? main.Folder : "";

    /// <summary>Where in the text the tasks stand; null for a program that was not made from text.</summary>
    internal ModelSymbol? Symbol { get; init; }

    /// <summary>What the model asks of data that these do not have (MTL6xxx): what only an opened data set can tell, such as a manifest's classes.</summary>
    /// <exception cref="ContractException">There are errors.</exception>
    public void RequireContract(DataContract contract)
    {
        var diagnostics = new DiagnosticBag();
        if (Symbol is not null)
            RecipeChecks.CheckContract(Model, contract, Contracts.Name(Data.Source), Symbol, diagnostics);
        if (diagnostics.HasErrors)
            throw new ContractException(diagnostics.ToSorted());
    }
}

/// <summary>A program and its data do not fit; the diagnostics point into the program.</summary>
public sealed class ContractException(ImmutableArray<Diagnostic> diagnostics)
    : Exception(string.Join('\n', diagnostics.Select(d => $"{d.Code}: {d.Message}")))
{
    public ImmutableArray<Diagnostic> Diagnostics { get; } = diagnostics;
}
