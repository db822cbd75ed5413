namespace Mtlc.Tests.Verbs;

public sealed class FmtTests : IDisposable
{
    const string Untidy = "# a tiny one\nmodel m {\n  task semseg: segmentation {classes:3}\n  task depth:depth # metres\n}\n";
    const string Tidy = "# a tiny one\nmodel m {\n  task semseg: segmentation { classes: 3 }\n  task depth:  depth # metres\n}\n";

    readonly Command command = new();

    public void Dispose() => command.Dispose();

    [Fact]
    public void Files_and_folders_are_laid_out_and_what_is_laid_out_is_not_written()
    {
        var inner = command.Write("models/a.mtl", Untidy);
        var done = command.Write("b.mtl", Tidy);
        var before = File.GetLastWriteTimeUtc(done);
        command.Write("models/.gitignore", "copies/\n");
        var ignored = command.Write("models/copies/c.mtl", Untidy);

        Assert.Equal((0, "", ""), Of(command.Run("fmt", "models", "b.mtl")));

        Assert.Equal(Tidy, File.ReadAllText(inner));
        Assert.Equal(Untidy, File.ReadAllText(ignored));
        Assert.Equal(before, File.GetLastWriteTimeUtc(done));
    }

    [Fact]
    public void A_check_names_what_would_change_and_writes_nothing()
    {
        var path = command.Write("a.mtl", Untidy);
        command.Write("b.mtl", Tidy);

        Assert.Equal((1, "a.mtl\n", ""), Of(command.Run("fmt", "--check", "a.mtl", "b.mtl")));
        Assert.Equal((0, "", ""), Of(command.Run("fmt", "--check", "b.mtl")));
        Assert.Equal(Untidy, File.ReadAllText(path));
    }

    [Theory]
    [InlineData(Untidy)]
    [InlineData("# a tiny one\nmodel m {\n  task semseg: segmentation {classes:3}\n  task depth:depth # metres\n}")]
    [InlineData("# a tiny one\r\nmodel m {\r\n  task semseg: segmentation {classes:3}\r\n  task depth:depth # metres\r\n}\r\n")]
    public void A_difference_is_one_that_patch_applies(string text)
    {
        var path = command.Write("a.mtl", text);

        Assert.Equal(
            0,
            command.Shell("dotnet \"$MTLC\" fmt --diff a.mtl > a.diff; test $? -eq 1 && git apply -p0 a.diff").ExitCode
        );

        var isWindows = text.Contains('\r', StringComparison.Ordinal);
        Assert.Equal(isWindows ? Tidy.Replace("\n", "\r\n", StringComparison.Ordinal) : Tidy, File.ReadAllText(path));
    }

    [Fact]
    public void Standard_input_goes_to_standard_output()
    {
        command.Write("a.mtl", Untidy);
        Assert.Equal((0, Tidy, ""), Of(command.Shell("dotnet \"$MTLC\" fmt - < a.mtl")));
    }

    [Fact]
    public void What_does_not_parse_is_left_and_told()
    {
        var wrong = command.Write("a.mtl", "model m {\n  task semseg segmentation\n}\n");
        var untidy = command.Write("b.mtl", Untidy);

        var outcome = command.Run("fmt", "a.mtl", "b.mtl");

        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains("error[MTL1", outcome.Errors, StringComparison.Ordinal);
        Assert.Equal("model m {\n  task semseg segmentation\n}\n", File.ReadAllText(wrong));
        Assert.Equal(Tidy, File.ReadAllText(untidy));
    }

    [Fact]
    public void A_file_keeps_its_mark_its_line_breaks_its_mode_and_the_links_to_it()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("modes and links as on Unix");
            return;
        }
        var path = command.Write("a.mtl", "\uFEFF" + Untidy.Replace("\n", "\r\n", StringComparison.Ordinal));
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        var link = Path.Combine(command.Folder, "link.mtl");
        File.CreateSymbolicLink(link, "a.mtl");

        Assert.Equal(0, command.Run("fmt", "link.mtl").ExitCode);

        Assert.Equal([0xEF, 0xBB, 0xBF], File.ReadAllBytes(path)[..3]);
        Assert.Equal(Tidy.Replace("\n", "\r\n", StringComparison.Ordinal), File.ReadAllText(path));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead, File.GetUnixFileMode(path));
        Assert.Equal("a.mtl", new FileInfo(link).LinkTarget);
        Assert.Equal(2, Directory.GetFileSystemEntries(command.Folder).Length);
    }

    static (int, string, string) Of(Infrastructure.Repository.Outcome outcome) =>
        (outcome.ExitCode, outcome.Output, outcome.Errors);
}
