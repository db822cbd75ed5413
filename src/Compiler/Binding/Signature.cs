using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Reflection;
using System.Text;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Recipes;

namespace Mtlc.Compiler.Binding;

/// <summary>How a record is written in the language: its constructor's parameters, in order, under their snake_case
/// names.</summary>
public sealed class Signature
{
    static readonly ConcurrentDictionary<Type, Signature> Known = new();
    static readonly ConcurrentDictionary<Type, ImmutableArray<(string Word, Type Type)>> KnownChoices = new();

    readonly ConstructorInfo constructor;

    Signature(Type type)
    {
        Type = type;
        constructor = type.GetConstructors()[0];
        Parameters =
        [
            .. constructor
                .GetParameters()
                .Select(p => new SignatureParameter(
                    Snake(p.Name!),
                    p.Name!,
                    Nullable.GetUnderlyingType(p.ParameterType) ?? p.ParameterType,
                    p.HasDefaultValue,
                    p.HasDefaultValue ? p.DefaultValue : null,
                    p.GetCustomAttribute<BoundsAttribute>(),
                    p.IsDefined(typeof(LaterAttribute))
                )),
        ];
    }

    public Type Type { get; }

    public ImmutableArray<SignatureParameter> Parameters { get; }

    public static Signature Of(Type type) => Known.GetOrAdd(type, t => new(t));

    /// <summary>Builds the record; a missing value takes its default.</summary>
    public object Create(IReadOnlyDictionary<string, object?> values)
    {
        var arguments = new object?[Parameters.Length];
        for (var i = 0; i < arguments.Length; i++)
        {
            var parameter = Parameters[i];
            // null is a value type's default, or that nothing is said.
            arguments[i] = values.TryGetValue(parameter.Name, out var given) ? given : parameter.Default;
        }
        return constructor.Invoke(arguments);
    }

    /// <summary>The choices of a closed union of records, which lie in its namespace, by the word that selects each: `sgd`,
    /// `adam`, `adamw`.</summary>
    public static ImmutableArray<(string Word, Type Type)> Choices(Type union) =>
        KnownChoices.GetOrAdd(
            union,
            u =>
                [
                    .. DeclaredTypes
                        .In(u.Assembly, u.Namespace!)
                        .Where(t => !t.IsAbstract && t.IsSubclassOf(u))
                        .OrderBy(t => t.MetadataToken)
                        .Select(t => (Word(t), t)),
                ]
        );

    /// <summary>The word that selects a choice: "adam".</summary>
    public static string Word(Type type) => type.GetCustomAttribute<WordAttribute>()?.Word ?? Snake(type.Name);

    /// <summary>The record's value of a parameter.</summary>
    public static object? Read(object record, SignatureParameter parameter) =>
        record.GetType().GetProperty(parameter.Property)!.GetValue(record);

    /// <summary>"WeightDecay" to "weight_decay".</summary>
    public static string Snake(string name)
    {
        var text = new StringBuilder();
        foreach (var letter in name)
        {
            if (char.IsUpper(letter) && text.Length > 0)
                text.Append('_');
            text.Append(char.ToLowerInvariant(letter));
        }
        return text.ToString();
    }
}

/// <param name="Type">int, double, bool, string, an enum, ImageSize, Padding, Interval, or another record.</param>
/// <param name="Property">The record's property of that parameter.</param>
/// <param name="IsLater">See <see cref="LaterAttribute"/>.</param>
public sealed record SignatureParameter(
    string Name,
    string Property,
    Type Type,
    bool IsOptional,
    object? Default,
    BoundsAttribute? Bounds,
    bool IsLater = false
);
