using Mtlc.Compiler.Ops;
using Mtlc.Runtime.SelfTest;
using static TorchSharp.torch;

namespace Mtlc.Tests.SelfTest;

// Others would take numbers of the same generator meanwhile.
[Collection("native")]
public class DeviceTestTests
{
    [Fact]
    [Trait("device", "any")]
    public void This_machine_computes_what_it_should()
    {
        var report = DeviceTest.Run(TestDevice.Current);

        Assert.Empty(report.Failures);
        Assert.True(report.Lines.Length > 200);
    }

    [Fact]
    public void No_random_number_is_taken()
    {
        manual_seed(7);
        using var expected = rand(4);
        manual_seed(7);
        DeviceTest.Run(CPU);
        using var found = rand(4);

        Assert.Equal(expected.data<float>().ToArray(), found.data<float>().ToArray());
    }

    // What a blocked reorder that loses the rest of the channels does: the last of 33 channels does not count.
    [Theory]
    [InlineData(33, 3)]
    [InlineData(256, 1)]
    [InlineData(256, 3)]
    public void One_lost_channel_is_found(int channels, int kernel)
    {
        var bench = new TestBench(CPU);
        using var scope = NewDisposeScope();
        var (conv, size) = (new Conv(19, kernel), new MapSize(1, channels, 5, 7));
        var (x, weight) = (bench.Numbers(size.Count), bench.Numbers(19 * channels * kernel * kernel));
        var (values, errors) = new ConvolutionReference(conv, size, x).Forward(weight, null, null, false, Arithmetic.Float32);
        var (input, plain) = (bench.On(x, size.Shape), bench.On(weight, 19, channels, kernel, kernel));
        long[] border = [kernel / 2, kernel / 2];

        bench.Add("whole", "", nn.functional.conv2d(input, plain, padding: border), values, errors);
        bench.Add(
            "without the last",
            "",
            nn.functional.conv2d(input.narrow(1, 0, channels - 1), plain.narrow(1, 0, channels - 1), padding: border),
            values,
            errors
        );
        bench.Add("not a number", "", nn.functional.conv2d(input * Held(double.NaN), plain, padding: border), values, errors);

        Assert.Equal([true, false, false], bench.Lines.Select(l => l.Passed));
    }

    [Fact]
    public void The_bound_of_tensor_cores_is_that_of_ten_bits()
    {
        Assert.InRange(Arithmetic.TensorFloat32.OfSum(9), 2.0 / (1 << 10), 2.01 / (1 << 10));
        Assert.InRange(Arithmetic.Float32.OfSum(9), 9 * Bounded.Unit, 9.1 * Bounded.Unit);
    }
}
