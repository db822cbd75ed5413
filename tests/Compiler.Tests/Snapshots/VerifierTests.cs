using VerifyXunit;

namespace Mtlc.Tests.Snapshots;

/// <summary>The snapshot helper itself, in a temporary folder.</summary>
public sealed class VerifierTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("verifier").FullName;

    [Fact]
    public async Task An_equal_text_passes_whatever_its_line_endings_and_removes_an_old_mismatch()
    {
        File.WriteAllText(Path.Combine(folder, "a.verified.txt"), "one\r\ntwo\r\n");
        File.WriteAllText(Path.Combine(folder, "a.received.txt"), "old");
        await Verify("one\ntwo").UseDirectory(folder).UseFileName("a");
        Assert.False(File.Exists(Path.Combine(folder, "a.received.txt")));
    }

    [Fact]
    public async Task A_mismatch_is_written_and_the_message_shows_line_and_command()
    {
        File.WriteAllText(Path.Combine(folder, "a.verified.dot"), "one\ntwo\n");
        var error = await Assert.ThrowsAsync<VerifyException>(async () =>
            await Verify("one\nzwei", "dot").UseDirectory(folder).UseFileName("a")
        );
        Assert.Contains("from line 2 on", error.Message, StringComparison.Ordinal);
        Assert.Contains("diff -u", error.Message, StringComparison.Ordinal);
        Assert.Equal("one\nzwei\n", File.ReadAllText(Path.Combine(folder, "a.received.dot")));
    }

    [Fact]
    public async Task A_first_snapshot_fails_under_the_name_of_its_test()
    {
        await Assert.ThrowsAsync<VerifyException>(async () =>
            await Verify("new").UseDirectory(folder).UseTextForParameters("case")
        );
        const string name =
            nameof(VerifierTests) + "." + nameof(A_first_snapshot_fails_under_the_name_of_its_test) + "_case.received.txt";
        Assert.True(File.Exists(Path.Combine(folder, name)));
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
