using System.Collections.Immutable;
using Mtlc.Compiler.Binding;
using Mtlc.Compiler.Lowering;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Syntax;
using Mtlc.Dsl.Text;

namespace Mtlc.Compiler.Experiments;

/// <param name="Path">"train.optimizer.lr"; "model" chooses a file.</param>
/// <param name="Value">As `--set` takes it.</param>
public sealed record SweepSetting(string Path, string Value)
{
    public string Set => $"{Path}={Value}";

    /// <summary>The value on one line, a file's name without folder and extension.</summary>
    public string Label =>
        Path == "model" && Value is ['"', .. var file, '"']
            ? file[(file.LastIndexOf('/') + 1)..].Replace(".mtl", "", StringComparison.Ordinal)
            : string.Join(' ', Value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}

/// <summary>One experiment of a sweep.</summary>
/// <param name="Number">From 1, in the order in which the lines multiply: the last one varies fastest.</param>
/// <param name="Settings">What the sweep sets, in the order of its lines.</param>
public sealed record SweepPoint(int Number, ImmutableArray<SweepSetting> Settings, CompiledProgram Program, RecipeDigest Digest)
{
    public string Label => string.Join(", ", Settings.Select(s => $"{s.Path} = {s.Label}"));

    /// <summary>The number of the first point with the same resolved recipe, which alone is trained; null where that is this
    /// one.</summary>
    public int? Same { get; init; }
}

/// <summary>A sweep with every point compiled and checked.</summary>
/// <param name="Paths">What varies, in the order of the lines.</param>
/// <param name="Halving">Which points stop early; null where all are trained to their end.</param>
public sealed record SweepPlan(
    string Name,
    ImmutableArray<string> Paths,
    ImmutableArray<SweepPoint> Points,
    Halving? Halving = null
)
{
    const int PointLimit = 10_000;

    /// <summary>
    /// Compiles every point of a sweep: the file's `set`s, then the point's, then the command line's, which may set what the
    /// sweep does not vary. </summary>
    /// <param name="name">Which sweep; null where the program has one.</param>
    /// <param name="only">The number of the one point to compile; null for all. Where the sweep has no such point, the plan has
    /// none.</param>
    public static SweepCompilation Compile(
        SourceText main,
        Func<string, SourceText?>? open = null,
        IReadOnlyList<string>? sets = null,
        string? name = null,
        int? only = null
    )
    {
        SweepCompilation? result = null;
        LargeStack.Run(() => result = Plan(main, Remembering(open ?? (_ => null)), sets ?? [], name, only));
        return result!;
    }

    static SweepCompilation Plan(
        SourceText main,
        Func<string, SourceText?> open,
        IReadOnlyList<string> sets,
        string? name,
        int? only
    )
    {
        var bag = new DiagnosticBag();
        var commandLine = Compilation.ParseSets(sets.Select(s => Compilation.Set(s)), bag);
        var symbols = ProgramBinder.Bind(main, open, commandLine, bag);
        var sweep =
            name is null && symbols.Sweeps.Count == 1
                ? symbols.Sweeps.Values.Single()
                : symbols.Sweeps.GetValueOrDefault(name ?? "");
        if (sweep is null)
            bag.NoSweep(main.Span(0, 0), name, symbols.Sweeps.Keys);
        var evaluator = new Evaluator(symbols, new GraphBuilder(bag), bag);
        SweepChecks.Run(symbols, evaluator);
        if (sweep is not null)
            SweepChecks.Overridden(sweep, commandLine, evaluator);
        var axes = (sweep?.Axes ?? []).Select(axis => (Syntax: axis, Values: SweepChecks.Values(axis, evaluator))).ToList();
        var count = axes.Aggregate(1L, (product, axis) => Math.Min(product * (axis.Values?[0].Length ?? 1), PointLimit + 1));
        if (count > PointLimit)
            bag.TooLarge(sweep!.Name.Span, $"points of sweep '{sweep.Name}'", PointLimit, []);
        // A program without a model is complete where the sweep chooses one.
        var choosesModel = axes.Any(a => a.Syntax.Paired.Any(ProgramBinder.ChoosesModel));
        if (bag.ToSorted().Any(d => d.Severity == Severity.Error && !(choosesModel && d.Code == BindingErrors.NoModelCode)))
            return new(null, bag.ToSorted(), bag.Suppressed);

        var merged = new PointDiagnostics(sweep!.Name.Text, (int)count);
        var points = ImmutableArray.CreateBuilder<SweepPoint>();
        var first = new Dictionary<string, int>(StringComparer.Ordinal);
        var numbers = only is { } number
            ? Enumerable.Range(number - 1, number <= count ? 1 : 0)
            : Enumerable.Range(0, (int)count);
        foreach (var i in numbers)
        {
            var overrides = Overrides(axes.Select(a => (a.Syntax, a.Values!.Value)), i);
            var diagnostics = new DiagnosticBag();
            var program = Compilation.Compile(main, open, overrides.Select(o => o.Set).Concat(commandLine), diagnostics);
            var settings = overrides.Select(o => new SweepSetting(o.Set.Path.ToString(), o.Text)).ToImmutableArray();
            merged.Add(i + 1, settings, overrides.Select(o => o.Set.Value.Span), diagnostics);
            if (program is null || diagnostics.HasErrors)
                continue;
            var digest = RecipeDigest.Of(program);
            var isNew = first.TryAdd(digest.Run, i + 1);
            points.Add(new(i + 1, settings, program, digest) { Same = isNew ? null : first[digest.Run] });
        }
        var all = merged.ToBag();
        var halving =
            sweep.Stops.IsEmpty || all.HasErrors || points.Count == 0
                ? null
                : Halving.Of(sweep.Stops[0], SweepHalving.Of(sweep.Stops[0], evaluator)!, points, all);
        var paths = sweep.Axes.SelectMany(a => a.Paired).Select(s => s.Path.ToString()).ToImmutableArray();
        return new(
            all.HasErrors ? null : new(sweep.Name.Text, paths, points.ToImmutable(), halving),
            all.ToSorted(),
            all.Suppressed
        );
    }

    /// <summary>The `set`s of a point: the last line varies fastest.</summary>
    static List<(SetSyntax Set, string Text)> Overrides(
        IEnumerable<(AxisSyntax Syntax, ImmutableArray<ImmutableArray<SweptValue>> Values)> axes,
        int index
    )
    {
        var chosen = new Stack<List<(SetSyntax, string)>>();
        foreach (var (syntax, values) in axes.Reverse())
        {
            var choice = index % values[0].Length;
            index /= values[0].Length;
            chosen.Push([
                .. syntax.Paired.Select(
                    (swept, k) => (new SetSyntax(swept.Path, values[k][choice].Expression, swept.Span), values[k][choice].Text)
                ),
            ]);
        }
        return [.. chosen.SelectMany(c => c)];
    }

    /// <summary>Every point reads the same text, even where a file changes meanwhile.</summary>
    static Func<string, SourceText?> Remembering(Func<string, SourceText?> open)
    {
        var known = new Dictionary<string, SourceText?>(StringComparer.Ordinal);
        return path =>
        {
            if (!known.TryGetValue(path, out var text))
                known[path] = text = open(path);
            return text;
        };
    }
}

/// <param name="Plan">null where a point, or the sweep itself, has errors.</param>
public sealed record SweepCompilation(SweepPlan? Plan, ImmutableArray<Diagnostic> Diagnostics, int Suppressed);
