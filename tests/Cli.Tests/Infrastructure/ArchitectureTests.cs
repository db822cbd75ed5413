using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Xml.Linq;
using ArchUnitNET.Loader;

namespace Mtlc.Tests.Infrastructure;

/// <summary>References point left only: the rules of docs/architecture, kept by reading the built assemblies.</summary>
public class ArchitectureTests
{
    static readonly string[] Projects = ["Dsl", "Compiler", "Runtime", "Cli"];
    static readonly string[] CompilerRooms = ["Ir", "Ops", "Binding", "Lowering", "Passes", "Backends"];

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
        var uses = (
            from type in new ArchLoader().LoadAssemblies(Assembly.Load("Mtlc.Compiler")).Build().Types
            from dependency in type.Dependencies
            let user = Room(type.Namespace.FullName)
            let used = Room(dependency.Target.Namespace.FullName)
            where user >= 0 && used >= 0
            select (Line: $"{type.FullName} uses {dependency.Target.FullName}", Left: used <= user)).ToList();

        Assert.NotEmpty(uses);
        Assert.Empty(uses.Where(u => !u.Left).Select(u => u.Line).Distinct());

        static int Room(string name) =>
            Array.FindIndex(CompilerRooms, r => name == "Mtlc.Compiler." + r || name.StartsWith($"Mtlc.Compiler.{r}.", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Mtlc.Dsl", "Mtlc.Compiler", "TorchSharp", "SkiaSharp")]
    [InlineData("Mtlc.Compiler", "Mtlc.Runtime", "TorchSharp", "SkiaSharp", "Antlr4.Runtime.Standard")]
    public void The_front_end_knows_no_tensor_library(string assembly, params string[] absent) =>
        Assert.Empty(Referred(assembly, m => m.AssemblyReferences.Select(r => m.GetString(m.GetAssemblyReference(r).Name))).Intersect(absent));

    [Theory]
    [InlineData("Mtlc.Dsl")]
    [InlineData("Mtlc.Compiler")]
    [InlineData("Mtlc.Runtime")]
    public void Only_the_command_line_prints(string assembly) =>
        Assert.DoesNotContain("System.Console", TypesReferred(assembly));

    [Theory]
    [InlineData("Mtlc.Dsl")]
    [InlineData("Mtlc.Compiler")]
    public void The_front_end_touches_no_file(string assembly) =>
        Assert.Empty(TypesReferred(assembly).Intersect(
            ["System.IO.File", "System.IO.FileInfo", "System.IO.FileStream", "System.IO.Directory", "System.IO.DirectoryInfo"]));

    static List<string> TypesReferred(string assembly) => Referred(assembly, m =>
        from handle in m.TypeReferences
        let type = m.GetTypeReference(handle)
        select m.GetString(type.Namespace) + "." + m.GetString(type.Name));

    static List<string> Referred(string assembly, Func<MetadataReader, IEnumerable<string>> select)
    {
        using var file = new PEReader(File.OpenRead(Assembly.Load(assembly).Location));
        return select(file.GetMetadataReader()).ToList();
    }
}
