using Mtlc.Compiler.Recipes;
using Mtlc.Runtime.Data.Cityscapes;
using Mtlc.Runtime.Data.Manifest;
using Mtlc.Runtime.Data.MiniScapes;
using Mtlc.Runtime.Data.Synthetic;

namespace Mtlc.Runtime.Data;

/// <summary>The data set that a recipe names.</summary>
public static class DataSources
{
    /// <summary>Rendered scenes that are kept: about 2,000 of 128x256, or 500 of 256x512.</summary>
    const long RenderedBytes = 512L << 20;

    /// <exception cref="DataException">Its files are missing or break its rules.</exception>
    public static IDataSource Open(SourceRecipe recipe) => recipe switch
    {
        SyntheticRecipe s => new RememberedSource(new SyntheticSource(s.Scenes, s.Size, s.Seed), RenderedBytes),
        MiniScapesRecipe m => new MiniScapesSource(m.Path.Full),
        CityscapesRecipe c => new CityscapesSource(c.Path.IsEmpty ? null : c.Path.Full),
        ManifestRecipe m => new ManifestSource(m.Path.Full),
        _ => throw new NotSupportedException($"there is no data set for {recipe.GetType().Name}"),
    };
}
