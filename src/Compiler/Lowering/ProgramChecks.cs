using System.Collections.Immutable;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Recipes;
using Mtlc.Dsl.Diagnostics;

namespace Mtlc.Compiler.Lowering;

/// <summary>What is wrong with a program together with its data, once they are opened.</summary>
public static class ProgramChecks
{
    /// <summary>What the model asks of data that these do not have (MTL6xxx): what only an opened data set can tell, such as a
    /// manifest's classes.</summary>
    /// <exception cref="ContractException">There are errors.</exception>
    public static void RequireContract(this CompiledProgram program, DataContract contract)
    {
        var diagnostics = new DiagnosticBag();
        if (program.Symbols?.Model is { } symbol)
            RecipeChecks.CheckContract(program.Model, contract, Contracts.Name(program.Data.Source), symbol, diagnostics);
        if (diagnostics.HasErrors)
            throw new ContractException(diagnostics.ToSorted());
    }

    /// <summary>Whether data of so many samples can be trained on: an epoch has a step, and there is something to validate
    /// (MTL6010, MTL6011).</summary>
    public static ImmutableArray<Diagnostic> CheckCounts(this CompiledProgram program, int training, int validation)
    {
        var diagnostics = new DiagnosticBag();
        SampleChecks.Counts(program, training, validation, diagnostics);
        return diagnostics.ToSorted();
    }

    /// <summary>What was found in samples that were read before training (MTL6012, MTL6013).</summary>
    /// <param name="unreadable">Why samples of a split cannot be read, in words.</param>
    /// <param name="isBorne">Whether the run can go on without them.</param>
    /// <param name="unlabelled">Tasks of which no validation sample has a label.</param>
    public static ImmutableArray<Diagnostic> CheckSamples(
        this CompiledProgram program,
        IEnumerable<string> unreadable,
        bool isBorne,
        IEnumerable<ModelTask> unlabelled
    )
    {
        var diagnostics = new DiagnosticBag();
        SampleChecks.Samples(program, unreadable, isBorne, unlabelled, diagnostics);
        return diagnostics.ToSorted();
    }
}

/// <summary>A program and its data do not fit; the diagnostics point into the program.</summary>
public sealed class ContractException(ImmutableArray<Diagnostic> diagnostics)
    : Exception(string.Join('\n', diagnostics.Select(d => $"{d.Code}: {d.Message}")))
{
    public ImmutableArray<Diagnostic> Diagnostics { get; } = diagnostics;
}
