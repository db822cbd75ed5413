using System.Globalization;
using System.Text;
using Mtlc.Cli.Output;
using Mtlc.Compiler;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Planning;
using Mtlc.Compiler.Views;

namespace Mtlc.Cli.Commands.Gallery;

/// <param name="Path">Of its program.</param>
sealed record Network(string Path, CompiledProgram Program)
{
    /// <summary>Of its drawing, and of its row among the times.</summary>
    public string Name => System.IO.Path.GetFileNameWithoutExtension(Path);
}

/// <summary>A page of networks, and of the library's encoders.</summary>
/// <param name="path">Of the page. Drawings and times lie in a folder beside it that is called as it is.</param>
sealed class NetworkPage(string path, IReadOnlyList<Network> networks)
{
    readonly string folder = Path.Combine(Path.GetDirectoryName(path)!, Path.GetFileNameWithoutExtension(path));

    /// <summary>What <see cref="StepTimes"/> has of these networks.</summary>
    public string TimesFile => Path.Combine(folder, "times.csv");

    /// <summary>The drawings, the times where there are any, and last the page.</summary>
    public IEnumerable<(string Path, string Text)> Files(StepTimes times)
    {
        var drawings = Path.GetFileName(folder);
        var text = new StringBuilder(
            """
            # Networks

            Made by `mtlc gallery`: change the programs, not this page. Multiply-adds are of one forward pass over one picture as
            large as the training crop. Memory is that of a training step's tensors, as `mtlc plan` computes it: parameters,
            gradients, the optimizer's state, what the backward pass keeps. Time is the median of three training steps on noise,
            measured where the table says (`mtlc gallery --time`).

            """
        );
        foreach (var network in networks)
        {
            var program = network.Program;
            var (model, crop, batch) = (program.Model, program.Data.Augment.Crop, program.Train.Batch);
            var name = network.Name;
            var source = Path.GetRelativePath(Path.GetDirectoryName(Path.GetFullPath(path))!, Path.GetFullPath(network.Path))
                .Replace('\\', '/');
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
            if (times.Of(name) is { } time)
                Line(
                    text,
                    $"| time of a step | {Quantity.Figures(time.Seconds, 3)} s, batch {batch} of {crop}, {time.Machine} |"
                );
            Line(text, $"| source | [{Path.GetFileName(network.Path)}]({source}) |");
            yield return (Path.Combine(folder, name + ".svg"), Svg.Write(model, model.Training));
        }
        Line(
            text,
            $"\n## Encoders\n\n`/4` says that `NAME/4` is a feature. Files with the library's own "
                + $"names of tensors are always known.\n"
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
        if (!times.IsEmpty)
            yield return (TimesFile, times.Text());
        yield return (path, text.ToString());
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
