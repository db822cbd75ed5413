using Mtlc.Compiler;
using Mtlc.Compiler.Recipes;
using Mtlc.Dsl.Text;
using Mtlc.Runtime.Data.Samples;
using Mtlc.Runtime.Files;

namespace Mtlc.Runtime.Data;

/// <summary>The data set that a recipe names.</summary>
public static class DataSources
{
    /// <exception cref="DataException">Its files are missing or break its rules.</exception>
    public static IDataSource Open(SourceRecipe recipe) => DataLayout.Of(recipe).Open(recipe);

    /// <summary>The data of a program, with what its model reads beside the picture.</summary>
    /// <exception cref="DataException">Files are missing or break the rules of their data set.</exception>
    public static IDataSource Open(CompiledProgram program) => MappedSource.Of(Open(program.Data.Source), program.Model);

    /// <summary>What reads files of a map for pictures that are none of the program's data
    /// (<see cref="DataLayout.ReaderOf"/>).</summary>
    /// <exception cref="DataException">The data do not say how their files are read.</exception>
    internal static MapReader ReaderOf(SourceRecipe recipe, string map) => DataLayout.Of(recipe).ReaderOf(recipe, map);

    /// <summary>The folder or the manifest that a data set is read from; null where it is made up, or nothing says where it
    /// is.</summary>
    public static string? Location(SourceRecipe recipe) => DataLayout.Of(recipe).Location(recipe);

    /// <summary>The recipe of a folder; one that no layout knows is taken for the course's, whose source then tells what it
    /// lacks.</summary>
    public static SourceRecipe OfFolder(string folder) =>
        DataLayout.All.Select(l => l.Recognize(folder)).FirstOrDefault(r => r is not null)
        ?? new MiniScapesRecipe(new FilePath(folder));
}
