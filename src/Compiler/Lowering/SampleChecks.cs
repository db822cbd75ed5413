using Mtlc.Compiler.Binding;
using Mtlc.Compiler.Ir;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Text;

namespace Mtlc.Compiler.Lowering;

/// <summary>What is only wrong together with the samples of the data, once they are there: the places are those of the settings
/// to change.</summary>
static class SampleChecks
{
    public static void Counts(CompiledProgram program, int training, int validation, DiagnosticBag diagnostics)
    {
        var (data, train) = (Contracts.Name(program.Data.Source), program.Train);
        if (training < train.StepSamples)
        {
            var place =
                Setting(program.Symbols?.Train, "batch") ?? Setting(program.Symbols?.Train, "accumulate") ?? Model(program);
            diagnostics.StepTooLarge(place, train.Batch, train.Accumulate, data, training);
        }
        if (validation == 0)
            diagnostics.NothingToValidate(Source(program), data);
    }

    public static void Samples(
        CompiledProgram program,
        IEnumerable<string> unreadable,
        bool isBorne,
        IEnumerable<ModelTask> unlabelled,
        DiagnosticBag diagnostics
    )
    {
        foreach (var reason in unreadable)
            diagnostics.UnreadableSample(Source(program), reason, isBorne);
        foreach (var task in unlabelled)
            diagnostics.UnlabelledTask(
                program.Symbols?.Model?.Tasks[task.Name].Syntax.Name.Span ?? Model(program),
                task.Name,
                Contracts.Name(program.Data.Source)
            );
    }

    static SourceSpan Source(CompiledProgram program) => Setting(program.Symbols?.Data, "source") ?? Model(program);

    static SourceSpan? Setting(RecipeSymbol? recipe, string name) =>
        recipe?.Settings.Children.GetValueOrDefault(name)?.Head?.Span;

    // A program that was not made from text has no places but its beginning.
    static SourceSpan Model(CompiledProgram program) =>
        program.Symbols?.Model?.Syntax.Name.Span ?? new(program.Sources is [var main, ..] ? main : new SourceText("", ""), 0, 0);
}
