using System.Collections.Immutable;
using Mtlc.Compiler;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Lowering;
using Mtlc.Compiler.Recipes;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Runtime.Data;
using Mtlc.Runtime.Data.Samples;
using Mtlc.Runtime.Files;
using Mtlc.Runtime.Weights;

namespace Mtlc.Runtime.Planning;

/// <summary>What an encoder will start from.</summary>
/// <param name="Weights">null where its file is not on this machine.</param>
public sealed record EncoderStart(EncoderWeights Encoder, LoadedWeights? Weights);

/// <summary>
/// What can be known of programs together with their data and weights before the first batch. Each data set is looked at and each
/// file of weights read once, however many programs name it. </summary>
public sealed class ProgramCheck
{
    readonly DataFit fit = new();
    readonly WeightsCheck weights = new();
    readonly Dictionary<SourceRecipe, IDataSource?> opened = [];

    /// <summary>A data set, opened but for its samples; null where it is not on this machine.</summary>
    /// <exception cref="DataException">It is here, and breaks its rules.</exception>
    public IDataSource? Data(SourceRecipe source)
    {
        if (!opened.TryGetValue(source, out var data))
            opened[source] = data =
                source is SyntheticRecipe || Path.Exists(DataSources.Location(source)) ? DataSources.Open(source) : null;
        return data;
    }

    /// <summary>What the program asks of its data that they do not have, and samples that cannot be read; nothing where they are
    /// not here.</summary>
    /// <exception cref="DataException">The data break their rules.</exception>
    public ImmutableArray<Diagnostic> OfData(CompiledProgram program) =>
        Data(program.Data.Source) is { } data ? fit.Of(program, data) : [];

    /// <summary>Samples for training and validation that <see cref="OfData"/> did not read, of how many.</summary>
    public (int Unread, int Total) Reach(CompiledProgram program) => fit.Reach(program);

    /// <summary>Errors of the weights that encoders start from.</summary>
    /// <param name="found">Gets what those without an error start from.</param>
    public ImmutableArray<Diagnostic> OfWeights(Model model, ICollection<EncoderStart>? found = null)
    {
        var errors = new DiagnosticBag();
        foreach (var encoder in model.Encoders.Where(e => e.Weights != "none"))
        {
            try
            {
                var start = new EncoderStart(encoder, weights.Foresee(model, encoder));
                found?.Add(start);
            }
            catch (Exception e) when (e is DataException or IOException)
            {
                errors.UnfitWeights(encoder.Origin, e.Message);
            }
        }
        return errors.ToSorted();
    }
}
