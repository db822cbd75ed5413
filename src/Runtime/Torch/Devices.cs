using Mtlc.Runtime.Files;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Torch;

/// <summary>The device that a word names.</summary>
public static class Devices
{
    /// <param name="name">"cpu", "cuda", "cuda:1", or "auto".</param>
    /// <exception cref="RunException">There is no such device here.</exception>
    public static Device Find(string name)
    {
        TorchRuntime.Start();
        var count = cuda_is_available() ? cuda.device_count() : 0;
        switch (name.Split(':'))
        {
            case ["auto"]:
                return count > 0 ? new Device("cuda:0") : CPU;
            case ["cpu"]:
                return CPU;
            case ["cuda"] when count > 0:
                return new Device("cuda:0");
            case ["cuda", var number] when int.TryParse(number, out var index) && index >= 0 && index < count:
                return new Device(FormattableString.Invariant($"cuda:{index}"));
            case ["cuda", ..] when count == 0:
                throw new RunException(
                    $"{name}: there is no CUDA device here, or libtorch was built without CUDA (build mtlc with "
                        + $"-p:Torch=cuda, or name a PyTorch's libraries by MTLC_LIBTORCH); use --device cpu"
                );
            default:
                throw new RunException(
                    $"{name}: there is no such device; there are "
                        + $"cpu{string.Concat(Enumerable.Range(0, count).Select(i => FormattableString.Invariant($", cuda:{i}")))}"
                );
        }
    }
}
