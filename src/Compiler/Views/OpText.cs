using System.Collections.Immutable;
using System.Globalization;
using Mtlc.Compiler.Binding;
using Mtlc.Compiler.Ir;

namespace Mtlc.Compiler.Views;

/// <summary>An operation as a call of the language, with the settings that differ from their defaults.</summary>
public static class OpText
{
    public static string Write(Node node) =>
        $"{node.Op.Name}({string.Join(", ", node.Inputs.Select(i => i.Name).Concat(Settings(node.Op)))})";

    public static IEnumerable<string> Settings(Op op)
    {
        foreach (var parameter in Signature.Of(op.GetType()).Parameters)
        {
            var value = Signature.Read(op, parameter);
            var isDefault =
                parameter.IsOptional
                && Equals(
                    value,
                    parameter.Default ?? (parameter.Type.IsValueType ? Activator.CreateInstance(parameter.Type) : null)
                );
            if (!isDefault)
                yield return $"{parameter.Name}: {Text(value)}";
        }
    }

    static string Text(object? value) =>
        value switch
        {
            bool flag => flag ? "true" : "false",
            double number => number.ToString("R", CultureInfo.InvariantCulture),
            Op op => op.Name,
            ImmutableArray<ChannelRange> ranges => string.Join(" and ", ranges),
            Enum word => Signature.Snake(word.ToString()),
            IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
            _ => value?.ToString() ?? "none",
        };
}
