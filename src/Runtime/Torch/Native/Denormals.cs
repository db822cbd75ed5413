namespace Mtlc.Runtime.Torch.Native;

/// <summary>
/// Denormals, the numbers between 0 and the smallest normal float, cost a processor about a hundred times an ordinary operation
/// (a convolution on them 212 ms instead of 1.7), and a network's dying activations and momenta pass through them. Counting them
/// as 0 changes last digits, so it holds for all runs or none. </summary>
static class Denormals
{
    // static bool at::Context::setFlushDenormal(bool), which TorchSharp does not export, as GCC and Clang spell it.
    const string SetFlushDenormal = "_ZN2at7Context16setFlushDenormalEb";

    /// <summary>For the calling thread and the OpenMP workers that it starts from now on.</summary>
    /// <returns>Whether denormals are flushed; false where the processor or the library cannot.</returns>
    public static unsafe bool Flush()
    {
        var set = (delegate* unmanaged<byte, byte>)NativeSymbols.Find(SetFlushDenormal);
        return set != null && set(1) != 0;
    }
}
