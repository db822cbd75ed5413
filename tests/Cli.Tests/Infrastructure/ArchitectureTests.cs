using System.Reflection;
using System.Xml.Linq;
using ArchUnitNET.Loader;

namespace Mtlc.Tests.Infrastructure;

/// <summary>References point left only, and each part stays in its field: read from the built assemblies.</summary>
public class ArchitectureTests
{
    static readonly string[] Projects = ["Dsl", "Compiler", "Testing", "LanguageServer", "Runtime", "Cli"];
    static readonly string[] CompilerRooms = ["Ir", "Ops", "Binding", "Lowering", "Passes", "Targets", "Planning", "Views"];

    [Fact]
    public void Projects_refer_to_projects_on_their_left()
    {
        foreach (var (project, place) in Projects.Select((p, i) => (p, i)))
        {
            var file = XDocument.Load(Path.Combine(Repository.Root, "src", project, project + ".csproj"));
            var referred = file.Descendants("ProjectReference").Select(r => Path.GetFileNameWithoutExtension((string)r.Attribute("Include")!));
            Assert.All(referred, r => Assert.InRange(Array.IndexOf(Projects, r), 0, place - 1));
        }
    }

    [Fact]
    public void Rooms_of_the_compiler_use_rooms_on_their_left()
    {
        var uses = Uses("Mtlc.Compiler").Where(u => Room(u.User) >= 0 && Room(u.Used) >= 0).ToList();

        Assert.NotEmpty(uses);
        Assert.DoesNotContain(uses, u => Room(u.Used) > Room(u.User));

        static int Room(string type) => Array.FindIndex(CompilerRooms, r => type.StartsWith($"Mtlc.Compiler.{r}.", StringComparison.Ordinal));
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
        Assert.DoesNotContain(Uses(assembly), u =>
            u.Used is "System.IO.File" or "System.IO.FileInfo" or "System.IO.FileStream" or "System.IO.Directory" or "System.IO.DirectoryInfo");

    /// <returns>Full names: which type of the assembly uses which, in a signature or in a method's body. ANTLR's code is not ours to judge.</returns>
    static IEnumerable<(string User, string Used)> Uses(string assembly) =>
        from type in new ArchLoader().LoadAssemblies(Assembly.Load(assembly)).Build().Types
        where type.Namespace.FullName != "Mtlc.Dsl.Generated"
        from dependency in type.Dependencies
        select (type.FullName, dependency.Target.FullName);
}
