namespace Mtlc.Compiler.Recipes;

/// <summary>
/// Random numbers as a pure function of a counter (Steele, Lea and Flood, "Fast splittable pseudorandom number generators",
/// OOPSLA 2014), the same on every machine: who draws with them has no generator to save. </summary>
public static class SplitMix64
{
    /// <summary>What its counter goes up by: 2^64 over the golden ratio.</summary>
    public const ulong Step = 0x9E3779B97F4A7C15;

    /// <summary>Number of a counter: each bit of it depends on all of the counter's.</summary>
    public static ulong Mix(ulong counter)
    {
        counter = (counter ^ (counter >> 30)) * 0xBF58476D1CE4E5B9;
        counter = (counter ^ (counter >> 27)) * 0x94D049BB133111EB;
        return counter ^ (counter >> 31);
    }

    /// <summary>The number after that of a counter.</summary>
    public static ulong Next(ulong counter) => Mix(counter + Step);
}
