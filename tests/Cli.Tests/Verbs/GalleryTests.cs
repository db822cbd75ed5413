using Mtlc.Cli.Commands.Gallery;
using Mtlc.Cli.Files;
using Mtlc.Compiler;
using Mtlc.Tests.Infrastructure;

namespace Mtlc.Tests.Verbs;

/// <summary>docs/networks.md and its drawings are what `mtlc gallery examples/published --out docs/networks.md` makes.</summary>
public class GalleryTests
{
    [Fact]
    public void The_page_of_networks_is_what_the_command_makes()
    {
        var folder = Path.Combine(Repository.Root, "examples", "published");
        var networks = Directory
            .EnumerateFiles(folder, "*.mtl")
            .Order(StringComparer.Ordinal)
            .Select(f => (Path: f, Compilation.Compile(UserText.Read(f), UserText.TryRead).Program))
            .Where(n => n.Program is not null)
            .Select(n => new Network(n.Path, n.Program!))
            .ToList();
        var page = new NetworkPage(Path.Combine(Repository.Root, "docs", "networks.md"), networks);
        var times = StepTimes.Read(page.TimesFile);
        var made = page.Files(times).ToList();
        Assert.Equal(networks.Select(n => n.Name), times.All.Select(t => t.Network));
        Assert.Equal(networks.Count + 2, made.Count);
        Assert.All(
            made,
            file =>
                Assert.True(
                    File.Exists(file.Path) && File.ReadAllText(file.Path) == file.Text,
                    $"{Path.GetFileName(file.Path)} is out of date: mtlc gallery examples/published --out docs/networks.md"
                )
        );
        var drawings = Directory
            .EnumerateFiles(Path.Combine(Repository.Root, "docs", "networks"))
            .Select(f => Path.GetFileName(f)!);
        Assert.Equal(made.Select(m => Path.GetFileName(m.Path)).Where(n => n != "networks.md").Order(), drawings.Order());
        // Numbers that others can check: torchvision's module has as many.
        Assert.Contains("| `resnet50` | 23,508,032 | /2 /4 /8 /16 /32 | yes |", made[^1].Text, StringComparison.Ordinal);
    }
}
