using static TorchSharp.torch;

namespace Mtlc.Runtime.Torch.Native;

/// <summary>How often a tensor was written in place, as autograd counts: tells whether what was computed from it is still
/// right.</summary>
static unsafe class TensorVersion
{
    // int64_t at::_ops::_version::call(const Tensor&) and bool at::_ops::is_inference::call(const Tensor&), as GCC and Clang
    // spell them.
    static readonly delegate* unmanaged<nint, long> Version = (delegate* unmanaged<nint, long>)
        NativeSymbols.Find("_ZN2at4_ops8_version4callERKNS_6TensorE");
    static readonly delegate* unmanaged<nint, byte> IsInference = (delegate* unmanaged<nint, byte>)
        NativeSymbols.Find("_ZN2at4_ops12is_inference4callERKNS_6TensorE");

    static readonly bool Allowed = NativeSwitches.Current.Allows("versions");

    /// <returns>
    /// Constant where versions cannot be read, and for tensors made in inference mode, which have none: there a module computes
    /// anew whenever it is told to evaluate. </returns>
    public static long Of(Tensor tensor)
    {
        if (!Allowed || Version == null || IsInference == null)
            return -1;
        var version = IsInference(tensor.Handle) != 0 ? -1 : Version(tensor.Handle);
        GC.KeepAlive(tensor);
        return version;
    }
}
