namespace Mtlc.Runtime.Torch;

/// <summary>The library that computes libtorch's convolutions on the CPU, and its switch, which TorchSharp does not offer.</summary>
static unsafe class OneDnn
{
    // at::globalContext() and void at::Context::setUserEnabledMkldnn(bool), as GCC and Clang spell them; libtorch 2.10.
    const string Context = "_ZN2at13globalContextEv", Enable = "_ZN2at7Context20setUserEnabledMkldnnEb";

    /// <summary>Whether libtorch, and <see cref="FusedConvolution"/>, leave it out.</summary>
    public static bool IsOff { get; private set; }

    /// <summary>Has libtorch compute without it from now on: right where it is not, and slower. Weights that were laid out before cannot be read any more.</summary>
    /// <returns>Whether this libtorch has the switch.</returns>
    public static bool TurnOff()
    {
        var (context, enable) = (NativeLibraries.Export(Context), NativeLibraries.Export(Enable));
        if (context == 0 || enable == 0)
            return false;
        ((delegate* unmanaged<nint, byte, void>)enable)(((delegate* unmanaged<nint>)context)(), 0);
        return IsOff = true;
    }
}
