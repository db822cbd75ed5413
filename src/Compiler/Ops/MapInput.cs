using System.Collections.Immutable;
using Mtlc.Compiler.Ir;

namespace Mtlc.Compiler.Ops;

/// <summary>
/// An input beside the picture (`input NAME: map`): numbers that the data give with each picture, standardised by their mean and
/// deviation a channel. Where there is no number (NaN) the result is 0, which is the mean. The caller hands its channels in
/// behind those of the picture. </summary>
/// <param name="Map">What the data call it.</param>
/// <param name="Start">The first of its channels in what the caller hands in.</param>
/// <param name="Mean">As the program gives it, of every channel.</param>
/// <param name="Deviation">The same; 0 where both are measured, on the training split.</param>
public sealed record MapInput(int Channels, string Map, int Start, double Mean = 0, double Deviation = 0) : Op
{
    public override string Name => "map";

    public override Traits Traits =>
        new(Saves.Nothing, Computing.Float32, ResultMemory.Own, ResultLayout.ChannelsFirst, CanOverwrite: false, IsPure: true);

    public override long MultiplyAdds(ImmutableArray<TensorShape> inputs, TensorShape output, int height, int width) => 0;

    // Differences, and which numbers there are.
    public override long Scratch(Node node, Workload work, bool frozen) => 2 * work.Bytes(node);

    public override TensorShape? Infer(ImmutableArray<TensorShape> inputs, IShapeErrors errors) => TensorShape.Input(Channels);

    /// <summary>Kept in checkpoints like running statistics: whoever has the weights can read maps.</summary>
    public override ImmutableArray<ParameterSpec> Parameters(ImmutableArray<TensorShape> inputs) =>
        [Kept("mean", Mean), Kept("deviation", Deviation > 0 ? Deviation : 1)];

    ParameterSpec Kept(string name, double value) =>
        new(name, [Channels], Initializer.Constant, IsTrainable: false) { Value = value };
}
