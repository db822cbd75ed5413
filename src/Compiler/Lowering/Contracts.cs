using Mtlc.Compiler.Binding;
using Mtlc.Compiler.Recipes;
using Mtlc.Dsl.Text;

namespace Mtlc.Compiler.Lowering;

/// <summary>What is known of a data set before it is opened.</summary>
public static class Contracts
{
    /// <summary>The contract, or null where only the data themselves tell (a manifest).</summary>
    public static DataContract? Of(SourceRecipe source) => source switch
    {
        SyntheticRecipe synthetic => new(DataContract.CityscapesClasses, 255, HasDepth: true, synthetic.Size, null),
        MiniScapesRecipe => new(DataContract.CityscapesClasses, 255, HasDepth: true, null, new(27.0727, 29.1264, 4, 300)),
        CityscapesRecipe => new(DataContract.CityscapesClasses, 255, HasDepth: true, null, null),
        _ => null,
    };

    /// <summary>As messages call it: `synthetic`, `manifest("data.yaml")`.</summary>
    public static string Name(SourceRecipe source)
    {
        FilePath path = source switch
        {
            MiniScapesRecipe miniScapes => miniScapes.Path,
            CityscapesRecipe cityscapes => cityscapes.Path,
            ManifestRecipe manifest => manifest.Path,
            _ => default,
        };
        var word = Signature.Word(source.GetType());
        return path.IsEmpty ? word : $"{word}(\"{path}\")";
    }
}
