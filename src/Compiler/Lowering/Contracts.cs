using Mtlc.Compiler.Binding;
using Mtlc.Compiler.Recipes;

namespace Mtlc.Compiler.Lowering;

/// <summary>What is known of a data set before it is opened.</summary>
public static class Contracts
{
    /// <summary>As messages call it: `synthetic`, `manifest("data.yaml")`.</summary>
    public static string Name(SourceRecipe source)
    {
        var word = Signature.Word(source.GetType());
        return source is StoredRecipe { Path: { IsEmpty: false } path } ? $"{word}(\"{path}\")" : word;
    }
}
