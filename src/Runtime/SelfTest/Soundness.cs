using System.Collections.Immutable;
using Mtlc.Runtime.Machine;
using Mtlc.Runtime.Torch;
using Mtlc.Runtime.Torch.Native;
using static TorchSharp.torch;

namespace Mtlc.Runtime.SelfTest;

/// <summary>That a device computes rightly, and how that is known; part of a run's configuration and result.</summary>
/// <param name="Processor">"AMD EPYC"</param>
/// <param name="Library">The file that libtorch was loaded from.</param>
/// <param name="Cured">What had to be done for it, in order; mostly nothing.</param>
/// <param name="SelfTest">"passed", or "passed before" where it is remembered.</param>
public sealed record SoundnessRecord(string Processor, string Library, ImmutableArray<string> Cured, string SelfTest);

/// <summary>libtorch computes wrong numbers here, and no cure has helped.</summary>
public sealed class UnsoundLibraryException(string message) : Exception(message);

/// <summary>Sees to it that nothing is trained, evaluated or predicted by a library that computes wrong numbers.</summary>
public static class Soundness
{
    static readonly Lock Testing = new();
    static readonly Dictionary<string, SoundnessRecord> known = new(StringComparer.Ordinal);

    /// <summary>
    /// Tests the CPU, and the device where it is another one; at once where a test has passed in this process, or before on this
    /// machine. Where it fails the cures are tried in turn. </summary>
    /// <param name="warned">Told of a cure.</param>
    /// <exception cref="UnsoundLibraryException">No cure has helped.</exception>
    public static SoundnessRecord Require(Device device, Action<string>? warned = null)
    {
        lock (Testing)
        {
            TorchRuntime.Start();
            var cpu = Require(CPU, LibraryFile.Torch, new(CacheFolder.Of("selftest")), NativeCures.All, DeviceTest.Run, warned);
            return device.type == TorchSharp.DeviceType.CPU
                ? cpu
                : Require(device, LibraryFile.Torch, new(CacheFolder.Of("selftest")), NativeCures.OfGpu, DeviceTest.Run, warned);
        }
    }

    /// <summary>Changes whenever the same operations could give other last digits: by processor, device, libraries, cures, number
    /// of threads, or this program.</summary>
    public static string Computer(SoundnessRecord record, Device device) =>
        string.Join(
            ' ',
            [
                RememberedPass.Key(Processor.Current, record.Library, device.ToString(), TorchRuntime.Start().Threads),
                .. record.Cured,
            ]
        );

    static SoundnessRecord Require(
        Device device,
        string library,
        RememberedPass passes,
        IReadOnlyList<NativeCure> cures,
        Func<Device, SelfTestReport> test,
        Action<string>? warned
    )
    {
        var name = device.ToString();
        if (!known.TryGetValue(name, out var record))
            known.Add(name, record = Find(device, library, passes, cures, test, warned));
        return record;
    }

    /// <summary>The same, with everything that it depends on.</summary>
    internal static SoundnessRecord Find(
        Device device,
        string library,
        RememberedPass passes,
        IReadOnlyList<NativeCure> cures,
        Func<Device, SelfTestReport> test,
        Action<string>? warned
    )
    {
        var (processor, key) = (
            Processor.Current,
            RememberedPass.Key(Processor.Current, library, device.ToString(), TorchRuntime.Start().Threads)
        );
        if (passes.Has(key))
            return new(processor.Name, library, AtStart(), "passed before");
        var report = test(device);
        if (report.Passed)
        {
            passes.Remember(key);
            return new(processor.Name, library, AtStart(), "passed");
        }
        var first = Tell(report);
        List<string> cured = [.. AtStart()],
            tried = [];
        foreach (var cure in cures)
        {
            if (!cure.TryApply("the self-test failed"))
            {
                tried.Add($"{cure.Name}: {cure.Why}");
                continue;
            }
            cured.Add(cure.Name);
            MadePrimitives.Forget();
            report = test(device);
            if (report.Passed)
            {
                warned?.Invoke(
                    $"libtorch computed wrong numbers on this machine ({first}); with the cure {cure.Name} the self-test passes"
                );
                return new(processor.Name, library, [.. cured.Distinct()], "passed");
            }
            tried.Add($"{cure.Name}: still wrong");
        }
        var then = tried.Count > 0 ? $"; {string.Join("; ", tried)}" : "";
        throw new UnsoundLibraryException(
            $"libtorch computes wrong numbers on {device} of this machine ({processor.Name}): {first}{then}"
        );
    }

    // What the processor's own words had asked for.
    static ImmutableArray<string> AtStart() => [.. NativeCures.All.Where(c => c.State == CureState.Applied).Select(c => c.Name)];

    static string Tell(SelfTestReport report)
    {
        var worst = report.Failures.First();
        var error = double.IsFinite(worst.Error)
            ? FormattableString.Invariant($"off by {worst.Error:P0} of the largest number")
            : "not a number";
        return FormattableString.Invariant(
            $"{report.Failures.Count()} of {report.Lines.Length} known answers, the worst: {worst.Kind}, {worst.Name}, {error}"
        );
    }
}
