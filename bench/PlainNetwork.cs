using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using F = TorchSharp.torch.nn.functional;

namespace Mtlc.Bench;

/// <summary>The branched network as one would write it by hand with TorchSharp's modules and its optimizer.</summary>
sealed class PlainNetwork : Module<Tensor, (Tensor Semseg, Tensor Depth)>
{
    readonly ResNet trunk = new();
    readonly Aspp first = new(512),
        second = new(512);
    readonly Decoder semseg = new(19),
        depth = new(1);

    public PlainNetwork()
        : base("branched") => RegisterComponents();

    public override (Tensor Semseg, Tensor Depth) forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var (quarter, last) = trunk.forward(x);
        var (height, width) = (x.shape[2], x.shape[3]);
        var one = Resized(semseg.forward(first.forward(last), quarter), height, width);
        var two = Resized(depth.forward(second.forward(last), quarter), height, width);
        return (one.MoveToOuterDisposeScope(), two.MoveToOuterDisposeScope());
    }

    static Tensor Resized(Tensor x, long height, long width) =>
        F.interpolate(x, [height, width], mode: InterpolationMode.Bilinear, align_corners: false);

    static Conv2d Convolution(
        long inputs,
        long outputs,
        long kernel = 1,
        long stride = 1,
        long dilation = 1,
        bool bias = false
    ) => Conv2d(inputs, outputs, kernel, stride, dilation * (kernel - 1) / 2, dilation, bias: bias);

    static Sequential Unit(long inputs, long outputs, long kernel = 1, long dilation = 1) =>
        Sequential(Convolution(inputs, outputs, kernel, 1, dilation), BatchNorm2d(outputs), ReLU());

    sealed class Block : Module<Tensor, Tensor>
    {
        readonly Conv2d conv1,
            conv2;
        readonly BatchNorm2d bn1,
            bn2;
        readonly Sequential? downsample;

        public Block(long inputs, long width, long stride, long dilation)
            : base("block")
        {
            (conv1, conv2) = (Convolution(inputs, width, 3, stride), Convolution(width, width, 3, 1, dilation));
            (bn1, bn2) = (BatchNorm2d(width), BatchNorm2d(width));
            if (stride != 1 || inputs != width)
                downsample = Sequential(Convolution(inputs, width, 1, stride), BatchNorm2d(width));
            RegisterComponents();
        }

        public override Tensor forward(Tensor x)
        {
            var y = bn2.forward(conv2.forward(F.relu(bn1.forward(conv1.forward(x)))));
            return F.relu(y + (downsample is null ? x : downsample.forward(x)));
        }
    }

    sealed class ResNet : Module<Tensor, (Tensor Quarter, Tensor Last)>
    {
        readonly Conv2d conv1 = Convolution(3, 64, 7, 2);
        readonly BatchNorm2d bn1 = BatchNorm2d(64);
        readonly Sequential layer1 = Stage(64, 64, 3, 1, 1),
            layer2 = Stage(64, 128, 4, 2, 1),
            layer3 = Stage(128, 256, 6, 2, 1),
            layer4 = Stage(256, 512, 3, 1, 2);

        public ResNet()
            : base("resnet34") => RegisterComponents();

        static Sequential Stage(long inputs, long width, int depth, long stride, long dilation) =>
            Sequential(
                Enumerable
                    .Range(0, depth)
                    .Select(i =>
                        ($"{i}", (Module<Tensor, Tensor>)new Block(i == 0 ? inputs : width, width, i == 0 ? stride : 1, dilation))
                    )
            );

        public override (Tensor Quarter, Tensor Last) forward(Tensor x)
        {
            var quarter = layer1.forward(F.max_pool2d(F.relu(bn1.forward(conv1.forward(x))), 3, 2, 1));
            return (quarter, layer4.forward(layer3.forward(layer2.forward(quarter))));
        }
    }

    sealed class Aspp : Module<Tensor, Tensor>
    {
        readonly Sequential point,
            low,
            middle,
            high,
            pooled,
            project;

        public Aspp(long inputs)
            : base("aspp")
        {
            (point, pooled, project) = (Unit(inputs, 256), Unit(inputs, 256), Unit(5 * 256, 256));
            (low, middle, high) = (Unit(inputs, 256, 3, 3), Unit(inputs, 256, 3, 6), Unit(inputs, 256, 3, 9));
            RegisterComponents();
        }

        public override Tensor forward(Tensor x)
        {
            var mean = Resized(pooled.forward(x.mean([2, 3], keepdim: true)), x.shape[2], x.shape[3]);
            return project.forward(cat([point.forward(x), low.forward(x), middle.forward(x), high.forward(x), mean], 1));
        }
    }

    sealed class Decoder : Module<Tensor, Tensor, Tensor>
    {
        readonly Conv2d lateral = Convolution(64, 48, bias: true),
            predict;
        readonly Sequential refined = Sequential(Unit(256 + 48, 256, 3), Unit(256, 256, 3));

        public Decoder(long outputs)
            : base("decoder")
        {
            predict = Convolution(256, outputs, 3, bias: true);
            RegisterComponents();
        }

        public override Tensor forward(Tensor x, Tensor skip) =>
            predict.forward(refined.forward(cat([Resized(x, skip.shape[2], skip.shape[3]), lateral.forward(skip)], 1)));
    }
}
