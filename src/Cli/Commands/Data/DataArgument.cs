using System.CommandLine;
using Mtlc.Cli.Files;
using Mtlc.Cli.Running;
using Mtlc.Compiler;
using Mtlc.Compiler.Recipes;
using Mtlc.Dsl.Text;
using Mtlc.Runtime.Data;
using Mtlc.Runtime.Data.Samples;

namespace Mtlc.Cli.Commands.Data;

/// <summary>The SOURCE of the verbs for data sets.</summary>
static class DataArgument
{
    public static Argument<string> Create() =>
        new("SOURCE")
        {
            Description =
                "A program (its data is taken), a manifest (.yaml), a folder in the MiniScapes or Cityscapes layout, or "
                + "'synthetic'.",
        };

    public static Option<string> Split(string standard) =>
        CommandLine.Choices.OneOf("--split", "Which samples.", standard, "train", "val", "test");

    public static Split ParseSplit(string word) =>
        word switch
        {
            "train" => Runtime.Data.Samples.Split.Train,
            "val" => Runtime.Data.Samples.Split.Validation,
            _ => Runtime.Data.Samples.Split.Test,
        };

    /// <summary>What a SOURCE stands for; null after the errors of a program went to stderr.</summary>
    public static SourceRecipe? Recipe(string source, IReadOnlyList<string> sets) =>
        Given(source) ?? Programs.Compile(source, sets)?.Data.Source;

    /// <summary>The same, and the program where it is one.</summary>
    public static (SourceRecipe Source, CompiledProgram? Program)? RecipeAndProgram(string source, IReadOnlyList<string> sets) =>
        Given(source) is { } given ? (given, null)
        : Programs.Compile(source, sets) is { } program ? (program.Data.Source, program)
        : null;

    /// <summary>The same, and how training varies it and with which seed: as the program says, or by default.</summary>
    public static (SourceRecipe Source, AugmentRecipe Augment, int Seed)? Varied(string source, IReadOnlyList<string> sets) =>
        Given(source) is { } given ? (given, new(), 0)
        : Programs.Compile(source, sets) is { } program ? (program.Data.Source, program.Data.Augment, program.Train.Seed)
        : null;

    static SourceRecipe? Given(string source)
    {
        if (source == "synthetic")
            return new SyntheticRecipe();
        if (Directory.Exists(source))
            return DataSources.OfFolder(source);
        if (Path.GetExtension(source) is ".yaml" or ".yml")
            return File.Exists(source) ? new ManifestRecipe(new FilePath(source)) : throw UserText.Missing(source, "no manifest");
        return null;
    }
}
