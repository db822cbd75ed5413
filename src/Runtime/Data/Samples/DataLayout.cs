using System.Collections.Frozen;
using Mtlc.Compiler.Binding;
using Mtlc.Compiler.Recipes;
using Mtlc.Runtime.Files;

namespace Mtlc.Runtime.Data.Samples;

/// <summary>
/// How a data set lies on disk, or is made: what opens a recipe of the language. The class of a recipe derives from
/// <see cref="DataLayout{TRecipe}"/> of it, by which it is found.
/// </summary>
abstract class DataLayout
{
    static readonly FrozenDictionary<Type, DataLayout> ByRecipe = Partners
        .Of<DataLayout>()
        .ToFrozenDictionary(t => t.BaseType!.GetGenericArguments()[0], t => Partners.Make<DataLayout>(t));

    /// <summary>Every layout, in the order of the language's.</summary>
    public static IEnumerable<DataLayout> All => Signature.Choices(typeof(SourceRecipe)).Select(c => ByRecipe[c.Type]);

    /// <exception cref="KeyNotFoundException">The runtime opens nothing of the kind.</exception>
    public static DataLayout Of(SourceRecipe recipe) => ByRecipe[recipe.GetType()];

    /// <exception cref="DataException">Files are missing or break the layout's rules.</exception>
    public abstract IDataSource Open(SourceRecipe recipe);

    /// <summary>The folder or file that the data are read from, where one is named; null where they are made up.</summary>
    public abstract string? Location(SourceRecipe recipe);

    /// <summary>The recipe of a folder that shows by what is in it that it is of this layout; else null.</summary>
    public abstract SourceRecipe? Recognize(string folder);

    /// <summary>What reads files of a map beside pictures that are none of the data's: as their own files of it are, or `.npy` and
    /// `.pfm` files of its numbers.</summary>
    /// <exception cref="DataException">The data do not say how their files are read.</exception>
    public virtual MapReader ReaderOf(SourceRecipe recipe, string map) => MapFile.ReadFloats;

    protected static bool IsPng(string path) => Path.GetExtension(path).Equals(".png", StringComparison.OrdinalIgnoreCase);

    /// <summary>A path that must be given.</summary>
    /// <exception cref="DataException">It is empty, or none.</exception>
    protected static string Given(StoredRecipe recipe) =>
        recipe.Path.IsEmpty || recipe.Path.Text.Contains('\0')
            ? throw new DataException(
                $"{Signature.Word(recipe.GetType())}(\"\"): name where the data are, relative to the program's folder"
            )
            : recipe.Path.Full;
}

/// <summary>Reads a file of a map.</summary>
/// <returns>As <see cref="IDataSource.ReadMap"/> gives it.</returns>
/// <exception cref="DataException">It is unreadable, or of another size than the picture.</exception>
delegate float[] MapReader(string path, int height, int width);

/// <inheritdoc/>
abstract class DataLayout<TRecipe> : DataLayout
    where TRecipe : SourceRecipe
{
    public sealed override IDataSource Open(SourceRecipe recipe) => Open((TRecipe)recipe);

    public sealed override string? Location(SourceRecipe recipe) => Location((TRecipe)recipe);

    protected abstract IDataSource Open(TRecipe recipe);

    protected abstract string? Location(TRecipe recipe);
}
