using System.Collections.Immutable;
using Mtlc.Compiler.Recipes;
using Mtlc.Dsl.Syntax;

namespace Mtlc.Compiler.Binding;

/// <summary>Which records hold the settings of a recipe: those of a path, through every choice there is.</summary>
public static class SettingTypes
{
    public static ImmutableArray<Type> Of(RecipeKind kind) =>
        [kind == RecipeKind.Data ? typeof(DataRecipe) : typeof(TrainRecipe)];

    /// <summary>Every setting of these records, each name once.</summary>
    public static ImmutableArray<SignatureParameter> Settings(ImmutableArray<Type> types) =>
        [
            .. types
                .Where(IsRecord)
                .SelectMany(t => t.IsAbstract ? Signature.Choices(t).Select(c => c.Type) : [t])
                .SelectMany(t => Signature.Of(t).Parameters)
                .DistinctBy(p => p.Name),
        ];

    /// <summary>The types that a setting of these records has; none where there is no such setting.</summary>
    public static ImmutableArray<Type> Below(ImmutableArray<Type> types, string name) =>
        [
            .. types
                .Where(IsRecord)
                .SelectMany(t => t.IsAbstract ? Signature.Choices(t).Select(c => c.Type) : [t])
                .SelectMany(t => Signature.Of(t).Parameters)
                .Where(p => p.Name == name)
                .Select(p => p.Type)
                .Distinct(),
        ];

    /// <summary>Whether settings stand below it, not a value alone.</summary>
    public static bool IsRecord(Type type) =>
        type.IsClass && type.Namespace == typeof(DataRecipe).Namespace && type != typeof(Interval);
}
