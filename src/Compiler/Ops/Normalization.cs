using System.Collections.Immutable;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Recipes;

namespace Mtlc.Compiler.Ops;

/// <summary>Batch normalisation with running statistics, as torch.nn.BatchNorm2d.</summary>
/// <param name="Eps">Added to the variance.</param>
/// <param name="Momentum">How much of a batch's statistics goes into the running ones.</param>
[Primitive("batch_norm", "x")]
public sealed record BatchNorm(
    NormInit Init = NormInit.Ones,
    [Bounds(0, 1, Above = true)] double Eps = BatchNorm.UsualEps,
    [Bounds(0, 1)] double Momentum = BatchNorm.UsualMomentum
) : Op
{
    public const double UsualEps = 1e-5;
    public const double UsualMomentum = 0.1;

    public override string Name => "batch_norm";

    // It counts its batches.
    public override Traits Traits =>
        new(Saves.FirstOperand, Computing.AsOperands, ResultMemory.Own, ResultLayout.AsFirst, CanOverwrite: false, IsPure: false);

    public override long MultiplyAdds(ImmutableArray<TensorShape> inputs, TensorShape output, int height, int width) => 0;

    public override long Scratch(Node node, Workload work, bool frozen) => 0;

    public override TensorShape? Infer(ImmutableArray<TensorShape> inputs, IShapeErrors errors) => inputs[0];

    public override ImmutableArray<ParameterSpec> Parameters(ImmutableArray<TensorShape> inputs)
    {
        ImmutableArray<int> perChannel = [inputs[0].Channels];
        return
        [
            new("weight", perChannel, Init == NormInit.Zeros ? Initializer.Zeros : Initializer.Ones),
            new("bias", perChannel, Initializer.Zeros),
            new("running_mean", perChannel, Initializer.Zeros, IsTrainable: false),
            new("running_var", perChannel, Initializer.Ones, IsTrainable: false),
            new("num_batches_tracked", [], Initializer.Zeros, IsTrainable: false, IsInteger: true),
        ];
    }
}

public enum NormInit
{
    Ones,
    Zeros,
}

/// <summary>Normalisation over the channels of each pixel (eps 1e-6), as ConvNeXt's channels-first layer norm.</summary>
[Primitive("layer_norm", "x")]
public sealed record LayerNorm([Bounds(0, 1, Above = true)] double Eps = 1e-6) : Op
{
    public override string Name => "layer_norm";
    public override bool IsByPosition => true;

    public override Traits Traits =>
        new(Saves.FirstOperand, Computing.Float32, ResultMemory.Own, ResultLayout.AsFirst, CanOverwrite: false, IsPure: true);

    public override long MultiplyAdds(ImmutableArray<TensorShape> inputs, TensorShape output, int height, int width) => 0;

    public override long Scratch(Node node, Workload work, bool frozen) => 0;

    public override TensorShape? Infer(ImmutableArray<TensorShape> inputs, IShapeErrors errors) => inputs[0];

    public override ImmutableArray<ParameterSpec> Parameters(ImmutableArray<TensorShape> inputs) =>
        [new("weight", [inputs[0].Channels], Initializer.Ones), new("bias", [inputs[0].Channels], Initializer.Zeros)];
}

/// <summary>Normalisation over the pixels and channels of each of some groups of channels, as torch.nn.GroupNorm (Wu and He
/// 2018).</summary>
[Primitive("group_norm", "x")]
public sealed record GroupNorm([Bounds(1, 65_536)] int Groups = 32, [Bounds(0, 1, Above = true)] double Eps = 1e-5) : Op
{
    public override string Name => "group_norm";

    public override Traits Traits =>
        new(Saves.FirstOperand, Computing.Float32, ResultMemory.Own, ResultLayout.AsFirst, CanOverwrite: false, IsPure: true);

    public override long MultiplyAdds(ImmutableArray<TensorShape> inputs, TensorShape output, int height, int width) => 0;

    public override long Scratch(Node node, Workload work, bool frozen) => 0;

    public override TensorShape? Infer(ImmutableArray<TensorShape> inputs, IShapeErrors errors) =>
        inputs[0].Channels % Groups == 0
            ? inputs[0]
            : errors.Invalid($"{inputs[0].Channels} channels do not divide into {Groups} groups");

    public override ImmutableArray<ParameterSpec> Parameters(ImmutableArray<TensorShape> inputs) =>
        [new("weight", [inputs[0].Channels], Initializer.Ones), new("bias", [inputs[0].Channels], Initializer.Zeros)];
}

/// <summary>Each channel times a trained number that starts small, so that a block starts as nearly nothing (Touvron et al.
/// 2021).</summary>
[Primitive("layer_scale", "x")]
public sealed record LayerScale([Bounds(-1e6, 1e6)] double Init = 1e-6) : Op
{
    public override string Name => "layer_scale";
    public override bool IsByPosition => true;

    public override Traits Traits =>
        new(Saves.FirstOperand, Computing.Float32, ResultMemory.Own, ResultLayout.AsFirst, CanOverwrite: false, IsPure: true);

    public override long MultiplyAdds(ImmutableArray<TensorShape> inputs, TensorShape output, int height, int width) => 0;

    public override long Scratch(Node node, Workload work, bool frozen) => 0;

    public override TensorShape? Infer(ImmutableArray<TensorShape> inputs, IShapeErrors errors) => inputs[0];

    public override ImmutableArray<ParameterSpec> Parameters(ImmutableArray<TensorShape> inputs) =>
        [new("", [inputs[0].Channels, 1, 1], Initializer.Constant) { Value = Init }];
}

/// <summary>Each pixel's channels, or each of some groups of them, divided by their Euclidean length, at least eps, as
/// torch.nn.functional.normalize.</summary>
[Primitive("l2_normalize", "x")]
public sealed record L2Normalize([Bounds(0, 1, Above = true)] double Eps = 1e-12, [Bounds(1, 65_536)] int Groups = 1) : Op
{
    public override string Name => "l2_normalize";
    public override bool IsByPosition => true;

    public override Traits Traits =>
        new(Saves.FirstOperand, Computing.Float32, ResultMemory.Own, ResultLayout.AsFirst, CanOverwrite: false, IsPure: true);

    public override long MultiplyAdds(ImmutableArray<TensorShape> inputs, TensorShape output, int height, int width) => 0;

    public override long Scratch(Node node, Workload work, bool frozen) => 0;

    public override TensorShape? Infer(ImmutableArray<TensorShape> inputs, IShapeErrors errors) =>
        inputs[0].Channels % Groups == 0
            ? inputs[0]
            : errors.Invalid($"{inputs[0].Channels} channels do not divide into {Groups} groups");
}
