using System.Collections.Immutable;

namespace Mtlc.Compiler.Binding;

/// <summary>A component, primitive or built-in function as a call sees it.</summary>
/// <param name="Signature">"aspp(x, out = 256, rates = [3, 6, 9])"</param>
public sealed record Callee(string Name, string Signature, bool IsVariadic, ImmutableArray<CalleeParameter> Parameters)
{
    /// <param name="name">Of which <see cref="ProgramSymbols.IsComponent"/> holds.</param>
    public static Callee Of(string name, ProgramSymbols symbols)
    {
        if (BuiltinNames.Parameters.TryGetValue(name, out var builtin))
        {
            return new(
                name,
                $"{name}({string.Join(", ", builtin)})",
                false,
                [
                    .. builtin.Select(p => new CalleeParameter(
                        p,
                        !(name == "range" && p == "end"),
                        p == "value" ? null : typeof(double)
                    )),
                ]
            );
        }
        if (symbols.Components.TryGetValue(name, out var component))
            return new(
                name,
                component.Signature,
                false,
                [.. component.Syntax.Parameters.Select(p => new CalleeParameter(p.Name.Text, p.Default is null, null))]
            );
        var primitive = Primitive.All[name];
        return new(
            name,
            primitive.Declared,
            primitive.IsVariadic,
            [
                .. primitive.Operands.Select(o => new CalleeParameter(o, true, typeof(Ir.Node))),
                .. primitive.Signature.Parameters.Select(p => new CalleeParameter(p.Name, !p.IsOptional, p.Type)),
            ]
        );
    }
}

/// <param name="Type">Where it is known before the call is expanded; a word can be given where it is not.</param>
public sealed record CalleeParameter(string Name, bool IsRequired, Type? Type)
{
    /// <summary>Whether no word can be given for it.</summary>
    public bool NeedsValue => Type is not null && !Type.IsEnum && Type != typeof(Ops.Padding);
}
