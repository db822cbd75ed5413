namespace Mtlc.Runtime.Torch.Native;

/// <summary>What the environment variable <c>MTLC_NATIVE</c> turns off, of what is done to libtorch: words after minus signs, or
/// <c>none</c> for nothing done.</summary>
public sealed record NativeSwitches(IReadOnlySet<string> Off, bool Poison)
{
    public const string Variable = "MTLC_NATIVE";

    /// <summary>Each word, and what it turns off.</summary>
    public static IReadOnlyDictionary<string, string> Words { get; } =
        new Dictionary<string, string>
        {
            ["heap"] = "a heap for tensors alone",
            ["malloc"] = "settings of the C library's heap",
            ["threads"] = "libtorch's own threads for our kernels",
            ["waiting"] = "idle threads of libtorch kept awake or put to sleep, by what others use of the processors",
            ["denormals"] = "denormal numbers counted as 0",
            ["fused"] = "fused convolutions with prepacked weights",
            ["winograd"] = "3x3 convolutions by Winograd's algorithm",
            ["versions"] = "the count of writes to a tensor",
            ["nnpack"] = "NNPACK switched off",
            ["caches"] = "the cure of oneDNN's cache sizes",
            ["onednn-off"] = "oneDNN switched off where it cannot be cured",
            ["cudnn-off"] = "cuDNN switched off where a GPU computes wrong numbers",
        };

    /// <summary>What words were called before, which is still understood.</summary>
    static readonly Dictionary<string, string> Renamed = new() { ["tiles"] = "winograd" };

    /// <summary>oneDNN is told wrong cache sizes on purpose, as by some hypervisors, to see that the self-test finds
    /// it.</summary>
    public bool SpoilCaches { get; init; }

    /// <summary>CPUID is taken to hide the cache sizes, and oneDNN told accordingly, as by such a hypervisor, to see the cure at
    /// work.</summary>
    public bool HideCaches { get; init; }

    /// <summary>Those of this process.</summary>
    /// <exception cref="TorchUnavailableException">The variable holds an unknown word.</exception>
    public static NativeSwitches Current => current ??= Parse(Environment.GetEnvironmentVariable(Variable));

    static NativeSwitches? current;

    public bool Allows(string word) =>
        Words.ContainsKey(word) ? !Off.Contains(word) : throw new ArgumentException($"no switch is called {word}", nameof(word));

    public static NativeSwitches Parse(string? text)
    {
        var off = new HashSet<string>();
        var (poison, spoil, hide) = (false, false, false);
        foreach (var word in (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (word == "poison")
                poison = true;
            else if (word == "spoil-caches")
                spoil = true;
            else if (word == "hide-caches")
                hide = true;
            else if (word == "none")
                off.UnionWith(Words.Keys);
            else if (word[0] != '-' || !Words.ContainsKey(Renamed.GetValueOrDefault(word[1..], word[1..])))
                throw new TorchUnavailableException(
                    $"{Variable}: \"{word}\" is no word of it; "
                        + $"write none, poison, spoil-caches, hide-caches, or, with commas between: "
                        + $"{string.Join(", ", Words.Keys.Select(w => "-" + w))}"
                );
            else
                off.Add(Renamed.GetValueOrDefault(word[1..], word[1..]));
        }
        return new(off, poison) { SpoilCaches = spoil, HideCaches = hide };
    }
}
