using System.Collections.Immutable;
using System.Globalization;
using Mtlc.Compiler;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Lowering;
using Mtlc.Compiler.Recipes;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Runtime.Data.Samples;

namespace Mtlc.Runtime.Data;

/// <summary>
/// Whether programs can be trained and evaluated on their data, told before anything is: the contract, the numbers of samples,
/// and samples that cannot be read. Each data set is looked at once, however many programs name it. </summary>
public sealed class DataFit
{
    static readonly Split[] Used = [Split.Train, Split.Validation];

    readonly Dictionary<(SourceRecipe, string Maps), ImmutableArray<SampleProbe>> probes = [];

    /// <summary>Errors and warnings (MTL60xx), which point into the program.</summary>
    /// <param name="data">What the program's source opens.</param>
    public ImmutableArray<Diagnostic> Of(CompiledProgram program, IDataSource data)
    {
        try
        {
            program.RequireContract(data.Contract);
        }
        catch (ContractException e)
        {
            return e.Diagnostics;
        }
        var counts = program.CheckCounts(data.Count(Split.Train), data.Count(Split.Validation));
        if (program.Data.Source is SyntheticRecipe) // rendered when it is asked for, and never damaged
            return counts;
        var read = Probes(program, data);
        var skips = program.Data.Corrupt == CorruptPolicy.Skip;
        var isBorne = skips && read.All(p => p.Read == 0 || p.Unreadable.Length < p.Read);
        return
        [
            .. counts,
            .. program.CheckSamples(
                read.Where(p => p.Unreadable.Length > 0).Select(Words),
                isBorne,
                Unlabelled(program.Model, read[^1])
            ),
        ];
    }

    /// <summary>Samples of the splits that a run uses that were not read, of how many; none before <see cref="Of"/>.</summary>
    public (int Unread, int Total) Reach(CompiledProgram program) =>
        probes.TryGetValue(Key(program), out var read) ? (read.Sum(p => p.Total - p.Read), read.Sum(p => p.Total)) : default;

    ImmutableArray<SampleProbe> Probes(CompiledProgram program, IDataSource data) =>
        probes.TryGetValue(Key(program), out var read)
            ? read
            : probes[Key(program)] = [.. Used.Select(s => SampleProbe.Of(MappedSource.Of(data, program.Model), s))];

    static (SourceRecipe, string) Key(CompiledProgram program) =>
        (program.Data.Source, string.Join(',', program.Model.Maps.Select(m => m.Name)));

    static string Words(SampleProbe probe) =>
        probe.Unreadable.Length == 1
            ? probe.Unreadable[0]
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{probe.Unreadable[0]}; of the {probe.Read} samples of {probe.Split.Folder()} that were read "
                    + $"{probe.Unreadable.Length} are like it"
            );

    // That a label is nowhere can only be said of a split that was read to its end.
    static IEnumerable<ModelTask> Unlabelled(Model model, SampleProbe validation) =>
        validation.Read < validation.Total || validation.Unreadable.Length > 0
            ? []
            : model.Tasks.Where(t => !t.Auxiliary && !validation.Has(t.Kind.Labels));
}
