using System.Globalization;
using Mtlc.Compiler.Ir;

namespace Mtlc.Compiler.Lowering;

/// <summary>The loss as expanded: which predictions it reads, with which weight.</summary>
public static class ObjectiveText
{
    public static string Write(Objective objective) =>
        objective switch
        {
            Objective.Term { Outputs: [var only] } term => $"{term.Loss.Word}({only})",
            Objective.Term term => $"mean({string.Join(", ", term.Outputs.Select(o => $"{term.Loss.Word}({o})"))})",
            Objective.Scaled { Inner: Objective.Sum } scaled => $"{Number(scaled.Weight)} * ({Write(scaled.Inner)})",
            Objective.Scaled scaled => $"{Number(scaled.Weight)} * {Write(scaled.Inner)}",
            Objective.Sum sum => string.Join(" + ", sum.Parts.Select(Write)),
            Objective.Balanced balanced => $"{balanced.Scheme.Word}({string.Join(", ", balanced.Parts.Select(Write))}"
                + string.Concat(
                    balanced.Settings.OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => $", {s.Key}: {Number(s.Value)}")
                )
                + ")",
            _ => throw new InvalidOperationException(),
        };

    static string Number(double number) => Math.Round(number, 12).ToString(CultureInfo.InvariantCulture);
}
