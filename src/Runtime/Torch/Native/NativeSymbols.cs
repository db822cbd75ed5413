using System.Runtime.InteropServices;

namespace Mtlc.Runtime.Torch.Native;

/// <summary>A function that is no part of a library's documented interface, or is called by its mangled name.</summary>
/// <param name="Library">As .NET finds it: <c>torch_cpu</c>, <c>c10</c>, <c>gomp</c>, <c>libc.so.6</c>.</param>
/// <param name="Name">As the library exports it.</param>
/// <param name="Seen">The version of the library in which it was found.</param>
/// <param name="Without">What happens where it is missing.</param>
public sealed record NativeSymbol(string Library, string Name, string Seen, string Without)
{
    /// <summary>Where it lies in the library that this process has loaded; 0 where there is none.</summary>
    internal nint Address =>
        NativeLibraries.TryGet(Library, out var library) && NativeLibrary.TryGetExport(library, Name, out var address)
            ? address
            : 0;
}

/// <summary>Every private or mangled symbol that is used. What looks one up does so here, so that none is missing.</summary>
public static class NativeSymbols
{
    const string Torch = "libtorch 2.10.0",
        Glibc = "glibc 2.36";
    const string NoFused = "convolutions, bias, addition and ReLU are several operations";
    const string NoOff = "a machine on which oneDNN is wrong cannot be made right; the self-test ends the run";

    public static IReadOnlyList<NativeSymbol> All { get; } =
    [
        new(NativeLibraries.Torch, "aoti_torch_cpu_mkldnn__convolution_pointwise", Torch, NoFused),
        new(NativeLibraries.Torch, "aoti_torch_cpu_mkldnn__convolution_pointwise_binary", Torch, NoFused),
        new(NativeLibraries.Torch, "aoti_torch_new_tensor_handle", Torch, NoFused),
        new(NativeLibraries.Torch, "torch_new_list_reserve_size", Torch, NoFused),
        new(NativeLibraries.Torch, "torch_list_push_back", Torch, NoFused),
        new(NativeLibraries.Torch, "torch_call_dispatcher", Torch, NoFused + "; the cache sizes of oneDNN cannot be mended"),
        new(NativeLibraries.Torch, "aoti_torch_get_data_ptr", Torch, "3x3 convolutions are not computed by Winograd's algorithm"),
        new(
            NativeLibraries.Torch,
            "_ZN2at4_ops8_version4callERKNS_6TensorE",
            Torch,
            "folded weights are computed anew whenever a module is told to evaluate"
        ),
        new(
            NativeLibraries.Torch,
            "_ZN2at4_ops12is_inference4callERKNS_6TensorE",
            Torch,
            "folded weights are computed anew whenever a module is told to evaluate"
        ),
        new(NativeLibraries.Torch, "_ZN2at7Context16setFlushDenormalEb", Torch, "denormal numbers cost a hundred times as much"),
        new(NativeLibraries.Torch, "_ZN2at13globalContextEv", Torch, NoOff),
        new(NativeLibraries.Torch, "_ZN2at7Context20setUserEnabledMkldnnEb", Torch, NoOff),
        new(
            NativeLibraries.Torch,
            "_ZN2at7Context19setUserEnabledCuDNNEb",
            Torch,
            "a GPU on which cuDNN is wrong cannot be made right; the self-test ends the run"
        ),
        new(
            NativeLibraries.Torch,
            "_ZN2at7Context20setUserEnabledNNPACKEb",
            Torch,
            "NNPACK may write a line that it does not know the processor"
        ),
        new(
            NativeLibraries.Torch,
            "aoti_torch_abi_version",
            Torch,
            "the version of the libtorch that MTLC_LIBTORCH names is not known"
        ),
        new(
            NativeLibraries.Torch,
            "GOMP_parallel",
            "GCC 13's libgomp",
            ".NET's threads do the work of our kernels; idle threads of libtorch sleep at once, however quiet the machine is"
        ),
        new(NativeLibraries.Torch, "omp_get_thread_num", "GCC 13's libgomp", ".NET's threads do the work of our kernels"),
        new(NativeLibraries.Torch, "omp_get_num_threads", "GCC 13's libgomp", ".NET's threads do the work of our kernels"),
        new("libc.so.6", "mallopt", Glibc, "freed memory goes back to the system and is faulted in again"),
        new("libc.so.6", "posix_memalign", Glibc, "tensors lie in the C library's heap"),
        new("libc.so.6", "free", Glibc, "tensors lie in the C library's heap"),
        new("libc.so.6", "dlopen", Glibc, "MTLC_LIBTORCH works with a program without libtorch of its own"),
        new("libc.so.6", "abs", Glibc, "tensors lie in the C library's heap"),
    ];

    /// <returns>Where the function lies; 0 where the library has none of the name.</returns>
    internal static nint Find(string name) => All.Single(s => s.Name == name).Address;
}
