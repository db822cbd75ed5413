using Mtlc.Runtime.Torch;

namespace Mtlc.Runtime.SelfTest;

/// <summary>What is tried, in this order, where the CPU computes wrong numbers.</summary>
static class Cures
{
    public static IReadOnlyList<Cure> All { get; } = [new("onednn-off", "oneDNN is switched off (right, but slower)", OneDnn.TurnOff)];
}
