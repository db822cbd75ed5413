using Mtlc.Compiler.Planning;
using Mtlc.Compiler.Recipes;
using Mtlc.Runtime.Data.Cityscapes;
using Mtlc.Runtime.Data.Manifest;
using Mtlc.Runtime.Data.MiniScapes;
using Mtlc.Runtime.Data.Synthetic;

namespace Mtlc.Runtime.Data;

/// <summary>The data set that a recipe names.</summary>
public static class DataSources
{
    /// <exception cref="DataException">Its files are missing or break its rules.</exception>
    public static IDataSource Open(SourceRecipe recipe) => recipe switch
    {
        SyntheticRecipe s => new RememberedSource(new SyntheticSource(s.Scenes, s.Size, s.Seed), MemoryPlan.KeptScenes),
        MiniScapesRecipe m => new MiniScapesSource(m.Path.Full),
        CityscapesRecipe c => new CityscapesSource(c.Path.IsEmpty ? null : c.Path.Full),
        ManifestRecipe m => new ManifestSource(m.Path.Full),
        _ => throw new NotSupportedException($"there is no data set for {recipe.GetType().Name}"),
    };
}
