using System.Collections.Immutable;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Recipes;

namespace Mtlc.Compiler.Ops;

/// <summary>Two-dimensional convolution with weight [out, in / groups, kernel, kernel], as torch.nn.functional.conv2d.</summary>
[Primitive("conv", "x")]
public sealed record Conv(
    [Bounds(1, 65_536)] int Out,
    [Bounds(1, 255)] int Kernel = 1,
    [Bounds(1, 64)] int Stride = 1,
    [Bounds(1, 1024)] int Dilation = 1,
    [Bounds(1, 65_536)] int Groups = 1,
    bool Bias = true,
    Padding Padding = default,
    ConvInit Init = ConvInit.Default
) : Op
{
    public override string Name => "conv";

    /// <summary>Zeros on each side, in pixels: none where an even window tiles the map (patches), as
    /// <see cref="MaxPool.Border"/>.</summary>
    public int Margin =>
        Padding.Pixels is null && Kernel % 2 == 0 && Kernel == Stride && Dilation == 1 ? 0 : Padding.Resolve(Kernel, Dilation);

    public override bool IsByPosition => Kernel == 1 && Stride == 1 && Margin == 0;

    public override Traits Traits =>
        new(Saves.FirstOperand, Computing.Low, ResultMemory.Own, ResultLayout.AsFirst, CanOverwrite: false, IsPure: true);

    public override TensorShape? Infer(ImmutableArray<TensorShape> inputs, IShapeErrors errors)
    {
        if (inputs[0].Channels % Groups != 0)
            return errors.Invalid($"{inputs[0].Channels} channels do not divide into {Groups} groups");
        if (Out % Groups != 0)
            return errors.Invalid($"{Out} output channels do not divide into {Groups} groups");
        return Windows.Infer(inputs[0], Out, Kernel, Stride, Dilation, Padding, Margin, errors);
    }

    public override ImmutableArray<ParameterSpec> Parameters(ImmutableArray<TensorShape> inputs)
    {
        var perGroup = inputs[0].Channels / Groups;
        var (fanIn, fanOut) = (perGroup * Kernel * Kernel, Out / Groups * Kernel * Kernel);
        return Init.Parameters([Out, perGroup, Kernel, Kernel], Bias ? Out : 0, fanIn, fanOut);
    }

    public override long MultiplyAdds(ImmutableArray<TensorShape> inputs, TensorShape output, int height, int width) =>
        output.Elements(height, width) * (inputs[0].Channels / Groups) * Kernel * Kernel;

    // Copies in the layout of the kernel (oneDNN).
    public override long Scratch(Node node, Workload work, bool frozen) =>
        work.Bytes(node.Inputs[0]) + work.Bytes(node) + Workload.Bytes(node.Parameters[0]);
}

/// <summary>`default` is PyTorch's uniform start, `kaiming` torchvision's for ResNets, `normal` a deviation of 0.02 and no bias,
/// as transformers have it.</summary>
public enum ConvInit
{
    Default,
    Kaiming,
    Zeros,
    Normal,
}

static class Starts
{
    /// <summary>A weight, and a bias where there is one, that start as an <see cref="ConvInit"/> says.</summary>
    /// <param name="bias">Its length; 0 for none.</param>
    public static ImmutableArray<ParameterSpec> Parameters(
        this ConvInit init,
        ImmutableArray<int> weight,
        int bias,
        int fanIn,
        int fanOut
    )
    {
        var start = init switch
        {
            ConvInit.Zeros => Initializer.Zeros,
            ConvInit.Kaiming => Initializer.Kaiming,
            ConvInit.Normal => Initializer.Normal,
            _ => Initializer.Uniform,
        };
        var made = new ParameterSpec("weight", weight, start, FanIn: fanIn, FanOut: fanOut);
        if (bias == 0)
            return [made];
        var biasStart = init is ConvInit.Zeros or ConvInit.Normal ? Initializer.Zeros : Initializer.Uniform;
        return [made, new("bias", [bias], biasStart, FanIn: fanIn, FanOut: fanOut)];
    }
}
