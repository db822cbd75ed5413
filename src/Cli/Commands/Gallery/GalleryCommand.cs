using System.CommandLine;
using Mtlc.Cli.CommandLine;
using Mtlc.Cli.Errors;
using Mtlc.Cli.Files;
using Mtlc.Cli.Output;
using Mtlc.Cli.Running;
using Mtlc.Compiler;

namespace Mtlc.Cli.Commands.Gallery;

/// <summary>`mtlc gallery FILES --out FILE`: a page of networks, and of the library's encoders.</summary>
static class GalleryCommand
{
    public static Verb Create()
    {
        var paths = new Argument<string[]>("PATH")
        {
            Description = "An .mtl file with a model, or a folder: every such file below it.",
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
        var time = new Option<bool>("--time")
        {
            Description = "Time a few training steps of each network on noise, on this machine's CPU.",
        };
        var verb = new Verb(
            "gallery",
            "Make a page of networks and of the library's encoders",
            "Of each network the drawing, its first comment, parameters, multiply-adds, the memory of a training step as `plan` "
                + "knows it, and its time, where it was measured. The page and its drawings are the same on every machine: times "
                + "are read from a file beside the drawings.",
            "mtlc gallery examples/published --out docs/networks.md",
            "mtlc gallery examples/published --out docs/networks.md --time   # measure the steps anew, on this machine",
            "mtlc gallery examples/published --out docs/networks.md --check  # is the page as it should be?"
        )
        {
            paths,
            page,
            time,
            check,
        };
        verb.SetAction(parsed =>
        {
            var path = parsed.GetRequiredValue(page);
            if (Networks(parsed.GetRequiredValue(paths)) is not { } networks)
                return ExitCode.ProgramErrors;
            var gallery = new NetworkPage(path, networks);
            var times = parsed.GetValue(time) ? StepTimes.Measure(networks) : StepTimes.Read(gallery.TimesFile);
            var changed = gallery
                .Files(times)
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

    /// <summary>The programs with a model, whose errors are shown; a folder's recipes are no networks.</summary>
    static List<Network>? Networks(string[] paths)
    {
        var networks = new List<Network>();
        foreach (var (path, isNamed) in ProgramFiles.Find(paths))
        {
            var compilation = Compilation.Compile(UserText.Read(path), UserText.TryRead);
            if (compilation.LacksModel && !isNamed)
                continue;
            if (Programs.Shown(compilation) is not { } program)
                return null;
            networks.Add(new(path, program));
        }
        return networks;
    }
}
