namespace Mtlc.Tests.Verbs;

public sealed class NewTests : IDisposable
{
    readonly Command command = new();

    public void Dispose() => command.Dispose();

    [Theory]
    [InlineData("branched", "README.md branched.mtl recipe.mtl")]
    [InlineData("distillation", "README.md distillation.mtl recipe.mtl")]
    [InlineData("segmentation", "README.md recipe.mtl segmentation.mtl")]
    [InlineData("own-data", "README.md data data.yaml own_data.mtl recipe.mtl")]
    [InlineData("sweep", "README.md recipe.mtl report.mtl sweep.mtl sweep_net.mtl")]
    public void A_template_makes_programs_without_a_complaint_in_their_layout(string template, string files)
    {
        var made = command.Run("new", "--template", template);

        Assert.Equal((0, ""), (made.ExitCode, made.Errors));
        Assert.Equal(
            files,
            string.Join(
                ' ',
                Directory
                    .GetFileSystemEntries(Path.Combine(command.Folder, template))
                    .Select(Path.GetFileName)
                    .Where(n => n != ".gitignore")
                    .Order(StringComparer.Ordinal)
            )
        );
        Assert.Equal((0, "", ""), Of(command.Run("fmt", "--check", template)));
        foreach (
            var program in Directory
                .GetFiles(Path.Combine(command.Folder, template), "*.mtl")
                .Where(p => Path.GetFileName(p) != "recipe.mtl")
        )
            Assert.Equal(
                (0, ""),
                command.Run("check", program) is var checkedOne ? (checkedOne.ExitCode, checkedOne.Errors) : default
            );
        var next = File.ReadAllLines(Path.Combine(command.Folder, template, "README.md"))
            .Where(l => l.StartsWith("mtlc ", StringComparison.Ordinal))
            .ToList();
        Assert.Equal(3, next.Count);
        Assert.All(next, line => Assert.Contains($"  {line}\n", made.Output, StringComparison.Ordinal));
        Assert.All(
            next.SelectMany(l => l.Split(' '))
                .Where(w => w.EndsWith(".mtl", StringComparison.Ordinal) || w.EndsWith(".yaml", StringComparison.Ordinal)),
            f => Assert.True(File.Exists(Path.Combine(command.Folder, template, f)), f)
        );
    }

    [Fact]
    public void The_samples_in_the_place_of_own_data_are_good_and_trained_on()
    {
        Assert.Equal(0, command.Run("new", "My rooms!", "--template", "own-data").ExitCode);
        var check = command.Shell(
            "cd 'My rooms!' && dotnet \"$MTLC\" data check data.yaml && dotnet \"$MTLC\" run My_rooms.mtl --max-steps 1 --out r"
        );
        Assert.True(check.ExitCode == 0, check.Errors + check.Output);
        Assert.True(File.Exists(Path.Combine(command.Folder, "My rooms!", "r", "metrics.csv")));
    }

    [Theory]
    [InlineData("let", "let_net")]
    [InlineData("3d", "net_3d")]
    [InlineData("ü", "net")]
    public void A_model_has_a_name_of_the_language(string folder, string name)
    {
        Assert.Equal(0, command.Run("new", folder, "--template", "segmentation").ExitCode);
        Assert.Contains(
            $"model {name} {{",
            File.ReadAllText(Path.Combine(command.Folder, folder, $"{name}.mtl")),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void What_is_there_is_not_touched()
    {
        var kept = command.Write("streets/README.md", "mine");
        var refused = command.Run("new", "streets");
        Assert.Equal(74, refused.ExitCode);
        Assert.StartsWith("error: 'streets' exists and is not an empty folder", refused.Errors, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(kept));
        Assert.Equal(74, command.Run("new", "streets/README.md").ExitCode);
        Assert.Equal(2, command.Run("new", "x", "--template", "tree").ExitCode);
    }

    static (int, string, string) Of(Infrastructure.Repository.Outcome outcome) =>
        (outcome.ExitCode, outcome.Output, outcome.Errors);
}
