using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using ArchUnitNET.Loader;

namespace Mtlc.Tests.Infrastructure;

/// <summary>References point left only, and each part stays in its field: read from the built assemblies and from the
/// sources.</summary>
public partial class ArchitectureTests
{
    /// <summary>
    /// Each project refers to projects before it. Each of its rooms uses rooms before it alone. A room is a folder, or a file
    /// that lies in none. </summary>
    static readonly (string Project, string[] Rooms)[] House =
    [
        ("Dsl", ["Text", "Diagnostics", "Syntax", "Parsing", "Formatting"]),
        (
            "Compiler",
            [
                "Ir",
                "Recipes",
                "Ops",
                "Tasks",
                "Binding",
                "CompiledProgram",
                "Lowering",
                "Passes",
                "Targets.LibTorch",
                "Targets.Onnx",
                "Targets.PyTorch",
                "Planning",
                "Views",
                "RecipeDigest",
                "Compilation",
                "LibraryEncoder",
                "Experiments",
            ]
        ),
        ("Testing", ["Snapshots"]),
        ("LanguageServer", ["Protocol", "Texts", "Documents", "Words", "Features", "Publisher", "Server"]),
        (
            "Runtime",
            [
                "Partners",
                "Files",
                "Machine",
                "Torch.Native",
                "Torch.Edges",
                "Torch",
                "Torch.Losses",
                "Metrics",
                "Data.Images",
                "Data.Samples",
                "Data.Synthetic",
                "Data.MiniScapes",
                "Data.Cityscapes",
                "Data.Manifest",
                "Data",
                "Data.Augmentation",
                "Data.Loading",
                "Torch.Targets",
                "Checkpoints",
                "Weights",
                "Tasks",
                "Training.Schedules",
                "Training.Balancing",
                "Training.Optimizers",
                "SelfTest",
                "Evaluation",
                "Reports",
                "Reports.Runs",
                "Reports.Tables",
                "Reports.Resources",
                "Reports.TensorBoard",
                "Reports.Page",
                "Training",
                "Planning",
                "Export",
                "Prediction",
                "Experiments",
                "Tracking",
                "Doctor",
                "Launch",
            ]
        ),
        (
            "Cli",
            [
                "Output",
                "Errors",
                "Files",
                "CommandLine",
                "Running",
                "Commands.Data",
                "Commands.Experiments",
                "Commands.Export",
                "Commands.Gallery",
                "Commands.Mcp",
                "Commands.New",
                "Commands.Snapshots",
                "Commands",
                "Verbs",
                "Application",
                "Program",
            ]
        ),
    ];

    public static TheoryData<string> Projects => [.. House.Select(h => h.Project)];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Projects_refer_to_projects_on_their_left(string project)
    {
        var file = XDocument.Load(Path.Combine(Repository.Root, "src", project, project + ".csproj"));
        var referred = file.Descendants("ProjectReference")
            .Select(r => Path.GetFileNameWithoutExtension((string)r.Attribute("Include")!))
            .ToList();

        Assert.All(referred, r => Assert.InRange(Place(r), 0, Place(project) - 1));

        static int Place(string name) => Array.FindIndex(House, h => h.Project == name);
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Every_folder_is_a_room_of_the_house(string project)
    {
        var rooms = Sources(project).Select(s => s.Room).Distinct();

        Assert.Equal(Rooms(project).Order(StringComparer.Ordinal), rooms.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Namespaces_are_folders(string project)
    {
        foreach (var (file, room, text) in Sources(project).Where(s => Namespace().IsMatch(s.Text)))
            Assert.Equal(
                (file, file.Contains(Path.DirectorySeparatorChar) ? $"Mtlc.{project}.{room}" : $"Mtlc.{project}"),
                (file, Namespace().Match(text).Groups[1].Value)
            );
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Rooms_use_rooms_on_their_left(string project)
    {
        var rooms = Rooms(project);
        // The compiler writes a constant's value where it is used: such a use stands in the source alone.
        var said =
            from source in Sources(project)
            from used in Using().Matches(source.Text)
            select (User: $"Mtlc.{project}.{source.Room}.{Path.GetFileName(source.File)}", Used: used.Groups[1].Value + ".");
        var uses = Uses(project == "Cli" ? "mtlc" : $"Mtlc.{project}")
            .Concat(said)
            .Select(u => (u.User, u.Used, From: Place(u.User), To: Place(u.Used)))
            .Where(u => u.From >= 0 && u.To >= 0)
            .ToList();
        var back = uses.Where(u => u.To > u.From).Select(u => $"{u.User} uses {u.Used}").Distinct().Order(StringComparer.Ordinal);

        Assert.NotEmpty(uses);
        Assert.Equal("", string.Join('\n', back));

        // The longest name wins: "Data.Images" is no part of "Data".
        int Place(string type) =>
            rooms
                .Index()
                .Where(r => $"{type}.".StartsWith($"Mtlc.{project}.{r.Item}.", StringComparison.Ordinal))
                .OrderByDescending(r => r.Item.Length)
                .Select(r => r.Index)
                .FirstOrDefault(-1);
    }

    [Fact]
    public void A_kind_of_task_is_named_in_its_two_files_only()
    {
        string[] rooms = ["Mtlc.Compiler.Tasks.", "Mtlc.Runtime.Tasks."];
        var kinds = Compiler
            .Ir.TaskKind.All.SelectMany(k => (string[])[k.GetType().FullName!, k.Task.FullName!])
            .ToHashSet(StringComparer.Ordinal);
        foreach (var assembly in (string[])["Mtlc.Compiler", "Mtlc.LanguageServer", "Mtlc.Runtime", "mtlc"])
            Assert.DoesNotContain(
                Uses(assembly),
                u => kinds.Contains(u.Used) && !rooms.Any(r => u.User.StartsWith(r, StringComparison.Ordinal))
            );
    }

    [Fact]
    public void The_word_of_a_kind_is_written_in_its_file_only()
    {
        // "depth" is what samples carry, too: a folder's name and a manifest's. And a template of `mtlc new` is called like its
        // only task.
        var words = Compiler.Ir.TaskKind.All.Select(k => k.Word).Where(w => w != "depth").ToList();
        var source = Path.Combine(Repository.Root, "src");
        var lines =
            from file in Directory.GetFiles(source, "*.cs", SearchOption.AllDirectories)
            let place = Path.GetRelativePath(source, file).Replace('\\', '/')
            where
                !place.Contains("/obj/", StringComparison.Ordinal)
                && !place.StartsWith("Compiler/Tasks/", StringComparison.Ordinal)
                && !place.StartsWith("Cli/Commands/New/", StringComparison.Ordinal)
            from line in File.ReadLines(file)
            where !line.TrimStart().StartsWith("///", StringComparison.Ordinal)
            select (place, line);
        Assert.DoesNotContain(lines, l => words.Exists(w => l.line.Contains($"\"{w}\"", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("Mtlc.Dsl", "Mtlc.Compiler", "TorchSharp", "SkiaSharp")]
    [InlineData("Mtlc.Compiler", "Mtlc.Runtime", "TorchSharp", "SkiaSharp", "Antlr4.Runtime.Standard")]
    [InlineData("Mtlc.LanguageServer", "Mtlc.Runtime", "TorchSharp", "SkiaSharp", "Antlr4.Runtime.Standard")]
    [InlineData("Mtlc.Testing", "Mtlc.Runtime", "TorchSharp", "SkiaSharp", "xunit.v3.core")]
    public void The_front_end_knows_no_tensor_library(string assembly, params string[] absent) =>
        Assert.Empty(Assembly.Load(assembly).GetReferencedAssemblies().Select(r => r.Name).Intersect(absent));

    [Theory]
    [InlineData("Mtlc.Dsl")]
    [InlineData("Mtlc.Compiler")]
    [InlineData("Mtlc.LanguageServer")]
    [InlineData("Mtlc.Runtime")]
    public void Only_the_command_line_prints(string assembly) =>
        Assert.DoesNotContain(Uses(assembly), u => u.Used == "System.Console");

    [Theory]
    [InlineData("Mtlc.Dsl")]
    [InlineData("Mtlc.Compiler")]
    [InlineData("Mtlc.LanguageServer")]
    public void The_front_end_touches_no_file(string assembly) =>
        Assert.DoesNotContain(
            Uses(assembly),
            u =>
                u.Used
                    is "System.IO.File"
                        or "System.IO.FileInfo"
                        or "System.IO.FileStream"
                        or "System.IO.Directory"
                        or "System.IO.DirectoryInfo"
        );

    static string[] Rooms(string project) => House.Single(h => h.Project == project).Rooms;

    /// <summary>The project's own files, with the name that their folder has as a room.</summary>
    static IEnumerable<(string File, string Room, string Text)> Sources(string project)
    {
        var root = Path.Combine(Repository.Root, "src", project);
        foreach (var file in Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            var folders = Path.GetDirectoryName(Path.GetRelativePath(root, file))!
                .Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries);
            if (folders is not ["bin" or "obj", ..])
                yield return (
                    Path.GetRelativePath(root, file),
                    folders is [] ? Path.GetFileNameWithoutExtension(file) : string.Join('.', folders),
                    File.ReadAllText(file)
                );
        }
    }

    /// <returns>Full names: which type of the assembly uses which, in a signature or in a method's body. ANTLR's code is not ours
    /// to judge.</returns>
    static IEnumerable<(string User, string Used)> Uses(string assembly) =>
        from type in new ArchLoader().LoadAssemblies(Assembly.Load(assembly)).Build().Types
        where type.Namespace.FullName != "Mtlc.Dsl.Generated"
        from dependency in type.Dependencies
        where !dependency.Target.FullName.StartsWith("Mtlc.Dsl.Generated.", StringComparison.Ordinal)
        select (Plain(type.FullName), Plain(dependency.Target.FullName));

    /// <summary>The outermost type's name, without its arguments.</summary>
    static string Plain(string type) => type.Split('+', '`', '<', '[')[0];

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    [GeneratedRegex(@"^using (?:static |\w+ = )?(Mtlc\.[\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Using();
}
