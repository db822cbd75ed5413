using System.Text;

namespace Mtlc.Tests.Verbs;

public sealed class FileTests : IDisposable
{
    readonly Command command = new();

    public void Dispose() => command.Dispose();

    [Fact]
    public void A_misspelt_name_is_answered_with_the_right_one()
    {
        command.Write("branched.mtl", "");
        Fails("no file 'brnched.mtl'", "did you mean 'branched.mtl'?", "brnched.mtl");
        Fails("no file 'branched'", "did you mean 'branched.mtl'?", "branched");
    }

    [Fact]
    public void A_missing_folder_is_named() => Fails("no file 'a/b.mtl': there is no folder 'a'", null, "a/b.mtl");

    [Fact]
    public void A_folder_is_answered_with_its_programs()
    {
        command.Write("nets/one.mtl", "");
        Fails("'nets' is a folder, not a program", "it holds 'nets/one.mtl'", "nets");
    }

    [Fact]
    public void Utf16_is_named()
    {
        command.Write("a.mtl", Encoding.Unicode.GetPreamble().Concat(Encoding.Unicode.GetBytes("model x {}")).ToArray());
        Fails("'a.mtl' is UTF-16", "save it as UTF-8", "a.mtl");
    }

    [Fact]
    public void The_line_of_a_byte_that_is_not_utf8_is_told()
    {
        command.Write("a.mtl", [.. "# one\n# two\n# d"u8, 0xE9, .. "pth\n"u8]);
        Fails("'a.mtl' is not UTF-8: line 3 has a byte that no UTF-8 text has there", "save it as UTF-8", "a.mtl");
    }

    [Fact]
    public void A_file_of_another_kind_is_not_read_whole()
    {
        using (var file = File.Create(Path.Combine(command.Folder, "weights.mtl")))
            file.SetLength(64 << 20);
        Fails("'weights.mtl' has 64 MB; programs end at 8 MB", null, "weights.mtl");
    }

    [Fact]
    public void Pipes_are_read_and_devices_that_never_end_are_not()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "a shell");
        command.Write("net.mtl", Reliability.SmallRun.Program);
        var outcome = command.Shell("""cat net.mtl | dotnet "$MTLC" check /dev/stdin; echo $?; dotnet "$MTLC" check /dev/zero; echo $?""");
        Assert.Matches(@"(?s)^/dev/stdin: model small has no errors\n.*\n0\n74\n$", outcome.Output);
        Assert.Equal("error: '/dev/zero' has more than 8 MB; programs end there\n", outcome.Errors);
    }

    [Fact]
    public void Where_no_error_can_be_written_the_exit_code_still_tells()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/dev/full");
        command.Write("wrong.mtl", "model m {");
        var outcome = command.Shell("""for error in /dev/full "&-"; do for file in wrong.mtl none.mtl; do eval "dotnet \"\$MTLC\" check $file 2>$error"; echo $?; done; done""");
        Assert.Equal("1\n74\n1\n74\n", outcome.Output);
    }

    [Fact]
    public void A_run_that_is_a_file_and_a_run_that_is_missing()
    {
        command.Write("net.mtl", "");
        Assert.Equal((74, "error: 'net.mtl' is a file; a run is a folder\nhelp: 'mtlc run net.mtl' makes one\n"), Result(command.Run("eval", "net.mtl")));
        Directory.CreateDirectory(Path.Combine(command.Folder, "runs", "first"));
        Assert.Equal((74, "error: no run directory 'runs/frist'\nhelp: did you mean 'runs/first'?\n"), Result(command.Run("eval", "runs/frist")));
    }

    [Theory]
    [InlineData("taken")]
    [InlineData("taken/below/it")]
    public void A_file_in_the_way_of_a_folder_is_named(string output)
    {
        command.Write("net.mtl", Programs.Tiny);
        command.Write("taken", "");
        var expected = (74, $"error: '{output}' cannot be a folder: 'taken' is a file\n");
        Assert.Equal(expected, Result(command.Run("run", "net.mtl", "--out", output)));
        Assert.Equal(expected, Result(command.Run("data", "render", "--out", output)));
    }

    [Fact]
    public void A_full_disk_is_named()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/dev/full");
        command.Write("net.mtl", Programs.Tiny);
        var outcome = command.Shell("dotnet \"$MTLC\" check net.mtl > /dev/full");
        Assert.Equal(74, outcome.ExitCode);
        Assert.StartsWith("error: the disk is full", outcome.Errors, StringComparison.Ordinal);
    }

    void Fails(string message, string? help, string file)
    {
        var expected = $"error: {message}\n{(help is null ? "" : $"help: {help}\n")}";
        foreach (var verb in (string[])["check", "summary", "graph", "annotate", "run"])
            Assert.Equal((74, expected), Result(command.Run(verb, file)));
    }

    static (int, string) Result(Infrastructure.Repository.Outcome outcome)
    {
        Assert.Empty(outcome.Output);
        return (outcome.ExitCode, outcome.Errors);
    }
}
