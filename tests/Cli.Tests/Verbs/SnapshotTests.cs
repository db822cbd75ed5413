using System.Xml.Linq;
using Mtlc.Compiler.Views;
using Mtlc.Testing;
using Mtlc.Tests.Infrastructure;

namespace Mtlc.Tests.Verbs;

public sealed class SnapshotTests : IDisposable
{
    static readonly string Dilated = Programs.Tiny.Replace(
        "16, kernel: 3, stride: 2",
        "16, kernel: 3, dilation: 2",
        StringComparison.Ordinal
    );

    readonly Command command = new();

    public void Dispose() => command.Dispose();

    [Fact]
    public void A_changed_dilation_is_shown_with_what_it_costs_and_accepted()
    {
        command.Write("models/a.mtl", Programs.Tiny);
        Assert.Equal(0, command.Run("snapshot", "models").ExitCode);
        Assert.Equal(["a.infer.verified.txt", "a.mtl", "a.train.verified.txt"], Files("models"));
        Assert.Equal(command.Run("graph", "models/a.mtl").Output, Read("models/a.train.verified.txt"));
        Assert.Equal(command.Run("graph", "models/a.mtl", "--phase", "infer").Output, Read("models/a.infer.verified.txt"));
        Assert.Equal((0, "1 program, snapshots: 2 unchanged\n"), Of(command.Run("snapshot", "--verify")));

        command.Write("models/a.mtl", Dilated);
        var changed = command.Run("snapshot", "--verify");
        Assert.Equal(1, changed.ExitCode);
        Assert.Contains(
            "~ trunk: parameters 1,416, multiply-adds 129 k -> 350 k (+221 k), feature maps 36.0 KiB -> 72.0 KiB (+36.0 KiB)\n",
            changed.Output,
            StringComparison.Ordinal
        );
        Assert.Contains("    shape 16 x H/8 x W/8 -> 16 x H/4 x W/4\n", changed.Output, StringComparison.Ordinal);
        Assert.Contains("\n+++ models/a.train.received.txt", changed.Output, StringComparison.Ordinal);
        Assert.Equal(command.Run("graph", "models/a.mtl").Output, Read("models/a.train.received.txt"));

        Assert.Equal(0, command.Run("snapshot", "--accept", "models/a.mtl").ExitCode);
        Assert.Equal(["a.infer.verified.txt", "a.mtl", "a.train.verified.txt"], Files("models"));
        Assert.Equal(0, command.Run("snapshot", "--verify", "models/a.mtl").ExitCode);
    }

    [Fact]
    public void A_missing_snapshot_is_a_difference_for_verify_alone()
    {
        command.Write("a.mtl", Programs.Tiny);
        var missing = command.Run("snapshot", "--verify", "--junit", "out/report.xml");
        Assert.Equal(1, missing.ExitCode);
        Assert.Equal(["a.infer.received.txt", "a.mtl", "a.train.received.txt"], Files("."));
        var suite = XDocument.Load(Path.Combine(command.Folder, "out", "report.xml")).Descendants("testsuite").Single();
        Assert.Equal(
            ("2", "2", "0"),
            ((string?)suite.Attribute("tests"), (string?)suite.Attribute("failures"), (string?)suite.Attribute("errors"))
        );
        Assert.Equal(
            ["train", "infer"],
            suite.Elements("testcase").Where(c => c.Element("failure") is not null).Select(c => (string)c.Attribute("name")!)
        );

        Assert.Equal(0, command.Run("snapshot").ExitCode);
        Assert.Equal(["a.infer.verified.txt", "a.mtl", "a.train.verified.txt"], Files("."));
    }

    [Fact]
    public void Parts_are_kept_once_they_were_asked_for()
    {
        command.Write("a.mtl", Programs.Tiny);
        Assert.Equal(0, command.Run("snapshot", "a.mtl", "--with", "shapes,loss", "--with", "drawing").ExitCode);
        Assert.Equal("encoder trunk: 16 x H/8 x W/8\n", Read("a.shapes.verified.txt")[..30]);
        Assert.Equal("0.5 * cross_entropy(head.semseg) + 0.5 * l2(head.depth)\n", Read("a.loss.verified.txt"));
        Assert.Equal("svg", XDocument.Load(Path.Combine(command.Folder, "a.drawing.verified.svg")).Root!.Name.LocalName);

        command.Write("a.mtl", Programs.Tiny.Replace("0.5 * l2", "0.25 * l2", StringComparison.Ordinal));
        var changed = command.Run("snapshot", "--verify");
        Assert.Equal(1, changed.ExitCode);
        Assert.Contains("+0.5 * cross_entropy(head.semseg) + 0.25 * l2(head.depth)\n", changed.Output, StringComparison.Ordinal);
        Assert.Contains("4 unchanged, 1 changed", changed.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Folders_are_read_as_their_repository_sees_them()
    {
        command.Write("a.mtl", Programs.Tiny);
        command.Write("recipe.mtl", "train { epochs: 2 }\n");
        command.Write("runs/one/source/a.mtl", Programs.Tiny);
        command.Write("other/one/config.yaml", "");
        command.Write("other/one/source/a.mtl", Programs.Tiny);
        command.Write("inner/drafts/b.mtl", Programs.Tiny);
        command.Write("inner/c.mtl", Programs.Tiny);
        command.Write(".gitignore", "/runs/\n*.received.*\n");
        command.Write("inner/.gitignore", "drafts/\n");

        Assert.Equal(
            (
                0,
                "written: a.train.verified.txt\nwritten: a.infer.verified.txt\nwritten: inner/c.train.verified.txt\nwritten: "
                    + "inner/c.infer.verified.txt\n"
                    + "2 programs, snapshots: 4 written\n"
            ),
            Of(command.Run("snapshot"))
        );
    }

    [Fact]
    public void A_program_with_errors_is_none_that_is_as_it_was()
    {
        command.Write("a.mtl", Programs.Tiny);
        Assert.Equal(0, command.Run("snapshot").ExitCode);
        command.Write("a.mtl", "model m {");
        var broken = command.Run("snapshot", "--verify", "--junit", "r.xml");
        Assert.Equal(1, broken.ExitCode);
        Assert.Contains("error[MTL1", broken.Errors, StringComparison.Ordinal);
        Assert.Equal("1", (string?)XDocument.Load(Path.Combine(command.Folder, "r.xml")).Root!.Attribute("errors"));
        Assert.Equal(2, command.Run("snapshot", "--verify", "--accept").ExitCode);
        Assert.Equal(2, command.Run("snapshot", "--with", "shape").ExitCode);
    }

    [Fact]
    public void A_test_of_any_framework_verifies_the_same_files()
    {
        var path = command.Write("a.mtl", Programs.Tiny);
        Assert.Contains(
            "There is no snapshot",
            Assert.Throws<SnapshotException>(() => Snapshots.Verify(path)).Message,
            StringComparison.Ordinal
        );
        Assert.Equal(0, command.Run("snapshot").ExitCode);
        Snapshots.Verify(path);
        Assert.Contains(
            "a.plan.received.txt",
            Assert.Throws<SnapshotException>(() => Snapshots.Verify(path, SnapshotPart.Plan)).Message,
            StringComparison.Ordinal
        );

        command.Write("a.mtl", Dilated);
        var message = Assert.Throws<SnapshotException>(() => Snapshots.Verify(path)).Message;
        Assert.Contains(
            "a.mtl no longer compiles to a.train.verified.txt:\n~ trunk: parameters 1,416",
            message,
            StringComparison.Ordinal
        );
        Assert.Contains($"accept: mtlc snapshot --accept \"{path}\"", message, StringComparison.Ordinal);
        Assert.Throws<SnapshotException>(() => Snapshots.Verify(command.Write("wrong.mtl", Programs.Wrong)));
    }

    [Fact]
    public void A_test_names_programs_relative_to_itself() =>
        Assert.Contains(
            Path.Combine(Repository.Root, "tests", "Cli.Tests", "no such.mtl"),
            Assert.Throws<FileNotFoundException>(() => Snapshots.Verify("../no such.mtl")).Message,
            StringComparison.Ordinal
        );

    string Read(string path) => File.ReadAllText(Path.Combine(command.Folder, path));

    List<string> Files(string folder) =>
        [
            .. Directory
                .GetFiles(Path.Combine(command.Folder, folder))
                .Select(f => Path.GetFileName(f))
                .Order(StringComparer.Ordinal),
        ];

    static (int, string) Of(Repository.Outcome outcome) => (outcome.ExitCode, outcome.Output);
}
