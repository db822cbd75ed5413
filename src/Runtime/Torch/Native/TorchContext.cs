namespace Mtlc.Runtime.Torch.Native;

/// <summary>Switches of libtorch's global context that TorchSharp does not offer.</summary>
static unsafe class TorchContext
{
    /// <summary>Whether oneDNN was switched off: nothing may call its kernels by name then.</summary>
    public static bool OneDnnIsOff { get; private set; }

    /// <summary>From now on no operation of libtorch chooses oneDNN: right where oneDNN is wrong, and slower.</summary>
    /// <returns>Whether libtorch has the switch.</returns>
    public static bool SwitchOneDnn(bool on)
    {
        var done = Set("_ZN2at7Context20setUserEnabledMkldnnEb", on);
        if (done)
            OneDnnIsOff = !on;
        return done;
    }

    /// <summary>From now on no operation of libtorch chooses cuDNN: slower, and a way round where cuDNN is wrong on a
    /// card.</summary>
    /// <returns>Whether libtorch has the switch.</returns>
    public static bool SwitchCudnnOff() => Set("_ZN2at7Context19setUserEnabledCuDNNEb", false);

    /// <summary>
    /// NNPACK is a choice for what oneDNN does not compute, and writes a line for each thread where it does not know the
    /// processor. </summary>
    public static bool SwitchNnpackOff() => Set("_ZN2at7Context20setUserEnabledNNPACKEb", false);

    static bool Set(string setter, bool on)
    {
        var context = (delegate* unmanaged<nint>)NativeSymbols.Find("_ZN2at13globalContextEv");
        var set = (delegate* unmanaged<nint, byte, void>)NativeSymbols.Find(setter);
        if (context == null || set == null)
            return false;
        set(context(), on ? (byte)1 : (byte)0);
        return true;
    }
}
