using Mtlc.Dsl.Diagnostics;

namespace Mtlc.Tests.Diagnostics;

/// <summary>Every program in tests/cases/wrong and what its author is told: NAME.stderr.verified.txt beside it.</summary>
public class WrongProgramTests
{
    public static TheoryData<string> Names =>
        new(
            Directory
                .EnumerateFiles(Programs.Cases("wrong"), "*.mtl")
                .Select(f => Path.GetFileNameWithoutExtension(f)!)
                .Order(StringComparer.Ordinal)
        );

    [Fact]
    public void There_are_more_than_a_hundred() => Assert.True(Names.Count > 100);

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_wrong_program_is_told_what_where_and_what_to_type(string name)
    {
        var compilation = Programs.CompileFile(Path.Combine(Programs.Cases("wrong"), name + ".mtl"));
        Assert.NotEmpty(compilation.Diagnostics);
        Assert.Equal(compilation.Program is null, compilation.Diagnostics.Any(d => d.Severity == Severity.Error));
        await Verify(Programs.Text(compilation)).UseDirectory(Programs.Cases("wrong")).UseFileName(name + ".stderr");
    }
}
