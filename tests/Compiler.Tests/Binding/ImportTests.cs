using Mtlc.Compiler;
using Mtlc.Dsl.Text;

namespace Mtlc.Tests.Binding;

/// <summary>Programs of several files.</summary>
public class ImportTests
{
    const string Network = """
        model net {
          task depth: depth
          encoder trunk: resnet18
          decoder head: trunk -> depth { using: body }
          loss: l2(depth)
        }

        """;

    [Fact]
    public void A_file_reached_twice_counts_once()
    {
        var program = Programs.Valid(
            Programs.Compile([
                ("main.mtl", "import \"left.mtl\"\nimport \"right.mtl\"\n" + Network),
                ("left.mtl", "import \"base.mtl\"\n"),
                ("right.mtl", "import \"./base.mtl\"\nimport \"parts/../base.mtl\"\n"),
                ("base.mtl", "component body(x) { return conv(x, 8) }\n"),
            ])
        );
        Assert.Equal(["main.mtl", "left.mtl", "base.mtl", "right.mtl"], program.Sources.Select(s => s.Path));
    }

    /// <summary>By what the reader knows of files: absolute paths, links, another case where the disk knows none.</summary>
    [Fact]
    public void A_file_reached_under_two_names_counts_once()
    {
        var files = new Dictionary<string, (string Text, string Identity)>
        {
            ["main.mtl"] = (
                "import \"base.mtl\"\nimport \"link.mtl\"\nimport \"/home/base.mtl\"\nimport \"again.mtl\"\n" + Network,
                "1"
            ),
            ["base.mtl"] = ("component body(x) { return conv(x, 8) }\n", "2"),
            ["link.mtl"] = ("component body(x) { return conv(x, 8) }\n", "2"),
            ["/home/base.mtl"] = ("component body(x) { return conv(x, 8) }\n", "2"),
            ["again.mtl"] = ("import \"main.mtl\"\n", "1"),
        };
        SourceText Read(string path) => new(path, files[path].Text) { Identity = files[path].Identity };
        var program = Programs.Valid(Compilation.Compile(Read("main.mtl"), Read));
        Assert.Equal(["main.mtl", "base.mtl"], program.Sources.Select(s => s.Path));
        Assert.Equal(["link.mtl", "/home/base.mtl", "again.mtl"], program.Aliases.Select(s => s.Path));
    }

    [Theory]
    [InlineData(".//base.mtl", "base.mtl")]
    [InlineData("sub/..//base.mtl", "base.mtl")]
    [InlineData("././base.mtl", "base.mtl")]
    [InlineData("sub///base.mtl", "sub/base.mtl")]
    [InlineData("/sub//../base.mtl", "/base.mtl")]
    [InlineData("/../base.mtl", "/base.mtl")]
    [InlineData("..//base.mtl", "../base.mtl")]
    public void Slashes_and_dots_are_read_as_the_system_reads_them(string written, string path)
    {
        var asked = new List<string>();
        Compilation.Compile(
            new("main.mtl", $"import \"{written}\"\n" + Network),
            p =>
            {
                asked.Add(p);
                return null;
            }
        );
        Assert.Equal([path], asked);
    }

    [Theory]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("/")]
    [InlineData("//")]
    [InlineData("./")]
    [InlineData("")]
    public void Folders_are_no_files(string written) =>
        Assert.Contains(
            Compilation.Compile(new("main.mtl", $"import \"{written}\"\n" + Network)).Diagnostics,
            d => d.Code == "MTL2002"
        );

    [Fact]
    public void Files_may_import_each_other() =>
        Assert.NotNull(
            Programs
                .Compile([
                    ("main.mtl", "import \"a.mtl\"\nimport \"main.mtl\"\n" + Network),
                    ("a.mtl", "import \"b.mtl\"\ncomponent body(x) { return helper(x) }\n"),
                    ("b.mtl", "import \"a.mtl\"\nimport \"main.mtl\"\ncomponent helper(x) { return conv(x, 8) }\n"),
                ])
                .Program
        );

    [Fact]
    public void A_path_is_relative_to_the_file_that_imports() =>
        Assert.NotNull(
            Programs
                .Compile([
                    ("nets/main.mtl", "import \"../parts/body.mtl\"\n" + Network),
                    ("parts/body.mtl", "import \"helper.mtl\"\ncomponent body(x) { return helper(x) }\n"),
                    ("parts/helper.mtl", "component helper(x) { return conv(x, 8) }\n"),
                ])
                .Program
        );

    [Fact]
    public void A_name_twice_shows_both_places()
    {
        var error = Assert.Single(
            Programs
                .Compile([
                    ("main.mtl", "import \"a.mtl\"\nimport \"b.mtl\"\n" + Network),
                    ("a.mtl", "component body(x) { return conv(x, 8) }\n"),
                    ("b.mtl", "component body(x) { return conv(x, 4) }\n"),
                ])
                .Diagnostics
        );
        Assert.Equal(
            ("MTL2001", "b.mtl:1:11", "a.mtl:1:11"),
            (error.Code, error.Span.ToString(), error.Notes[0].Span!.Value.ToString())
        );
    }

    [Fact]
    public void What_an_imported_file_sets_comes_before_what_follows_the_import() =>
        Assert.Equal(
            3,
            Programs
                .Valid(
                    Programs.Compile([
                        ("main.mtl", "import \"a.mtl\"\nset train.seed = 3\ncomponent body(x) { return conv(x, 8) }\n" + Network),
                        ("a.mtl", "set train.seed = 2\n"),
                    ])
                )
                .Train.Seed
        );

    [Fact]
    public void An_error_in_an_imported_file_stands_there()
    {
        var error = Assert.Single(
            Programs
                .Compile([
                    ("main.mtl", "import \"a.mtl\"\n" + Network),
                    ("a.mtl", "component body(x) { return conv(x, wide) }\n"),
                ])
                .Diagnostics
        );
        Assert.Equal(("MTL2022", "a.mtl:1:36"), (error.Code, error.Span.ToString()));
    }
}
