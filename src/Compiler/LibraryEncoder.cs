using System.Collections.Immutable;
using Mtlc.Compiler.Binding;
using Mtlc.Compiler.Ir;
using Mtlc.Dsl.Text;

namespace Mtlc.Compiler;

/// <summary>A component of the standard library that a model may have as its encoder.</summary>
/// <param name="Parameters">Trained ones.</param>
/// <param name="Strides">At which fractions of the picture it has features: 4 for `NAME/4`.</param>
/// <param name="Weights">Whether `weights: imagenet` knows where to find some.</param>
/// <param name="Styles">Whose files are known by their names, besides those with the library's own.</param>
/// <param name="File">"resnet.mtl".</param>
public sealed record LibraryEncoder(
    string Name,
    long Parameters,
    ImmutableArray<int> Strides,
    bool Weights,
    ImmutableArray<string> Styles,
    string File
)
{
    /// <summary>What reduces a picture to a fourth at least, and needs no other argument: in the order of the library's files.</summary>
    public static ImmutableArray<LibraryEncoder> All() =>
        [
            .. StandardLibrary
                .Components.Where(c =>
                    c.Syntax.Parameters is [{ Default: null }, .. var rest] && rest.All(p => p.Default is not null)
                )
                .Select(Of)
                .OfType<LibraryEncoder>(),
        ];

    static LibraryEncoder? Of(ComponentSymbol component)
    {
        var compilation = Compilation.Compile(
            new SourceText(
                "encoder.mtl",
                $$"""
                data { source: synthetic { size: 224x448 }, augment: { crop: 224x224 } }
                model one {
                  task depth: depth
                  encoder trunk: {{component.Name}}
                  decoder head: trunk -> depth
                  loss: l2(depth)
                }
                """
            )
        );
        if (
            compilation.Program is null
            || compilation.Lowered.Values.FirstOrDefault(v => v.Key.Text == "trunk").Value is not [EncoderValue encoder, ..]
            || encoder.Node.Shape.Height is not { IsFixed: false, Denominator: > 2 }
        )
            return null;
        // All of it, whether a decoder of one map reads it or not.
        var own = compilation
            .Lowered.Nodes.Where(n => n.Declaration == "trunk")
            .SelectMany(n => n.Parameters)
            .SelectMany(p => p.Stored)
            .Distinct()
            .ToList();
        var file = System.IO.Path.GetFileName(component.Syntax.Span.Source.Path);
        string[] names = [.. own.Select(p => p.Name["trunk.".Length..])];
        return new(
            component.Name,
            own.Where(p => p.IsTrainable).Sum(p => p.Count),
            [
                .. Features(encoder)
                    .Where(n => n.Shape.Height is { IsFixed: false, Numerator: 1 })
                    .Select(n => n.Shape.Height.Denominator)
                    .Distinct()
                    .Where(d => d > 1)
                    .Order(),
            ],
            PublishedWeights.Components.Contains(component.Name),
            [.. WeightNames.All.Where(style => style.IsFor(file, names)).Select(s => s.Title).Distinct()],
            file
        );
    }

    static IEnumerable<Node> Features(EncoderValue encoder) =>
        encoder
            .Lets.Select(l => l.Value)
            .SelectMany(v => v is ChainValue chain ? chain.Steps.Prepend(v) : [v])
            .Select(v => v.Features)
            .OfType<Node>()
            .Concat(encoder.Items)
            .Append(encoder.Node);
}
