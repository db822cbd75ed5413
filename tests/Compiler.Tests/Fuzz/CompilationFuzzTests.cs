using System.Globalization;
using System.Text.RegularExpressions;
using Mtlc.Compiler;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Text;
using Mtlc.Tests.Parsing;

namespace Mtlc.Tests.Fuzz;

/// <summary>
/// Programs whose words are exchanged, doubled and lost: binder and lowering say what is wrong, and never throw. The mutations keep most
/// programs free of syntax errors, which would hide what comes behind. MTLC_FUZZ_ITERATIONS makes a run longer, MTLC_FUZZ_SEED another one.
/// </summary>
public sealed partial class CompilationFuzzTests
{
    static readonly string Examples = Path.GetFullPath(Path.Combine(Cases.Folder(), "..", "..", "..", "examples"));

    static readonly string[] Numbers =
        ["0", "1", "-1", "2", "3", "0.5", "1e9", "1e308", "2147483647", "4294967296", "99999999999999999999", "none", "true", "[]", "[1, 2]", "\"x\"", "64x0", "range(1000000000)"];

    static int Setting(string name, int standard) =>
        int.Parse(Environment.GetEnvironmentVariable(name) ?? standard.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    [Fact]
    public void Mutated_programs_compile_or_have_diagnostics()
    {
        var random = new Random(Setting("MTLC_FUZZ_SEED", 1));
        var texts = Directory.GetFiles(Examples, "*.mtl").Order(StringComparer.Ordinal).Select(f => (Path: f, Text: File.ReadAllText(f))).ToArray();
        var words = texts.SelectMany(t => Word().Matches(t.Text).Select(m => m.Value)).Distinct().ToArray();
        for (var i = Setting("MTLC_FUZZ_ITERATIONS", 300); i > 0; i--)
        {
            var (path, text) = texts[random.Next(texts.Length)];
            for (var edits = random.Next(1, 4); edits > 0; edits--)
                text = Mutated(text, words, random);
            try
            {
                var compilation = Compilation.Compile(new SourceText(path, text), p => File.Exists(p) ? new SourceText(p, File.ReadAllText(p)) : null);
                Assert.Equal(compilation.Program is null, compilation.Diagnostics.Any(d => d.Severity == Severity.Error));
            }
            catch (Exception e)
            {
                Assert.Fail($"{e.GetType().Name}: {e.Message}\n{text}\n{e.StackTrace}");
            }
        }
    }

    static string Mutated(string text, string[] words, Random random)
    {
        var places = Word().Matches(text);
        var place = places[random.Next(places.Count)];
        string With(string word) => string.Concat(text.AsSpan(0, place.Index), word, text.AsSpan(place.Index + place.Length));
        var lines = text.Split('\n');
        var (from, to) = (random.Next(lines.Length), random.Next(lines.Length));
        return random.Next(6) switch
        {
            0 => string.Join('\n', lines.Where((_, i) => i != from)),
            1 => string.Join('\n', lines.Take(to).Append(lines[from]).Concat(lines.Skip(to))),
            2 => With(words[random.Next(words.Length)]),
            3 => With(places[random.Next(places.Count)].Value),
            _ => Number().Matches(text) is { Count: > 0 } numbers && numbers[random.Next(numbers.Count)] is var number
                ? string.Concat(text.AsSpan(0, number.Index), Numbers[random.Next(Numbers.Length)], text.AsSpan(number.Index + number.Length))
                : With(Numbers[random.Next(Numbers.Length)]),
        };
    }

    [GeneratedRegex(@"[A-Za-z_]\w*")]
    private static partial Regex Word();

    [GeneratedRegex(@"\b\d[\dx.e-]*")]
    private static partial Regex Number();
}
