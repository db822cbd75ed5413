using System.Collections.Immutable;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Ops;
using Mtlc.Compiler.Passes;

namespace Mtlc.Compiler.Targets.PyTorch;

/// <summary>A map as the caller of `forward` hands it in: numbers that are not yet standardised, NaN where there is none.</summary>
/// <param name="Map">The argument's name.</param>
sealed record GivenMap(string Map, int Channels) : Op
{
    public override string Name => "given";

    public override Traits Traits =>
        new(Saves.Nothing, Computing.Float32, ResultMemory.Shared, ResultLayout.ChannelsFirst, CanOverwrite: false, IsPure: true);

    public override long MultiplyAdds(ImmutableArray<TensorShape> inputs, TensorShape output, int height, int width) => 0;

    public override long Scratch(Node node, Workload work, bool frozen) => 0;

    public override TensorShape? Infer(ImmutableArray<TensorShape> inputs, IShapeErrors errors) => TensorShape.Input(Channels);

    /// <summary>Standardises what it reads.</summary>
    public sealed record Standardised(MapInput Input) : Op
    {
        public override string Name => "standardised";

        public override Traits Traits => Input.Traits;

        public override long MultiplyAdds(ImmutableArray<TensorShape> inputs, TensorShape output, int height, int width) => 0;

        public override long Scratch(Node node, Workload work, bool frozen) => 0;

        public override TensorShape? Infer(ImmutableArray<TensorShape> inputs, IShapeErrors errors) => inputs[0];

        public override ImmutableArray<ParameterSpec> Parameters(ImmutableArray<TensorShape> inputs) => Input.Parameters(inputs);
    }

    /// <summary>
    /// A module reads what it is called with, so that an input of the language becomes two things:
    /// <code>
    /// disparity = map()   ====>   given = given(); disparity = standardised(given)
    /// </code>
    /// </summary>
    public static Graph Apart(Graph graph) =>
        Rewriter.Run(
            graph,
            (rewriter, node) =>
                node.Op is MapInput input
                    ? rewriter.Replace(
                        node,
                        new Standardised(input),
                        [rewriter.Add(node, "given", new GivenMap(input.Map, input.Channels), [], [])],
                        node.Parameters
                    )
                    : null
        );
}
