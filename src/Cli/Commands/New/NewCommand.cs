using System.CommandLine;
using System.Text.RegularExpressions;
using Mtlc.Cli.CommandLine;
using Mtlc.Cli.Errors;
using Mtlc.Cli.Files;
using Mtlc.Cli.Output;
using Mtlc.Compiler;
using Mtlc.Dsl.Text;

namespace Mtlc.Cli.Commands.New;

/// <summary>`mtlc new NAME`: a folder with a network that runs.</summary>
static partial class NewCommand
{
    const string Templates = "templates/",
        Common = "common",
        OwnData = "own-data";

    public static Verb Create()
    {
        var name = new Argument<string?>("NAME")
        {
            Description =
                "The folder to make; it must not exist yet, or be empty. The model is called like it. Default: the "
                + "template's name.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var template = Choices.OneOf(
            "--template",
            "What the folder starts from: two tasks side by side; tasks that learn from each other; one task; a manifest for "
                + "data of yours; experiments and their page.",
            "branched",
            "branched",
            "distillation",
            "segmentation",
            OwnData,
            "sweep"
        );
        var verb = new Verb(
            "new",
            "Make a folder with a network that runs at once",
            "The folder has a program, a recipe, a README with the next three commands, and a .gitignore. With own-data it "
                + "also has a manifest, and a few rendered "
                + "samples in the place of yours. Everything trains in minutes on two CPU cores.",
            "mtlc new streets",
            "mtlc new rooms --template own-data",
            "mtlc new --template sweep"
        )
        {
            name,
            template,
        };
        verb.SetAction(parsed =>
            Make(parsed.GetValue(name) ?? parsed.GetRequiredValue(template), parsed.GetRequiredValue(template))
        );
        return verb;
    }

    static int Make(string path, string template)
    {
        var folder = OutputPath.Folder(path);
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
            throw Failure.InputOutput($"'{path}' exists and is not an empty folder", "name another, or remove it");
        var model = ModelName(Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))));
        Directory.CreateDirectory(folder);
        var files = Files(template).ToList();
        foreach (var (file, resource) in files)
            File.WriteAllText(Path.Combine(folder, Named(file)), Filled(Resource.Text(resource), model));
        if (template == OwnData)
            ExampleData.Write(Path.Combine(folder, "data"));
        var output = Terminal.Output;
        output.WriteLine(
            $"{folder}: "
                + $"{string.Join(", ", files.Select(f => Named(f.File)).Concat(template == OwnData ? ["data/"] : []).Order(StringComparer.Ordinal))}"
        );
        output.WriteLine();
        output.WriteLine($"  cd {(folder.Contains(' ', StringComparison.Ordinal) ? $"'{folder}'" : folder)}");
        foreach (
            var line in Filled(Resource.Text(files.Single(f => f.File == "README.md").Resource), model)
                .Split('\n')
                .Where(l => l.StartsWith("mtlc ", StringComparison.Ordinal))
        )
            output.WriteLine($"  {line}");
        return ExitCode.Done;

        string Named(string file) =>
            file == "gitignore" ? ".gitignore"
            : file == "network.mtl" ? $"{model}.mtl"
            : file;
    }

    /// <summary>The template's own files, and those that all share where it has none of that name.</summary>
    static IEnumerable<(string File, string Resource)> Files(string template) =>
        new[] { template, Common }
            .SelectMany(t => Resource.Below($"{Templates}{t}/").Select(f => (File: f, Resource: $"{Templates}{t}/{f}")))
            .DistinctBy(f => f.File);

    static string Filled(string text, string model) =>
        Aligned(
            text.Replace("network.mtl", $"{model}.mtl", StringComparison.Ordinal)
                .Replace("network.svg", $"{model}.svg", StringComparison.Ordinal)
                .Replace("model network {", $"model {model} {{", StringComparison.Ordinal)
                .Replace("# NAME", $"# {model}", StringComparison.Ordinal)
        );

    /// <summary>What commands do, one under the other, however long the model's name is.</summary>
    static string Aligned(string text)
    {
        var lines = text.Split('\n').Select(l => l.StartsWith("mtlc ", StringComparison.Ordinal) ? l.Split(" # ") : [l]).ToList();
        var width = lines.Where(l => l.Length == 2).Select(l => l[0].TrimEnd().Length).DefaultIfEmpty().Max();
        return string.Join('\n', lines.Select(l => l.Length == 2 ? $"{l[0].TrimEnd().PadRight(width)}  # {l[1]}" : l[0]));
    }

    /// <summary>A name of the language that is as like the folder's as can be.</summary>
    static string ModelName(string folder)
    {
        var name = NoName().Replace(folder, "_").Trim('_');
        name = name.Length == 0 || char.IsAsciiDigit(name[0]) ? $"net_{name}".TrimEnd('_') : name;
        // Files of the folder's have theirs.
        return IsName(name) && name is not ("recipe" or "sweep" or "report") ? name : $"{name}_net";
    }

    /// <summary>Whether the language takes the word for a model's name; its keywords it does not.</summary>
    static bool IsName(string word) =>
        Compilation
            .Compile(
                new SourceText("", Filled(Resource.Text($"{Templates}segmentation/network.mtl"), word)),
                _ => new SourceText("recipe.mtl", "")
            )
            .Program
            is not null;

    [GeneratedRegex("[^A-Za-z0-9_]+")]
    private static partial Regex NoName();
}
