using Mtlc.Compiler;
using Mtlc.Compiler.Experiments;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Text;

namespace Mtlc.Tests.Experiments;

static class Sweeping
{
    public const string Model = """
        model small {
          task semseg: segmentation { classes: 19 }
          task depth: depth
          encoder trunk: resnet18
          decoder head: trunk + skip trunk/4 -> semseg, depth
          let depth_weight = 0.5
          loss: (1 - depth_weight) * cross_entropy(semseg) + depth_weight * l2(depth)
        }

        """;

    public static SweepCompilation Compile(
        string sweep,
        string before = Model,
        string? name = null,
        string[]? sets = null,
        params (string Path, string Text)[] files
    ) => SweepPlan.Compile(new("main.mtl", before + sweep), Open(files), sets, name);

    public static SweepPlan Plan(
        string sweep,
        string before = Model,
        string? name = null,
        string[]? sets = null,
        params (string Path, string Text)[] files
    )
    {
        var compiled = Compile(sweep, before, name, sets, files);
        Assert.Empty(compiled.Diagnostics.Where(d => d.Severity == Severity.Error).Select(d => $"{d.Span} {d.Message}"));
        return compiled.Plan!;
    }

    public static Diagnostic Error(string sweep, string before = Model) =>
        Assert.Single(Compile(sweep, before).Diagnostics, d => d.Severity == Severity.Error);

    public static CompiledProgram Program(string text, string[]? sets = null, params (string Path, string Text)[] files)
    {
        var compiled = Compilation.Compile(new("main.mtl", text), Open(files), sets);
        Assert.Empty(compiled.Diagnostics.Where(d => d.Severity == Severity.Error).Select(d => $"{d.Span} {d.Message}"));
        return compiled.Program!;
    }

    static Func<string, SourceText?> Open((string Path, string Text)[] files) =>
        path =>
            files.FirstOrDefault(f => f.Path == path) is { Path: not null } file ? new SourceText(file.Path, file.Text) : null;
}
