using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Mtlc.Compiler.Ir;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Torch;

/// <summary>Where parameters start. Each has a generator of its own, so that adding a layer leaves all others as they
/// were.</summary>
static class Initialization
{
    public static Tensor Create(Parameter parameter, long seed)
    {
        TorchRuntime.Start();
        var spec = parameter.Spec;
        var shape = spec.Dimensions.Select(d => (long)d).ToArray();
        using var gradients = no_grad();
        using var generator = new Generator(SeedOf(seed, parameter.Name));
        using var scope = NewDisposeScope(); // what fills a tensor may return another object, and the memory goes only with both
        var value = empty(shape, spec.IsInteger ? ScalarType.Int64 : ScalarType.Float32);
        return (
            spec.Initializer switch
            {
                Initializer.Zeros => value.zero_(),
                Initializer.Ones => value.fill_(Held(1)),
                Initializer.Uniform => value.uniform_(-1 / Math.Sqrt(spec.FanIn), 1 / Math.Sqrt(spec.FanIn), generator),
                Initializer.Kaiming => value.normal_(0, Math.Sqrt(2.0 / spec.FanOut), generator),
                Initializer.Listed => value.copy_(tensor(spec.Values.ToArray(), shape)),
                Initializer.Constant => value.fill_(Held(spec.Value)),
                Initializer.Normal => value.normal_(0, 0.02, generator),
                _ => throw new NotSupportedException($"no arm for the initializer {spec.Initializer}"),
            }
        ).MoveToOuterDisposeScope();
    }

    static ulong SeedOf(long seed, string name) =>
        BinaryPrimitives.ReadUInt64LittleEndian(
            SHA256.HashData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{seed}/{name}")))
        );
}
