using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Reflection;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Ops;

namespace Mtlc.Compiler.Binding;

/// <summary>A primitive as a call sees it: feature operands first, then the settings of its record.</summary>
public sealed record Primitive(string Name, ImmutableArray<string> Operands, bool IsVariadic, Signature Signature)
{
    /// <summary>Every primitive of the language, by name.</summary>
    public static readonly FrozenDictionary<string, Primitive> All = typeof(Conv).Assembly.GetTypes()
        .Where(t => t.Namespace == typeof(Conv).Namespace && t.IsSubclassOf(typeof(Op)))
        .Select(t => (Type: t, Attribute: t.GetCustomAttribute<PrimitiveAttribute>()))
        .Where(p => p.Attribute is not null)
        .Select(p => new Primitive(p.Attribute!.Name, [.. p.Attribute.Operands], p.Attribute.Variadic, Signature.Of(p.Type)))
        .ToFrozenDictionary(p => p.Name);

    /// <summary>"conv(x, out, kernel = 1, ...)"</summary>
    public ImmutableArray<string> ParameterNames => [.. Operands, .. Signature.Parameters.Select(p => p.Name)];
}
