using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Recipes;

namespace Mtlc.Runtime;

/// <summary>
/// A word of the language that a run must do something for (a kind of task, a loss, a metric, a balancing scheme, a data set) has
/// a class here that does it. Such classes are found by what they derive from: no list names them, and a missing one is told by
/// the tests. </summary>
static class Partners
{
    /// <summary>The classes that can be made and derive from a base, or implement it. They lie in the base's folder of this
    /// project, or below it: Data, Metrics, Tasks, Torch, Training.</summary>
    public static ImmutableArray<Type> Of<TBase>() =>
        [
            .. DeclaredTypes
                .In(typeof(Partners).Assembly, string.Join('.', typeof(TBase).Namespace!.Split('.').Take(3)))
                .Where(t => t.IsAssignableTo(typeof(TBase)) && !t.IsAbstract)
                .OrderBy(t => t.FullName, StringComparer.Ordinal),
        ];

    /// <summary>The word with which a class is marked (<see cref="WordAttribute"/>), or null.</summary>
    public static string? Word(Type type) => type.GetCustomAttribute<WordAttribute>()?.Word;

    /// <summary>Makes one of these classes with the constructor that takes these arguments.</summary>
    public static TBase Make<TBase>(Type type, params object[] arguments) =>
        (TBase)
            Activator.CreateInstance(
                type,
                BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DoNotWrapExceptions,
                null,
                arguments,
                CultureInfo.InvariantCulture
            )!;
}
