using Mtlc.Runtime.Machine;

namespace Mtlc.Runtime.Torch.Native;

public enum CureState
{
    /// <summary>Nothing asked for it.</summary>
    NotNeeded,

    /// <summary>It was done.</summary>
    Applied,

    /// <summary>It was tried and could not be done.</summary>
    Failed,

    /// <summary><see cref="NativeSwitches"/> forbid it.</summary>
    Forbidden,
}

/// <summary>Something that makes a libtorch right which computes wrong numbers on this machine.</summary>
/// <param name="name">Its word in <see cref="NativeSwitches"/>.</param>
/// <param name="apply">Does it, and returns why it could not, or null.</param>
public sealed class NativeCure(string name, Func<string?> apply)
{
    public string Name => name;

    public CureState State { get; private set; } =
        NativeSwitches.Current.Allows(name) ? CureState.NotNeeded : CureState.Forbidden;

    /// <summary>Why it is in that state; empty where nothing asked for it.</summary>
    public string Why { get; private set; } =
        NativeSwitches.Current.Allows(name) ? "" : $"{NativeSwitches.Variable} turns it off";

    /// <summary>Does it, again where it was done before. Call it while nothing else computes.</summary>
    /// <param name="because">What asks for it.</param>
    /// <returns>Whether it was done.</returns>
    public bool TryApply(string because)
    {
        if (State == CureState.Forbidden)
            return false;
        (State, Why) = apply() is { } reason ? (CureState.Failed, reason) : (CureState.Applied, because);
        return State == CureState.Applied;
    }
}

/// <summary>The cures, in the order in which they are to be tried: the first costs nothing, the second makes convolutions
/// slower.</summary>
public static class NativeCures
{
    static Cpuid processor = ThisProcessor.Read;

    static readonly NativeCure Caches = new("caches", MendCaches),
        OneDnnOff = new("onednn-off", SwitchOneDnnOff);

    public static IReadOnlyList<NativeCure> All { get; } = [Caches, OneDnnOff];

    /// <summary>Those of a GPU.</summary>
    public static IReadOnlyList<NativeCure> OfGpu { get; } =
    [new("cudnn-off", () => TorchContext.SwitchCudnnOff() ? null : "this libtorch has no switch for it")];

    /// <summary>What a user is to be told of them, in a line each; empty where there is nothing that makes a run slower or
    /// wrong.</summary>
    public static IReadOnlyList<string> Notices =>
        OneDnnOff.State == CureState.Applied
            ?
            [
                $"oneDNN is switched off, for it would compute wrong numbers on this processor; convolutions are slower "
                    + $"({OneDnnOff.Why})",
            ]
            : [];

    /// <summary>Before libtorch computes anything: what CPUID tells is cured.</summary>
    /// <returns>Whether libtorch is right, as far as CPUID tells.</returns>
    internal static bool ApplyAtStart() => ApplyAtStart(processor);

    /// <inheritdoc cref="ApplyAtStart()"/>
    internal static bool ApplyAtStart(Cpuid cpuid)
    {
        if (CacheSizes.ToldTo(cpuid) is not { IsNonsense: true })
            return true;
        const string because = "the processor's leaf 0x8000001D tells no cache sizes";
        return Caches.TryApply(because) || OneDnnOff.TryApply($"{because}; {Caches.Why}");
    }

    /// <summary>What a hypervisor does that hides the sizes: each cache has one byte.</summary>
    /// <exception cref="TorchUnavailableException">They cannot be written here.</exception>
    internal static void SpoilCaches()
    {
        if (CacheSizes.ToldTo(ThisProcessor.Read) is not { } told || !OneDnnCaches.Locate(told))
            throw new TorchUnavailableException(
                $"{NativeSwitches.Variable}: the cache sizes of this libtorch on this processor cannot be spoilt"
            );
        OneDnnCaches.Write(new(1, 1, 1));
    }

    /// <summary>A machine whose hypervisor hides the leaf, as far as one that does not can be it: nobody has located the sizes
    /// yet.</summary>
    /// <exception cref="TorchUnavailableException">They cannot be written here.</exception>
    internal static void HideCaches()
    {
        SpoilCaches();
        OneDnnCaches.Forget();
        processor = (leaf, subleaf) => leaf == 0x8000001D ? default : ThisProcessor.Read(leaf, subleaf);
    }

    static string? MendCaches()
    {
        if (CacheSizes.Real(processor) is not { } real)
            return "the processor tells the sizes of its caches nowhere";
        if (CacheSizes.ToldTo(processor) is not { } told)
            return "only sizes for AMD's processors are known to be wrong";
        if (!OneDnnCaches.Locate(told))
            return "this libtorch keeps the cache sizes where they are not known to be";
        if (OneDnnCaches.Read() is { IsNonsense: false })
            return "the cache sizes are no nonsense";
        OneDnnCaches.Write(real);
        return null;
    }

    static string? SwitchOneDnnOff() => TorchContext.SwitchOneDnn(on: false) ? null : "this libtorch has no switch for it";
}
