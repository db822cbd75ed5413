using Mtlc.Compiler.Recipes;
using static TorchSharp.torch;

namespace Mtlc.Runtime.SelfTest;

/// <summary>Where the cases of a self-test get their numbers and leave their answers.</summary>
sealed class TestBench(Device device)
{
    readonly List<SelfTestLine> lines = [];
    ulong state;

    public Device Device => device;

    public bool IsCpu => device.type == TorchSharp.DeviceType.CPU;

    public IReadOnlyList<SelfTestLine> Lines => lines;

    /// <summary>How convolutions round: on NVIDIA's cards libtorch lets them take the tensor cores, unless told not to.</summary>
    public Arithmetic OfConvolutions => IsCpu || !backends.cudnn.allow_tf32 ? Arithmetic.Float32 : Arithmetic.TensorFloat32;

    /// <summary>How matrix products round.</summary>
    public Arithmetic OfProducts => IsCpu || !backends.cuda.matmul.allow_tf32 ? Arithmetic.Float32 : Arithmetic.TensorFloat32;

    /// <summary>Numbers between -1 and 1, the same each time, apart from libtorch's own random numbers, which a training goes on
    /// from.</summary>
    public float[] Numbers(int count)
    {
        var numbers = new float[count];
        for (var i = 0; i < count; i++)
            numbers[i] = (int)(SplitMix64.Mix(state += SplitMix64.Step) >> 39) / (float)(1 << 24) - 1;
        return numbers;
    }

    public Tensor On(float[] values, params long[] shape) => tensor(values, shape, dtype: float32, device: device);

    /// <param name="answer">In the order of its shape, whatever its order in memory.</param>
    /// <param name="values">The right numbers in the same order.</param>
    /// <param name="errors">How far each may be off.</param>
    public void Add(string kind, string name, Tensor answer, double[] values, double[] errors)
    {
        using var given = answer.detach().cpu().contiguous();
        var found = given.data<float>().ToArray();
        if (found.Length != values.Length)
            throw new InvalidOperationException($"{kind}, {name}: {found.Length} numbers instead of {values.Length}");
        double largest = 0,
            error = 0,
            share = 0;
        for (var i = 0; i < found.Length; i++)
        {
            var difference = Math.Abs(found[i] - values[i]);
            largest = Math.Max(largest, Math.Abs(values[i]));
            // The right answer is not exact either: it was summed in double precision; and numbers smaller than 1e-37 count as 0.
            var allowed = errors[i] + 1e-13 * Math.Abs(values[i]) + 1e-36;
            (error, share) = float.IsFinite(found[i])
                ? (Math.Max(error, difference), Math.Max(share, difference / allowed))
                : (double.PositiveInfinity, double.PositiveInfinity);
        }
        lines.Add(new(kind, name, largest > 0 ? error / largest : error, share));
    }

    public void Add(string kind, string name, Tensor answer, Bounded right) =>
        Add(kind, name, answer, right.Values, right.Errors);
}
