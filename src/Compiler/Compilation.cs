using System.Collections.Immutable;
using Mtlc.Compiler.Binding;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Lowering;
using Mtlc.Compiler.Passes;
using Mtlc.Compiler.Recipes;
using Mtlc.Compiler.Targets.LibTorch;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Parsing;
using Mtlc.Dsl.Syntax;
using Mtlc.Dsl.Text;

namespace Mtlc.Compiler;

/// <summary>The whole compiler on one screen: parse, bind, lower, check, optimise.</summary>
public sealed class Compilation
{
    readonly Lazy<Resolution> resolution;

    Compilation(Result result, DiagnosticBag diagnostics)
    {
        (Program, Diagnostics, Suppressed) = (
            diagnostics.HasErrors ? null : result.Program,
            diagnostics.ToSorted(),
            diagnostics.Suppressed
        );
        (Symbols, Lowered) = (result.Symbols, result.Lowered);
        resolution = new(() =>
        {
            Resolution? made = null;
            LargeStack.Run(() => made = Resolution.Of(Symbols));
            return made!;
        });
    }

    /// <summary>The program, or null where there are errors.</summary>
    public CompiledProgram? Program { get; }

    /// <summary>Errors and warnings, in the order of the text.</summary>
    public ImmutableArray<Diagnostic> Diagnostics { get; }

    /// <summary>Whether no file of the program declares a model.</summary>
    public bool LacksModel => Diagnostics.Any(d => d.Code == BindingErrors.NoModelCode);

    /// <summary>The syntax of every file that the program was read from, its own first; there are no two of one file.</summary>
    public IReadOnlyList<FileSyntax> Trees => Symbols.Trees;

    /// <summary>What the program declares, after imports and `set`.</summary>
    public ProgramSymbols Symbols { get; }

    /// <summary>Which name means what; made when first asked for.</summary>
    public Resolution Resolution => resolution.Value;

    /// <summary>What could be made of the program, errors or not.</summary>
    public LoweredProgram Lowered { get; }

    /// <summary>How many diagnostics beyond the limit were left out.</summary>
    public int Suppressed { get; }

    /// <summary>Compiles a program. Never throws on user text and never touches the disk or libtorch.</summary>
    /// <param name="open">Reads an imported file by its path (already relative to where <paramref name="main"/> lies), or gives
    /// null.</param>
    /// <param name="sets">`path=value` texts of the command line, applied after the file's own `set`s.</param>
    public static Compilation Compile(
        SourceText main,
        Func<string, SourceText?>? open = null,
        IReadOnlyList<string>? sets = null
    ) => Compile(main, open, [.. (sets ?? []).Select(s => Set(s))]);

    /// <param name="sets">Made by <see cref="Set"/>.</param>
    public static Compilation Compile(SourceText main, Func<string, SourceText?>? open, ImmutableArray<SourceText> sets) =>
        Compile(main, open, sets, optimise: true, sweeps: true);

    /// <summary>
    /// The same diagnostics, names and shapes, sooner: the graphs of the program are as they were lowered, not as they are run.
    /// </summary>
    public static Compilation Check(
        SourceText main,
        Func<string, SourceText?>? open = null,
        ImmutableArray<SourceText> sets = default
    ) => Compile(main, open, sets.IsDefault ? [] : sets, optimise: false, sweeps: true);

    /// <summary>The same names and shapes sooner still: the program is not tried with the values of its sweeps.</summary>
    public static Compilation CheckWithoutSweeps(
        SourceText main,
        Func<string, SourceText?> open,
        params ImmutableArray<SourceText> sets
    ) => Compile(main, open, sets, optimise: false, sweeps: false);

    static Compilation Compile(
        SourceText main,
        Func<string, SourceText?>? open,
        ImmutableArray<SourceText> sets,
        bool optimise,
        bool sweeps
    )
    {
        var diagnostics = new DiagnosticBag();
        Result? result = null;
        LargeStack.Run(() =>
            result = sweeps
                ? CompileWithSweeps(main, open ?? (_ => null), ParseSets(sets, diagnostics), optimise, diagnostics)
                : CompileOnce(main, open ?? (_ => null), ParseSets(sets, diagnostics), optimise, diagnostics)
        );
        return new(result!, diagnostics);
    }

    /// <summary>A program that is right is tried with the values of its sweeps. The order is: file, `set`, sweep, command
    /// line.</summary>
    static Result CompileWithSweeps(
        SourceText main,
        Func<string, SourceText?> open,
        IReadOnlyList<SetSyntax> commandLine,
        bool optimise,
        DiagnosticBag diagnostics
    )
    {
        var result = CompileOnce(main, open, commandLine, optimise, diagnostics);
        if (result.Program is not null && !diagnostics.HasErrors)
            SweepPoints.Check(
                result.Symbols,
                (point, found) => CompileOnce(main, open, point.Concat(commandLine), false, found),
                diagnostics
            );
        return result;
    }

    internal static CompiledProgram? Compile(
        SourceText main,
        Func<string, SourceText?> open,
        IEnumerable<SetSyntax> overrides,
        DiagnosticBag diagnostics
    ) => CompileOnce(main, open, overrides, optimise: true, diagnostics).Program;

    /// <param name="optimise">Whether the graphs are wanted that are run, not the diagnostics alone.</param>
    static Result CompileOnce(
        SourceText main,
        Func<string, SourceText?> open,
        IEnumerable<SetSyntax> overrides,
        bool optimise,
        DiagnosticBag diagnostics
    )
    {
        var symbols = ProgramBinder.Bind(main, open, overrides, diagnostics);
        var builder = new GraphBuilder(diagnostics);
        var evaluator = new Evaluator(symbols, builder, diagnostics);
        var data = RecipeLowering.Build<DataRecipe>(symbols.Data, evaluator);
        var train = RecipeLowering.Build<TrainRecipe>(symbols.Train, evaluator);
        SweepChecks.Run(symbols, evaluator);
        var whole = symbols.Model is { } symbol ? ModelLowering.Lower(symbol, evaluator) : null;
        var made = new LoweredProgram(data, train, builder.Nodes, evaluator.Values);
        if (whole is null || diagnostics.HasErrors)
            return new(null, symbols, made);
        var model = whole with { Training = DeadCode.Remove(whole.Training) };
        if (optimise)
        {
            var neutral = Pipeline.Neutral.Apply(whole.Inference);
            model = model with
            {
                TrainingStep = Pipelines.TrainingIn(train.Precision).Apply(whole.Training),
                Neutral = neutral,
                Inference = Pipelines.AfterNeutral.Apply(neutral),
            };
        }
        RecipeChecks.Run(model, data, train, symbols, diagnostics);
        UnusedChecks.Run(model, symbols, diagnostics);
        var program = new CompiledProgram(model, data, train, [.. symbols.Sweeps.Keys], [.. symbols.Sources])
        {
            Aliases = [.. symbols.Aliases],
            Symbols = symbols,
        };
        return new(program, symbols, made);
    }

    sealed record Result(CompiledProgram? Program, ProgramSymbols Symbols, LoweredProgram Lowered);

    /// <summary>A `path=value` of the command line.</summary>
    /// <param name="folder">Where relative paths in it start, where that is not the working folder.</param>
    public static SourceText Set(string pathAndValue, string folder = "") => new("--set", $"set {pathAndValue}", folder);

    internal static List<SetSyntax> ParseSets(IEnumerable<SourceText> sets, DiagnosticBag diagnostics) =>
        [.. sets.SelectMany(set => SyntaxTree.Parse(set, diagnostics, TaskKind.Vocabulary).Declarations.OfType<SetSyntax>())];
}
