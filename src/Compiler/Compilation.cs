using System.Collections.Immutable;
using System.Runtime.ExceptionServices;
using Mtlc.Compiler.Binding;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Lowering;
using Mtlc.Compiler.Passes;
using Mtlc.Compiler.Recipes;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Parsing;
using Mtlc.Dsl.Syntax;
using Mtlc.Dsl.Text;

namespace Mtlc.Compiler;

/// <summary>The whole compiler on one screen: parse, bind, lower, check, optimise.</summary>
public sealed class Compilation
{
    private Compilation(CompiledProgram? program, DiagnosticBag diagnostics) =>
        (Program, Diagnostics, Suppressed) = (diagnostics.HasErrors ? null : program, diagnostics.ToSorted(), diagnostics.Suppressed);

    /// <summary>The program, or null where there are errors.</summary>
    public CompiledProgram? Program { get; }

    /// <summary>Errors and warnings, in the order of the text.</summary>
    public ImmutableArray<Diagnostic> Diagnostics { get; }

    /// <summary>Whether no file of the program declares a model.</summary>
    public bool LacksModel => Diagnostics.Any(d => d.Code == BindingErrors.NoModelCode);

    /// <summary>How many diagnostics beyond the limit were left out.</summary>
    public int Suppressed { get; }

    /// <summary>Compiles a program. Never throws on user text and never touches the disk or libtorch.</summary>
    /// <param name="open">Reads an imported file by its path (already relative to where <paramref name="main"/> lies), or gives null.</param>
    /// <param name="sets">`path=value` texts of the command line, applied after the file's own `set`s.</param>
    public static Compilation Compile(SourceText main, Func<string, SourceText?>? open = null, IReadOnlyList<string>? sets = null) =>
        Compile(main, open, [.. (sets ?? []).Select(s => Set(s))]);

    /// <param name="sets">Made by <see cref="Set"/>.</param>
    public static Compilation Compile(SourceText main, Func<string, SourceText?>? open, ImmutableArray<SourceText> sets)
    {
        var diagnostics = new DiagnosticBag();
        CompiledProgram? program = null;
        WithDeepStack(() => program = CompileWithSweeps(main, open ?? (_ => null), ParseSets(sets, diagnostics), diagnostics));
        return new(program, diagnostics);
    }

    /// <summary>A program that is right is tried with the values of its sweeps. The order is: file, `set`, sweep, command line.</summary>
    private static CompiledProgram? CompileWithSweeps(
        SourceText main, Func<string, SourceText?> open, IReadOnlyList<SetSyntax> commandLine, DiagnosticBag diagnostics)
    {
        var program = Compile(main, open, commandLine, diagnostics, out var symbols);
        if (program is not null && !diagnostics.HasErrors)
            SweepPoints.Check(symbols, (point, found) => Compile(main, open, point.Concat(commandLine), found), diagnostics);
        return program;
    }

    /// <summary>Expressions are evaluated by recursion; nesting is limited, and this stack holds the limit with room to spare.</summary>
    internal static void WithDeepStack(Action action)
    {
        ExceptionDispatchInfo? fault = null;
        var thread = new Thread(
            () =>
            {
                try
                {
                    action();
                }
                catch (Exception e) // on a thread of its own it would end the process without a word
                {
                    fault = ExceptionDispatchInfo.Capture(e);
                }
            },
            64 << 20);
        thread.Start();
        thread.Join();
        fault?.Throw();
    }

    internal static CompiledProgram? Compile(
        SourceText main, Func<string, SourceText?> open, IEnumerable<SetSyntax> overrides, DiagnosticBag diagnostics) =>
        Compile(main, open, overrides, diagnostics, out _);

    private static CompiledProgram? Compile(
        SourceText main, Func<string, SourceText?> open, IEnumerable<SetSyntax> overrides, DiagnosticBag diagnostics, out ProgramSymbols symbols)
    {
        symbols = ProgramBinder.Bind(main, open, overrides, diagnostics);
        var builder = new GraphBuilder(diagnostics);
        var evaluator = new Evaluator(symbols, builder, diagnostics);
        var data = RecipeLowering.Build<DataRecipe>(symbols.Data, evaluator);
        var train = RecipeLowering.Build<TrainRecipe>(symbols.Train, evaluator);
        SweepChecks.Run(symbols, evaluator);
        if (symbols.Model is not { } symbol || ModelLowering.Lower(symbol, evaluator) is not { } lowered || diagnostics.HasErrors)
            return null;
        var model = lowered with
        {
            Training = DeadCode.Remove(lowered.Training),
            TrainingStep = Pipelines.TrainingIn(train.Precision).Apply(lowered.Training),
            Inference = Pipelines.Inference.Apply(lowered.Inference),
        };
        RecipeChecks.Run(model, data, train, symbols, diagnostics);
        UnusedChecks.Run(model, symbols, diagnostics);
        return new(model, data, train, [.. symbols.Sweeps.Keys], [.. symbols.Sources]) { Aliases = [.. symbols.Aliases], Symbols = symbols };
    }

    /// <summary>A `path=value` of the command line.</summary>
    /// <param name="folder">Where relative paths in it start, where that is not the working folder.</param>
    public static SourceText Set(string pathAndValue, string folder = "") => new("--set", $"set {pathAndValue}", folder);

    internal static List<SetSyntax> ParseSets(IEnumerable<SourceText> sets, DiagnosticBag diagnostics) =>
        [.. sets.SelectMany(set => SyntaxTree.Parse(set, diagnostics, TaskKind.Vocabulary).Declarations.OfType<SetSyntax>())];
}
