using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Mtlc.Compiler.Ir;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Torch;

/// <summary>Where parameters start. Each has a generator of its own, so that adding a layer leaves all others as they were.</summary>
static class Initialization
{
    public static Tensor Create(Parameter parameter, long seed)
    {
        TorchRuntime.Start();
        var spec = parameter.Spec;
        var shape = spec.Dimensions.Select(d => (long)d).ToArray();
        using var gradients = no_grad();
        using var generator = new Generator(SeedOf(seed, parameter.Name));
        Tensor Empty() => empty(shape, spec.IsInteger ? ScalarType.Int64 : ScalarType.Float32);
        return spec.Initializer switch
        {
            Initializer.Zeros => Empty().zero_(),
            Initializer.Ones => Empty().fill_(Held(1)),
            Initializer.Uniform => Empty().uniform_(-1 / Math.Sqrt(spec.FanIn), 1 / Math.Sqrt(spec.FanIn), generator),
            Initializer.Kaiming => Empty().normal_(0, Math.Sqrt(2.0 / spec.FanOut), generator),
            Initializer.Normal => Empty().normal_(0, 0.02, generator),
            _ => throw new NotSupportedException($"no arm for the initializer {spec.Initializer}"),
        };
    }

    static ulong SeedOf(long seed, string name) =>
        BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{seed}/{name}"))));
}
