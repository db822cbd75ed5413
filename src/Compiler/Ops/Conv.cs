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
    ConvInit Init = ConvInit.Default) : Op
{
    public override string Name => "conv";

    public override Traits Traits => new(Saves.FirstOperand, Computing.Low, ResultMemory.Own, ResultLayout.AsFirst, CanOverwrite: false, IsPure: true);

    public override TensorShape? Infer(ImmutableArray<TensorShape> inputs, IShapeErrors errors)
    {
        if (inputs[0].Channels % Groups != 0)
            return errors.Invalid($"{inputs[0].Channels} channels do not divide into {Groups} groups");
        if (Out % Groups != 0)
            return errors.Invalid($"{Out} output channels do not divide into {Groups} groups");
        return Windows.Infer(inputs[0], Out, Kernel, Stride, Dilation, Padding, errors);
    }

    public override ImmutableArray<ParameterSpec> Parameters(ImmutableArray<TensorShape> inputs)
    {
        var perGroup = inputs[0].Channels / Groups;
        var (fanIn, fanOut) = (perGroup * Kernel * Kernel, Out / Groups * Kernel * Kernel);
        var init = Init switch { ConvInit.Zeros => Initializer.Zeros, ConvInit.Kaiming => Initializer.Kaiming, _ => Initializer.Uniform };
        var weight = new ParameterSpec("weight", [Out, perGroup, Kernel, Kernel], init, FanIn: fanIn, FanOut: fanOut);
        if (!Bias)
            return [weight];
        return [weight, new("bias", [Out], Init == ConvInit.Zeros ? Initializer.Zeros : Initializer.Uniform, FanIn: fanIn, FanOut: fanOut)];
    }

    public override long MultiplyAdds(ImmutableArray<TensorShape> inputs, TensorShape output, int height, int width) =>
        output.Elements(height, width) * (inputs[0].Channels / Groups) * Kernel * Kernel;

    // Copies in the layout of the kernel (oneDNN).
    public override long Scratch(Node node, Workload work, bool frozen) =>
        work.Bytes(node.Inputs[0]) + work.Bytes(node) + Workload.Bytes(node.Parameters[0]);
}

/// <summary>`default` is PyTorch's uniform start, `kaiming` torchvision's for ResNets.</summary>
public enum ConvInit { Default, Kaiming, Zeros }
