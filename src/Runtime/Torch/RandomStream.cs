using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Torch;

/// <summary>
/// The random numbers of one forward pass of training: each layer draws from a generator seeded by (seed, step, part, layer).
/// There is no state to save: whoever resumes at a step draws what an undisturbed run would have drawn, in whatever order its
/// layers run. </summary>
/// <param name="Part">Which of the batches that the step accumulates.</param>
public readonly record struct RandomStream(long Seed, long Step, int Part = 0)
{
    public Generator For(string layer, Device device)
    {
        var step = Part == 0 ? FormattableString.Invariant($"{Step}") : FormattableString.Invariant($"{Step}.{Part}");
        var text = FormattableString.Invariant($"{Seed}/{step}/{layer}");
        var key = BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        return new Generator(key, device);
    }
}
