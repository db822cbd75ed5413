using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Torch;

/// <summary>
/// The random numbers of one training step: each layer draws from a generator seeded by (seed, step, layer). There is no state to
/// save: whoever resumes at a step draws what an undisturbed run would have drawn, in whatever order its layers run.
/// </summary>
public readonly record struct RandomStream(long Seed, long Step)
{
    public Generator For(string layer, Device device)
    {
        var text = FormattableString.Invariant($"{Seed}/{Step}/{layer}");
        var key = BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        return new Generator(key, device);
    }
}
