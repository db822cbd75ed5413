using Mtlc.Runtime.SelfTest;
using Mtlc.Runtime.Torch.Native;
using static TorchSharp.torch;

namespace Mtlc.Tests.SelfTest;

public sealed class SoundnessTests : IDisposable
{
    static readonly SelfTestLine Wrong = new("convolution", "3x3 33->19", 0.34, 20_000),
        Right = new("convolution", "3x3 33->19", 1e-7, 0.02);

    readonly string folder = Directory.CreateTempSubdirectory("mtlc-selftest-").FullName;
    readonly List<string> warnings = [],
        done = [];

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_pass_is_remembered_and_another_library_is_tested_anew()
    {
        var tests = 0;
        SoundnessRecord Find(string library) =>
            this.Find(
                [],
                () =>
                {
                    tests++;
                    return Right;
                },
                library
            );

        Assert.Equal("passed", Find("/lib/a").SelfTest);
        Assert.Equal("passed before", Find("/lib/a").SelfTest);
        Assert.Equal("passed", Find("/lib/b").SelfTest);
        Assert.Equal(2, tests);
        Assert.Empty(warnings);
    }

    [Fact]
    public void Cures_are_tried_in_turn_until_one_helps()
    {
        var record = Find(
            [Cure("caches", true), Cure("heap", false), Cure("onednn-off", true), Cure("malloc", true)],
            () => done.Contains("onednn-off") ? Right : Wrong
        );

        Assert.Equal(["caches", "heap", "onednn-off"], done);
        Assert.Equal(["caches", "onednn-off"], record.Cured);
        Assert.Contains("with the cure onednn-off", Assert.Single(warnings), StringComparison.Ordinal);
        // What needed a cure is tested each time.
        Assert.Equal([], Directory.GetFiles(folder));
    }

    [Fact]
    public void Where_none_helps_the_error_names_the_worst_answer_and_what_was_tried()
    {
        var error = Assert.Throws<UnsoundLibraryException>(() =>
            Find([Cure("caches", false), Cure("onednn-off", true)], () => Wrong)
        );

        Assert.Contains("convolution, 3x3 33->19, off by 34", error.Message, StringComparison.Ordinal);
        Assert.Contains("caches: not here; onednn-off: still wrong", error.Message, StringComparison.Ordinal);
    }

    NativeCure Cure(string name, bool helps) =>
        new(
            name,
            () =>
            {
                done.Add(name);
                return helps ? null : "not here";
            }
        );

    SoundnessRecord Find(IReadOnlyList<NativeCure> cures, Func<SelfTestLine> answer, string library = "/lib/a") =>
        Soundness.Find(
            CPU,
            library,
            new(folder),
            cures,
            device => new(device.ToString(), [answer()], TimeSpan.Zero, []),
            warnings.Add
        );
}
