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

    /// <summary>Where in the text tasks and settings stand; null for a program that was not made from text.</summary>
    internal ProgramSymbols? Symbols { get; init; }

    /// <summary>What the model asks of data that these do not have (MTL6xxx): what only an opened data set can tell, such as a manifest's classes.</summary>
    /// <exception cref="ContractException">There are errors.</exception>
    public void RequireContract(DataContract contract)
    {
        var diagnostics = new DiagnosticBag();
        if (Symbols?.Model is { } symbol)
            RecipeChecks.CheckContract(Model, contract, Contracts.Name(Data.Source), symbol, diagnostics);
        if (diagnostics.HasErrors)
            throw new ContractException(diagnostics.ToSorted());
    }

    /// <summary>Whether data of so many samples can be trained on: an epoch has a step, and there is something to validate (MTL6010, MTL6011).</summary>
    public ImmutableArray<Diagnostic> CheckCounts(int training, int validation)
    {
        var diagnostics = new DiagnosticBag();
        SampleChecks.Counts(this, training, validation, diagnostics);
        return diagnostics.ToSorted();
    }

    /// <summary>What was found in samples that were read before training (MTL6012, MTL6013).</summary>
    /// <param name="unreadable">Why samples of a split cannot be read, in words.</param>
    /// <param name="isBorne">Whether the run can go on without them.</param>
    /// <param name="unlabelled">Tasks of which no validation sample has a label.</param>
    public ImmutableArray<Diagnostic> CheckSamples(IEnumerable<string> unreadable, bool isBorne, IEnumerable<ModelTask> unlabelled)
    {
        var diagnostics = new DiagnosticBag();
        SampleChecks.Samples(this, unreadable, isBorne, unlabelled, diagnostics);
        return diagnostics.ToSorted();
    }
}

/// <summary>A program and its data do not fit; the diagnostics point into the program.</summary>
public sealed class ContractException(ImmutableArray<Diagnostic> diagnostics)
    : Exception(string.Join('\n', diagnostics.Select(d => $"{d.Code}: {d.Message}")))
{
    public ImmutableArray<Diagnostic> Diagnostics { get; } = diagnostics;
}
