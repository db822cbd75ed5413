using Mtlc.Compiler.Planning;
using Mtlc.Compiler.Recipes;
using Mtlc.Dsl.Text;
using Mtlc.Runtime.Data.Cityscapes;
using Mtlc.Runtime.Data.Manifest;
using Mtlc.Runtime.Data.MiniScapes;
using Mtlc.Runtime.Data.Samples;
using Mtlc.Runtime.Data.Synthetic;
using Mtlc.Runtime.Files;

namespace Mtlc.Runtime.Data;

/// <summary>The data set that a recipe names.</summary>
public static class DataSources
{
    /// <exception cref="DataException">Its files are missing or break its rules.</exception>
    public static IDataSource Open(SourceRecipe recipe) => recipe switch
    {
        SyntheticRecipe s => new RememberedSource(new SyntheticSource(s.Scenes, s.Size, s.Seed), MemoryPlan.KeptScenes),
        MiniScapesRecipe m => new MiniScapesSource(Given(m.Path, "miniscapes")),
        CityscapesRecipe c => new CityscapesSource(c.Path.IsEmpty ? null : Given(c.Path, "cityscapes")),
        ManifestRecipe m => new ManifestSource(Given(m.Path, "manifest")),
        _ => throw new NotSupportedException($"there is no data set for {recipe.GetType().Name}"),
    };

    /// <summary>The folder or the manifest that a data set is read from; null where it is made up.</summary>
    public static string? Location(SourceRecipe recipe) => recipe switch
    {
        MiniScapesRecipe miniScapes => miniScapes.Path.Full,
        CityscapesRecipe { Path.IsEmpty: false } cityscapes => cityscapes.Path.Full,
        CityscapesRecipe => Environment.GetEnvironmentVariable("CITYSCAPES_DATASET"),
        ManifestRecipe manifest => manifest.Path.Full,
        _ => null,
    };

    static string Given(FilePath path, string what) => path.IsEmpty || path.Text.Contains('\0')
        ? throw new DataException($"{what}(\"\"): name where the data are, relative to the program's folder")
        : path.Full;
}
