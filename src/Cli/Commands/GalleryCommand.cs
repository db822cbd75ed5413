using System.CommandLine;
using System.Globalization;
using System.Text;
using Mtlc.Cli.CommandLine;
using Mtlc.Cli.Errors;
using Mtlc.Cli.Files;
using Mtlc.Cli.Output;
using Mtlc.Cli.Running;
using Mtlc.Compiler;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Planning;
using Mtlc.Compiler.Views;

namespace Mtlc.Cli.Commands;

/// <summary>`mtlc gallery FILES --out FILE`: a page of networks, and of the library's encoders.</summary>
static class GalleryCommand
{
    public static Verb Create()
    {
        var paths = new Argument<string[]>("PATH")
        {
            Description = "An .mtl file with a model, or a folder: every such file in it.",
            Arity = ArgumentArity.OneOrMore,
        };
        var page = new Option<string>("--out")
        {
            HelpName = "FILE.md",
            Description = "The page. Drawings go to a folder beside it that is called as it is.",
            Required = true,
        };
        var check = new Option<bool>("--check")
        {
            Description = "Write nothing; name the files that would change, and return 1 if there are any.",
        };
        var verb = new Verb(
            "gallery",
            "Make a page of networks and of the library's encoders",
            "Of each network the drawing, its first comment, parameters, multiply-adds and the memory of a training step as "
                + "`plan` knows it. The page and its drawings are the same on every machine.",
            "mtlc gallery examples/published --out docs/networks.md",
            "mtlc gallery examples/published --out docs/networks.md --check  # is the page as it should be?"
        )
        {
            paths,
            page,
            check,
        };
        verb.SetAction(parsed =>
        {
            var path = parsed.GetRequiredValue(page);
            var networks = new List<(string Path, CompiledProgram Program)>();
            foreach (var file in Files(parsed.GetRequiredValue(paths)))
            {
                if (Programs.Compile(file, []) is not { } program)
                    return ExitCode.ProgramErrors;
                networks.Add((file, program));
            }
            var changed = Made(path, networks)
                .Where(f => !File.Exists(f.Path) || UserText.Read(f.Path).Content != f.Text)
                .ToList();
            foreach (var (file, text) in changed)
            {
                if (parsed.GetValue(check))
                    Terminal.Output.WriteData(file);
                else
                    Write(file, text);
            }
            return parsed.GetValue(check) && changed.Count > 0 ? ExitCode.ProgramErrors : ExitCode.Done;
        });
        return verb;
    }

    static void Write(string path, string text)
    {
        Directory.CreateDirectory(OutputPath.Folder(Path.GetDirectoryName(Path.GetFullPath(path))!));
        File.WriteAllText(path, text);
    }

    // A folder's recipes have no model, and are no network.
    static IEnumerable<string> Files(string[] paths) =>
        paths
            .SelectMany(
                IEnumerable<string> (p) =>
                    Directory.Exists(p)
                        ? Directory
                            .EnumerateFiles(p, "*.mtl")
                            .Order(StringComparer.Ordinal)
                            .Where(f => !Compilation.Compile(UserText.Read(f), UserText.TryRead).LacksModel)
                    : File.Exists(p) ? [p]
                    : throw UserText.Missing(p, "no file")
            )
            .Distinct(StringComparer.Ordinal);

    /// <summary>The page and its drawings.</summary>
    public static IEnumerable<(string Path, string Text)> Made(
        string page,
        IReadOnlyList<(string Path, CompiledProgram Program)> networks
    )
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(page))!;
        var drawings = Path.GetFileNameWithoutExtension(page);
        var text = new StringBuilder(
            """
            # Networks

            Made by `mtlc gallery`: change the programs, not this page. Multiply-adds are of one forward pass over one picture as
            large as the training crop. Memory is that of a training step's tensors, as `mtlc plan` computes it: parameters,
            gradients, the optimizer's state, what the backward pass keeps.

            """
        );
        foreach (var (path, program) in networks)
        {
            var (model, crop, batch) = (program.Model, program.Data.Augment.Crop, program.Train.Batch);
            var name = Path.GetFileNameWithoutExtension(path);
            var source = Path.GetRelativePath(folder, Path.GetFullPath(path)).Replace('\\', '/');
            var memory = MemoryPlan.Of(program, batch, crop).Training.Peak;
            Line(
                text,
                $"\n## {model.Name}\n\n{Comment(program)}\n\n![{model.Name}]({drawings}/{name}.svg)\n\n| | |\n| --- | --- |"
            );
            foreach (var task in model.Tasks)
                Line(text, $"| {task.Name} | {task.FullDescription} |");
            var frozen = model.Training.FrozenCount is > 0 and var still ? $" and {Quantity.Grouped(still)} frozen" : "";
            Line(text, $"| parameters | {Quantity.Grouped(model.Training.TrainableCount)}{frozen} |");
            Line(text, $"| multiply-adds | {Amount.Count(model.Training.MultiplyAdds(crop.Height, crop.Width))}, {crop} |");
            Line(text, $"| memory of a step | {Amount.Mebibytes(memory)}, batch {batch} of {crop} |");
            Line(text, $"| source | [{Path.GetFileName(path)}]({source}) |");
            yield return (Path.Combine(Path.GetDirectoryName(page)!, drawings, name + ".svg"), Svg.Write(model, model.Training));
        }
        Line(
            text,
            $"\n## Encoders\n\n`/4` says that `NAME/4` is a feature. Files with the library's own names of tensors are always known.\n"
        );
        Line(
            text,
            $"| encoder | parameters | features at | `weights: imagenet` | also known |\n| --- | ---: | --- | --- | --- |"
        );
        foreach (var encoder in LibraryEncoder.All())
            Line(
                text,
                $"| `{encoder.Name}` | {Quantity.Grouped(encoder.Parameters)} | "
                    + $"{string.Join(" ", encoder.Strides.Select(s => $"/{s.ToString(CultureInfo.InvariantCulture)}"))} | "
                    + $"{(encoder.Weights ? "yes" : "")} | {string.Join(", ", encoder.Styles)} |"
            );
        yield return (page, text.ToString());
    }

    /// <summary>The first lines of comment of the program's own file, as they were broken.</summary>
    static string Comment(CompiledProgram program) =>
        string.Join(
            "\n",
            program
                .Sources[0]
                .Content.Split('\n')
                .Select(l => l.Trim())
                .SkipWhile(l => !l.StartsWith('#'))
                .TakeWhile(l => l.StartsWith('#'))
                .Select(l => l.TrimStart('#').Trim())
        );

    static void Line(StringBuilder text, string line) => text.Append(line).Append('\n');
}
