using System.Globalization;
using Mtlc.Compiler.Binding;

namespace Mtlc.LanguageServer.Features;

/// <summary>A value of the language, short enough for a hint.</summary>
static class ValueText
{
    const int MostItems = 8;

    /// <summary>Empty where there is nothing to say.</summary>
    public static string Of(Value value) =>
        value switch
        {
            NumberValue number => number.Number.ToString(CultureInfo.InvariantCulture),
            BooleanValue boolean => boolean.Value ? "true" : "false",
            StringValue text => $"\"{text.Text}\"",
            WordValue word => word.Name.Text,
            SizeValue size => size.Size.ToString(),
            FactorValue or UntilValue or ExceptValue => value
                .Describe()
                .Replace("the factor ", "", StringComparison.Ordinal)
                .Trim('\''),
            ComponentValue component => component.Name,
            ListValue { Items.Length: <= MostItems } list => $"[{string.Join(", ", list.Items.Select(Of))}]",
            ListValue list => $"a list of {list.Items.Length}",
            NoneValue => "none",
            { Features: { } node } => node.Shape.ToString(),
            _ => "",
        };
}
