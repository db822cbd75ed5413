using System.Collections.Immutable;

namespace Mtlc.Runtime.SelfTest;

/// <summary>One known answer.</summary>
/// <param name="Kind">What computes: "convolution", "prepacked convolution", "optimizer", ...</param>
/// <param name="Name">Which one: "3x3 33->19, channels last: gradient of the input".</param>
/// <param name="Error">The largest error, as a share of the largest number of the right answer; infinite where there are numbers
/// that are none.</param>
/// <param name="OfBound">The largest error as a share of what roundings can account for at its place: up to 1 is right.</param>
public sealed record SelfTestLine(string Kind, string Name, double Error, double OfBound)
{
    public bool Passed => OfBound <= 1;
}

/// <summary>What a device computes beside what it should.</summary>
/// <param name="Device">"cpu", "cuda:0"</param>
/// <param name="Time">What the test took.</param>
/// <param name="Left">What this machine or library does not have, so that it was not tested.</param>
public sealed record SelfTestReport(string Device, ImmutableArray<SelfTestLine> Lines, TimeSpan Time, ImmutableArray<string> Left)
{
    public bool Passed => Lines.All(l => l.Passed);

    /// <summary>The wrong ones, the worst first.</summary>
    public IEnumerable<SelfTestLine> Failures => Lines.Where(l => !l.Passed).OrderByDescending(l => l.OfBound);
}
