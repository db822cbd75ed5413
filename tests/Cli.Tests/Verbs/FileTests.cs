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

    /// <summary>None of them ends by itself: a pipe waits for a writer, and there is always more of /dev/zero.</summary>
    [Fact]
    public void Pipes_and_devices_are_refused_in_a_line_by_every_reader()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "a shell");
        command.Write("net.mtl", Programs.Tiny);
        command.Write("imports.mtl", "import \"link\"\n" + Programs.Tiny);
        command.Write(
            "lists.yaml",
            "format: mtl-data/1\nroot: .\nsplits: { train: fifo }\ninputs: { rgb: { path: \"{id}.png\", kind: rgb8 } "
                + "}\ntargets: { }\n"
        );
        command.Write(
            "pictures.yaml",
            "format: mtl-data/1\nroot: .\nsplits: { train: ids.txt }\ninputs: { rgb: { path: \"{id}.png\", kind: rgb8 } "
                + "}\ntargets: { }\n"
        );
        command.Write("ids.txt", "a\n");
        var outcome = command.Shell(
            """
            cat net.mtl | timeout 60 dotnet "$MTLC" check /dev/stdin > /dev/null; echo "the shell's own $?"
            timeout 60 dotnet "$MTLC" check <(cat net.mtl) > /dev/null; echo "the shell's own $?"
            mkfifo fifo m.yaml a.png; ln -s fifo link; ln -s /dev/zero zero
            say() { timeout 60 dotnet "$MTLC" "$@" 2>&1 | head -1 | sed "s#$PWD/##g"; echo "${PIPESTATUS[0]}"; }
            say check fifo; say check link; say check zero; say check imports.mtl
            say data check m.yaml; say data check lists.yaml; say data check pictures.yaml | tail -1
            say check net.mtl --set 'trunk.weights="fifo"'; say run net.mtl --set 'trunk.weights="zero"' --out r; ls r 2> /dev/null
            """
        );
        Assert.Equal(
            """
            the shell's own 0
            the shell's own 0
            error: 'fifo' is a pipe, not a file
            74
            error: 'link' is a pipe, not a file
            74
            error: 'zero' is a device, not a file
            74
            error: 'link' is a pipe, not a file
            74
            error: m.yaml: a pipe, not a file
            65
            error: fifo: a pipe, not a file
            65
            65
            error[MTL6004]: fifo: a pipe, not a weights file
            1
            error: zero: a device, not a weights file
            65

            """.ReplaceLineEndings("\n"),
            outcome.Output
        );
        Assert.Empty(outcome.Errors);
    }

    [Theory]
    [InlineData("FILE", "check", "")]
    [InlineData("SOURCE", "data", "check", "")]
    [InlineData("--out", "run", "net.mtl", "--out", "")]
    [InlineData("--log", "run", "net.mtl", "--log", "")]
    [InlineData("RUN", "eval", "")]
    public void An_empty_path_is_named(string which, params string[] arguments)
    {
        command.Write("net.mtl", Programs.Tiny);
        var outcome = command.Run(arguments);
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains($"takes no empty {which}\n", outcome.Errors, StringComparison.Ordinal);
    }

    /// <summary>Also in the run's own copy of the program, from which it is compiled again.</summary>
    [Fact]
    public void A_file_under_several_names_counts_once_and_its_run_can_be_evaluated()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "links");
        var library = command.Write("parts/lib.mtl", "component squeeze(x) { return conv(x, 8) }\n");
        File.CreateSymbolicLink(Path.Combine(command.Folder, "link.mtl"), library);
        command.Write(
            "net.mtl",
            $"import \"parts//lib.mtl\"\nimport \"link.mtl\"\nimport \"{library}\"\nimport \"./parts/..//link.mtl\"\n"
                + Programs.Tiny
        );
        var run = command.Run("run", "net.mtl", "--out", "r", "--device", "cpu", "--max-steps", "2");
        Assert.True(run.ExitCode == 0, run.Errors);
        File.Delete(library); // the copy is whole without it
        var eval = command.Run("eval", "r", "--device", "cpu", "--checkpoint", "last");
        Assert.True(eval.ExitCode == 0, eval.Errors);
    }

    [Fact]
    public void Where_no_error_can_be_written_the_exit_code_still_tells()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/dev/full");
        command.Write("wrong.mtl", "model m {");
        var outcome = command.Shell(
            """for error in /dev/full "&-"; do for file in wrong.mtl none.mtl; do eval "dotnet \"\$MTLC\" check $file 2>$error"; echo $?; done; done"""
        );
        Assert.Equal("1\n74\n1\n74\n", outcome.Output);
    }

    [Fact]
    public void A_run_that_is_a_file_and_a_run_that_is_missing()
    {
        command.Write("net.mtl", "");
        Assert.Equal(
            (74, "error: 'net.mtl' is a file; a run is a folder\nhelp: 'mtlc run net.mtl' makes one\n"),
            Result(command.Run("eval", "net.mtl"))
        );
        Directory.CreateDirectory(Path.Combine(command.Folder, "runs", "first"));
        Assert.Equal(
            (74, "error: no run directory 'runs/frist'\nhelp: did you mean 'runs/first'?\n"),
            Result(command.Run("eval", "runs/frist"))
        );
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
