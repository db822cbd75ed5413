using Mtlc.Compiler.Binding;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Ops;
using Mtlc.Compiler.Recipes;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Text;

namespace Mtlc.Compiler.Lowering;

/// <summary>What is only wrong together: the network with its crop, its batch and its data.</summary>
public static class RecipeChecks
{
    public static void Run(Model model, DataRecipe data, TrainRecipe train, ProgramSymbols symbols, DiagnosticBag diagnostics)
    {
        var nowhere = symbols.Model!.Syntax.Name.Span;
        CheckSizes(model, data, symbols.Data.Settings, nowhere, diagnostics);
        if (train.Batch == 1)
        {
            foreach (var node in model.Training.Nodes.Where(n => n.Op is BatchNorm && n.Shape.IsPoint))
                diagnostics.SingleValueNorm(
                    symbols.Model.Statements.GetValueOrDefault(node.Declaration)?.Name.Span ?? nowhere,
                    node.Declaration,
                    node.Origin
                );
        }
        if (data.Source.Promise is { } contract)
            CheckContract(model, contract, Contracts.Name(data.Source), symbols.Model, diagnostics);
    }

    /// <summary>A data set whose contract is only known once it is opened (a manifest) is checked with the same words.</summary>
    public static void CheckContract(
        Model model,
        DataContract contract,
        string data,
        ModelSymbol symbol,
        DiagnosticBag diagnostics
    )
    {
        foreach (var task in model.Tasks.Where(t => t.Of is null))
        {
            var span = symbol.Tasks[task.Name].Syntax.Name.Span;
            var settings = symbol.Tasks[task.Name].Settings.Children;
            if (!contract.Has(task.Kind.Labels))
                diagnostics.ModalityMissing(span, task.Name, DataContract.Words(task.Kind.Labels), data);
            else if (task is ClassTask classes && classes.Classes != contract.ClassNames.Length)
                diagnostics.ClassesDiffer(Place("classes"), task.Name, classes.Classes, data, contract.ClassNames.Length);
            else if (task is ClassTask ignoring && ignoring.Ignore != contract.Ignore)
                diagnostics.IgnoreDiffers(Place("ignore"), task.Name, ignoring.Ignore, data, contract.Ignore);

            SourceSpan Place(string setting) => settings.GetValueOrDefault(setting)?.Head?.Span ?? span;
        }
        foreach (var map in model.Maps)
        {
            if (contract.Maps.FirstOrDefault(m => m.Name == map.Name) is not { } there)
                diagnostics.MapMissing(map.Origin, map.Name, data, [.. contract.Maps.Select(m => m.Name)]);
            else if (there.Channels != map.Channels)
                diagnostics.MapChannelsDiffer(
                    symbol.Statements[map.Name].Settings.Children.GetValueOrDefault("channels")?.Head?.Span ?? map.Origin,
                    map.Name,
                    map.Channels,
                    data,
                    there.Channels
                );
        }
    }

    static void CheckSizes(Model model, DataRecipe data, SettingTree settings, SourceSpan nowhere, DiagnosticBag diagnostics)
    {
        var stride = OutputStrides.Of(model.Training);
        var crop = data.Augment.Crop;
        var written = settings.Children.GetValueOrDefault("augment")?.Children.GetValueOrDefault("crop")?.Head?.Span;
        var (isWritten, cropSpan) = (written is not null, written ?? nowhere);
        if (crop.Height % stride != 0 || crop.Width % stride != 0)
            diagnostics.CropNotDivisible(cropSpan, "the crop", Text(crop), stride);
        if (data.Source is not SyntheticRecipe { Size: var size })
            return;
        var sizeSpan = settings.Children.GetValueOrDefault("source")?.Children.GetValueOrDefault("size")?.Head?.Span ?? nowhere;
        if (size.Height % stride != 0 || size.Width % stride != 0)
            diagnostics.CropNotDivisible(sizeSpan, "the pictures' size", Text(size), stride);
        if (crop.Height > size.Height || crop.Width > size.Width)
            diagnostics.CropTooLarge(isWritten ? cropSpan : sizeSpan, Text(crop), Text(size), isWritten);
    }

    static string Text(ImageSize size) =>
        size.Height == size.Width ? FormattableString.Invariant($"{size.Height}") : size.ToString();
}
