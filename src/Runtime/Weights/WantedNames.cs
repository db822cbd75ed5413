using System.Collections.Immutable;
using Mtlc.Compiler.Binding;
using Mtlc.Compiler.Ir;

namespace Mtlc.Runtime.Weights;

/// <summary>What an encoder needs, under the names of one style.</summary>
/// <param name="Title">Whose names they are; empty for the library's own.</param>
/// <param name="Tensors">Each parameter, and the tensors of the file that make it.</param>
sealed record WantedNames(string Title, ImmutableArray<(Parameter Parameter, ImmutableArray<TensorPart> Parts)> Tensors)
{
    /// <summary>What was put beside an encoder, which files lack that were made without it.</summary>
    public static WantedNames OfAdapters(string own, IEnumerable<Parameter> parameters) =>
        new(
            "",
            [
                .. parameters
                    .Where(p => p.Name.StartsWith(own, StringComparison.Ordinal) && p.Role == ParameterRole.Adapter)
                    .Select(p => (p, ImmutableArray.Create(new TensorPart(p.Name[own.Length..])))),
            ]
        );

    /// <summary>The library's own names first, then each style that has other names for this encoder.</summary>
    /// <param name="own">The encoder's name and a dot.</param>
    public static ImmutableArray<WantedNames> InEveryStyle(string own, IEnumerable<Parameter> parameters)
    {
        var plain = parameters
            .Where(p => p.Name.StartsWith(own, StringComparison.Ordinal) && p.Role != ParameterRole.Adapter)
            .Select(p => (Parameter: p, Name: p.Name[own.Length..]))
            .ToList();
        var styles = WeightNames.All.Select(style => new WantedNames(
            style.Title,
            [.. plain.Select(p => (p.Parameter, style.Of(p.Name)))]
        ));
        return
        [
            new("", [.. plain.Select(p => (p.Parameter, ImmutableArray.Create(new TensorPart(p.Name))))]),
            .. styles.Where(s =>
                s.Tensors.Zip(plain).Any(t => t.First.Parts is not [{ Of: 1 } part] || part.Name != t.Second.Name)
            ),
        ];
    }
}
