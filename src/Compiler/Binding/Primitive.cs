using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Ops;

namespace Mtlc.Compiler.Binding;

/// <summary>A primitive as a call sees it: feature operands first, then the settings of its record.</summary>
public sealed record Primitive(string Name, ImmutableArray<string> Operands, bool IsVariadic, Signature Signature)
{
    /// <summary>Every primitive of the language, by name.</summary>
    public static readonly FrozenDictionary<string, Primitive> All = DeclaredTypes
        .In(typeof(Conv).Assembly, typeof(Conv).Namespace!)
        .Where(t => t.IsSubclassOf(typeof(Op)))
        .Select(t => (Type: t, Attribute: t.GetCustomAttribute<PrimitiveAttribute>()))
        .Where(p => p.Attribute is not null)
        .Select(p => new Primitive(p.Attribute!.Name, [.. p.Attribute.Operands], p.Attribute.Variadic, Signature.Of(p.Type)))
        .ToFrozenDictionary(p => p.Name);

    public ImmutableArray<string> ParameterNames { get; } = [.. Operands, .. Signature.Parameters.Select(p => p.Name)];

    /// <summary>"conv(x, out, kernel = 1, stride = 1, ...)", for messages.</summary>
    public string Declared =>
        field ??= $"{Name}({(IsVariadic ? "..." : string.Join(", ", Operands.Concat(Signature.Parameters.Select(Written))))})";

    static string Written(SignatureParameter parameter) =>
        parameter.Default switch
        {
            _ when !parameter.IsOptional => parameter.Name,
            null => parameter.Type == typeof(Padding) ? $"{parameter.Name} = same" : parameter.Name,
            bool value => $"{parameter.Name} = {(value ? "true" : "false")}",
            Enum value => $"{parameter.Name} = {Signature.Snake(value.ToString())}",
            var value => string.Create(CultureInfo.InvariantCulture, $"{parameter.Name} = {value}"),
        };
}
