using System.Collections.Immutable;
using System.Numerics;
using System.Runtime.InteropServices;
using Mtlc.Runtime.Machine;
using Mtlc.Runtime.Reports.Resources;
using Mtlc.Runtime.SelfTest;
using Mtlc.Runtime.Torch;
using Mtlc.Runtime.Torch.Native;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Doctor;

/// <param name="Value">A text, a whole number (bytes where <paramref name="IsBytes"/>), or a truth value.</param>
/// <param name="Note">Why it is so, or what follows from it.</param>
/// <param name="IsWrong">What somebody should mend.</param>
public sealed record Fact(string Name, object Value, string? Note = null, bool IsBytes = false, bool IsWrong = false);

public sealed record FactSection(string Title, ImmutableArray<Fact> Facts);

/// <summary>What a report of a fault should say of the machine.</summary>
/// <param name="SelfTests">One for each device; none where libtorch cannot be loaded.</param>
public sealed record MachineReport(ImmutableArray<FactSection> Sections, ImmutableArray<SelfTestReport> SelfTests)
{
    public bool IsWrong => Sections.Any(s => s.Facts.Any(f => f.IsWrong)) || SelfTests.Any(t => !t.Passed);

    /// <summary>Looks at everything; runs the self-test whether it is remembered or not, and cures nothing.</summary>
    public static MachineReport Make()
    {
        List<FactSection> sections = [System(), OfProcessor()];
        var tests = ImmutableArray<SelfTestReport>.Empty;
        var torch = ImmutableArray.CreateBuilder<Fact>();
        try
        {
            OfTorch(TorchRuntime.Start(), torch);
            tests = [.. Devices().Select(DeviceTest.Run)];
        }
        catch (TorchUnavailableException e)
        {
            torch.Add(new("loaded", false, e.Message.ReplaceLineEndings(" "), IsWrong: true));
        }
        sections.Add(new("libtorch", torch.ToImmutable()));
        sections.Add(Gpus(tests.Length > 1));
        sections.Add(Disk());
        return new([.. sections], tests);
    }

    static IEnumerable<Device> Devices() =>
        Enumerable
            .Range(0, cuda_is_available() ? cuda.device_count() : 0)
            .Select(i => new Device(FormattableString.Invariant($"cuda:{i}")))
            .Prepend(CPU);

    static FactSection System() =>
        new(
            "system",
            [
                new("system", RuntimeInformation.OSDescription),
                new("kernel", Environment.OSVersion.VersionString),
                new("platform", RuntimeInformation.RuntimeIdentifier),
                new("dotnet", Environment.Version.ToString()),
                new("cores", MachineLimits.Current.Cores, $"that this process may use: {MachineLimits.Current.CoresBy}"),
                new(
                    "memory",
                    MachineLimits.Current.Memory,
                    $"that this process may use: {MachineLimits.Current.MemoryBy}",
                    IsBytes: true
                ),
                .. Environment
                    .GetEnvironmentVariables()
                    .Keys.Cast<string>()
                    .Where(v =>
                        v.StartsWith("MTLC_", StringComparison.Ordinal)
                        || v.StartsWith("ONEDNN_", StringComparison.Ordinal)
                        || v.StartsWith("ATEN_", StringComparison.Ordinal)
                        || v.StartsWith("OMP_", StringComparison.Ordinal)
                        || v.StartsWith("GOMP_", StringComparison.Ordinal)
                        || v is "CUDA_VISIBLE_DEVICES" or "LD_LIBRARY_PATH" or "LD_PRELOAD"
                    )
                    .Order(StringComparer.Ordinal)
                    .Select(v => new Fact(v, Environment.GetEnvironmentVariable(v)!)),
            ]
        );

    static FactSection OfProcessor()
    {
        var processor = Processor.Current;
        List<Fact> facts = [new("name", processor.Name)];
        if (processor.Vendor.Length > 0)
            facts.Add(
                new(
                    "model",
                    FormattableString.Invariant(
                        $"{processor.Vendor}, family {processor.Family}, model {processor.Model}, stepping {processor.Stepping}"
                    )
                )
            );
        facts.Add(new("vectors", FormattableString.Invariant($"{32 * Vector<float>.Count} bits"), "of our own kernels"));
        facts.AddRange(
            processor.Caches.Select(c => new Fact(FormattableString.Invariant($"L{c.Level} {c.Kind}"), c.Bytes, IsBytes: true))
        );
        if (processor.Vendor.Length > 0)
        {
            facts.Add(
                new(
                    "caches told by",
                    $"CPUID {processor.CachesFrom}",
                    CacheSizes.ToldTo(ThisProcessor.Read) is { IsNonsense: true }
                        ? "CPUID 0x8000001D, where libtorch looks, is empty, as some hypervisors leave it: libtorch takes "
                            + "each cache for one byte"
                        : null
                )
            );
        }
        return new("processor", [.. facts]);
    }

    static void OfTorch(TorchRuntimeSettings runtime, ImmutableArray<Fact>.Builder facts)
    {
        var own = OwnLibtorch.Loaded;
        facts.Add(
            new(
                "version",
                runtime.LibTorch,
                own is null || own.Version == OwnLibtorch.BuiltFor ? null : $"TorchSharp was built for {OwnLibtorch.BuiltFor}"
            )
        );
        facts.Add(new("loaded from", LibraryFile.Torch, own is null ? null : $"{OwnLibtorch.Variable} names it"));
        if (own is { Missing.Count: > 0 })
            facts.Add(
                new(
                    "functions missing",
                    own.Missing.Count,
                    $"TorchSharp calls them for some operations: {string.Join(", ", own.Missing)}"
                )
            );
        facts.Add(new("binding", LibraryFile.Find("LibTorchSharp") ?? ""));
        facts.Add(new("threads", runtime.Threads));
        facts.Add(new("cuda", cuda_is_available()));
        facts.Add(new("onednn", !TorchContext.OneDnnIsOff));
        facts.Add(
            new(
                "fused and prepacked convolutions",
                FusedConvolution.IsAvailable,
                WhyNot(FusedConvolution.IsAvailable, "this libtorch lacks them", "fused")
            )
        );
        facts.Add(
            new(
                "Winograd convolutions",
                WinogradConvolution.IsAvailable,
                WhyNot(
                    WinogradConvolution.IsAvailable,
                    "the processor or this libtorch lacks what they need",
                    "winograd",
                    "fused"
                )
            )
        );
        facts.Add(
            OpenMpWaiting.Rounds switch
            {
                null => new("idle threads", "as OpenMP has it", WhyNot(true, "", "waiting")),
                OpenMpWaiting.Awake => new("idle threads", "awake", "nobody else wants the processors"),
                _ => new("idle threads", "asleep", "others want the processors"),
            }
        );
        facts.Add(new("denormals flushed", runtime.DenormalsFlushed));
        facts.Add(new("freed memory kept", runtime.HeapKept));
        facts.Add(new("tensors in a heap of their own", runtime.TensorsApart));
        facts.AddRange(
            NativeCures
                .All.Concat(cuda_is_available() ? NativeCures.OfGpu : [])
                .Select(c => new Fact(
                    $"cure {c.Name}",
                    c.State switch
                    {
                        CureState.NotNeeded => "not needed",
                        CureState.Applied => "applied",
                        CureState.Failed => "failed",
                        _ => "forbidden",
                    },
                    c.Why.Length > 0 ? c.Why : null
                ))
        );
    }

    static string? WhyNot(bool isAvailable, string otherwise, params ReadOnlySpan<string> switches)
    {
        foreach (var word in switches)
        {
            if (!NativeSwitches.Current.Allows(word))
                return $"{NativeSwitches.Variable}=-{word} turns them off";
        }
        return isAvailable ? null
            : TorchContext.OneDnnIsOff ? "oneDNN is switched off"
            : otherwise;
    }

    static FactSection Gpus(bool areUsed)
    {
        var found = GpuCards.Find();
        if (found.Driver is not { } driver)
            return new("gpus", [new("driver", "none", "no NVIDIA driver (NVML) on this machine")]);
        return new(
            "gpus",
            [
                new("driver", driver),
                new(
                    "used by libtorch",
                    areUsed,
                    areUsed
                        ? null
                        : $"libtorch was built without CUDA (-p:Torch=cuda brings one that has it, {OwnLibtorch.Variable} "
                            + $"leads to a PyTorch's), or finds no card"
                ),
                .. found.Cards.SelectMany(
                    (c, i) =>
                        (Fact[])
                            [
                                new(FormattableString.Invariant($"card {i}"), c.Name),
                                new(FormattableString.Invariant($"card {i} memory"), c.Memory, IsBytes: true),
                                new(FormattableString.Invariant($"card {i} in use"), c.MemoryInUse, IsBytes: true),
                            ]
                ),
            ]
        );
    }

    static FactSection Disk() =>
        new(
            "caches on disk",
            [
                new("folder", CacheFolder.Root),
                .. ((string[])["weights", "features", "selftest"]).Select(f => new Fact(
                    f,
                    SizeOf(CacheFolder.Of(f)),
                    IsBytes: true
                )),
            ]
        );

    static long SizeOf(string folder)
    {
        try
        {
            return Directory.Exists(folder)
                ? new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(f => f.Length)
                : 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }
}
