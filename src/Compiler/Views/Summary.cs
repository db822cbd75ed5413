using System.Collections.Immutable;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Recipes;

namespace Mtlc.Compiler.Views;

/// <summary>What each declaration makes and costs.</summary>
/// <param name="Parameters">Trainable parameters; shared ones count where they are used first.</param>
/// <param name="Frozen">Parameters that `frozen` keeps as they start.</param>
/// <param name="MultiplyAdds">Of one forward pass over one picture of <paramref name="Size"/>, in training.</param>
/// <param name="OutputStride">How far the encoder's result (the largest reduction on the way, where there is none) is
/// reduced.</param>
public sealed record Summary(
    string Model,
    ImageSize Size,
    long Parameters,
    long Frozen,
    long MultiplyAdds,
    int OutputStride,
    ImmutableArray<DeclarationSummary> Declarations
)
{
    public static Summary Of(Model model, ImageSize size)
    {
        var graph = model.Training;
        var nodes = graph.Nodes.ToLookup(n => n.Declaration);
        var counted = new HashSet<Parameter>();
        var declarations = model
            .Declarations.Where(d => d.Kind != "refine" && nodes.Contains(d.Name))
            .Select(d => Summarize(d, [.. nodes[d.Name]], counted, size));
        var known = model.Declarations.Where(d => d.Kind != "refine").Select(d => d.Name).ToHashSet(StringComparer.Ordinal);
        var refinements = model
            .Declarations.Where(d => d.Kind == "refine" && !known.Contains(d.Name) && nodes.Contains(d.Name))
            .Select(d => Summarize(d with { Result = nodes[d.Name].Last() }, [.. nodes[d.Name]], counted, size));
        return new(
            model.Name,
            size,
            graph.TrainableCount,
            graph.FrozenCount,
            graph.MultiplyAdds(size.Height, size.Width),
            Stride(model),
            [.. declarations, .. refinements]
        );
    }

    static DeclarationSummary Summarize(
        Declaration declaration,
        ImmutableArray<Node> nodes,
        HashSet<Parameter> counted,
        ImageSize size
    )
    {
        var parameters = nodes.SelectMany(n => n.Parameters).Where(p => p.Spec.IsTrainable && counted.Add(p)).ToList();
        return new(
            declaration.Name,
            declaration.Kind,
            declaration.Inputs,
            declaration.Tasks,
            declaration.Result?.Shape,
            parameters.Where(p => p.IsTrainable).Sum(p => p.Count),
            parameters.Where(p => p.IsFrozen).Sum(p => p.Count),
            nodes.Sum(n => n.MultiplyAdds(size.Height, size.Width))
        );
    }

    static int Stride(Model model)
    {
        var encoders = model.Declarations.Where(d => d.Kind == "encoder" && d.Result is { Shape.Height.IsFixed: false }).ToList();
        return encoders.Count > 0 ? encoders.Max(e => e.Result!.Shape.Height.Denominator) : OutputStrides.Of(model.Training);
    }
}

/// <param name="Shape">Of the features made; null where the result is no feature map.</param>
public sealed record DeclarationSummary(
    string Name,
    string Kind,
    ImmutableArray<string> Inputs,
    ImmutableArray<string> Tasks,
    TensorShape? Shape,
    long Parameters,
    long Frozen,
    long MultiplyAdds
);
