using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Mtlc.Compiler.Binding;

/// <summary>A tensor of a file, or a part of it along its first dimension; or zeros, which no file has.</summary>
/// <param name="Part">Which of <paramref name="Of"/> equal parts; 0 of 1 is the whole.</param>
/// <param name="IsAbsent">Whether files of the style do not have it.</param>
/// <param name="Zeros">How many rows of zeros; <see cref="AsMany"/>: as many as the tensor has that they are joined to.</param>
public readonly record struct TensorPart(string Name, int Part = 0, int Of = 1, int Zeros = 0, bool IsAbsent = false)
{
    public const int AsMany = -1;
}

/// <summary>
/// How others call the tensors of the library's encoders: what the `.names` files beside the components list. A rule is `OURS =
/// THEIRS`. `{n}` in OURS is a number or word without a dot, `{n}`, `{n+1}`, `{n-1}`, `{n/2}`, `{n/2-1}` in THEIRS the same or a
/// number made of it. `A + B` are joined along their first dimension, `A[1/3]` is the second third of A, `zeros` are as many
/// rows of zeros as the other part has, `zeros(1)` is one. `OURS = -` has no counterpart: it keeps its start; `OURS = - A + B`
/// where the file has neither A nor B. The first rule that fits
/// counts. </summary>
public sealed partial class WeightNames
{
    static readonly Lazy<ImmutableArray<WeightNames>> Read = new(() =>
        [.. StandardLibrary.Resources(".names").SelectMany(name => Parse(Path.GetFileName(name), StandardLibrary.Resource(name)))]
    );

    readonly ImmutableArray<(Regex Ours, string Theirs)> rules;

    readonly string file;

    WeightNames(string file, string title, IEnumerable<string> rules) =>
        (this.file, Title, this.rules) = (file, title, [.. rules.Select(r => r.Split(" = ")).Select(r => (Pattern(r[0]), r[1]))]);

    /// <summary>Whose names they are: "timm's names".</summary>
    public string Title { get; }

    /// <summary>Of the library's encoders.</summary>
    public static ImmutableArray<WeightNames> All => Read.Value;

    /// <summary>What a file in this style has in place of a tensor of ours: nothing, where files have none; the name itself
    /// where no rule fits.</summary>
    /// <param name="name">Below the encoder: "layer1.0.conv1.weight".</param>
    public ImmutableArray<TensorPart> Of(string name)
    {
        foreach (var (ours, theirs) in rules)
        {
            if (ours.Match(name) is not { Success: true } match)
                continue;
            var isAbsent = theirs[0] == '-';
            return isAbsent && theirs.Length == 1
                ? []
                :
                [
                    .. theirs[(isAbsent ? 2 : 0)..]
                        .Split(" + ")
                        .Select(part => Part(Hole().Replace(part, hole => Filled(hole, match))) with { IsAbsent = isAbsent }),
                ];
        }
        return [new(name)];
    }

    /// <summary>Whether it was written for an encoder with these tensors, all with other names or as many as there are rules.</summary>
    /// <param name="component">The file of the encoder's component: "resnet.mtl", beside which lies "resnet.names".</param>
    public bool IsFor(string component, IReadOnlyCollection<string> names) =>
        Path.ChangeExtension(component, ".names") == file
        && (
            names.All(name => Of(name) is not [{ Of: 1 } part] || part.Name != name)
            || rules.All(rule => names.Any(name => rule.Ours.IsMatch(name)))
        );

    /// <summary>`[TITLE]`, then rules, as often as there are styles; `#` starts a line of comment.</summary>
    static IEnumerable<WeightNames> Parse(string file, string text)
    {
        var sections = new List<(string Title, List<string> Rules)>();
        foreach (var line in text.Split('\n').Select(l => l.Trim()).Where(l => l.Length > 0 && l[0] != '#'))
        {
            if (line[0] == '[')
                sections.Add((line[1..^1], []));
            else
                sections[^1].Rules.Add(line);
        }
        return sections.Select(s => new WeightNames(file, s.Title, s.Rules));
    }

    // What stands for a hole holds no dot: `layer{n}` is "layer4".
    static Regex Pattern(string ours)
    {
        var holes = Hole().Matches(ours);
        var (pattern, end) = (new StringBuilder("^"), 0);
        foreach (Match hole in holes)
        {
            pattern.Append(Regex.Escape(ours[end..hole.Index])).Append($"(?<{hole.Groups["name"].Value}>[^.]+)");
            end = hole.Index + hole.Length;
        }
        return new(pattern.Append(Regex.Escape(ours[end..])).Append('$').ToString(), RegexOptions.CultureInvariant);
    }

    static string Filled(Match hole, Match match)
    {
        var text = match.Groups[hole.Groups["name"].Value].Value;
        if (hole.Groups["op"].Captures.Count == 0 || !int.TryParse(text, CultureInfo.InvariantCulture, out var number))
            return text;
        foreach (var (i, by) in hole.Groups["by"].Captures.Select(c => int.Parse(c.Value, CultureInfo.InvariantCulture)).Index())
            number = hole.Groups["op"].Captures[i].Value switch
            {
                "+" => number + by,
                "-" => number - by,
                _ => number / by,
            };
        return number.ToString(CultureInfo.InvariantCulture);
    }

    static TensorPart Part(string text) =>
        text == "zeros" ? new("", Zeros: TensorPart.AsMany)
        : ZerosOf().Match(text) is { Success: true } zeros
            ? new("", Zeros: int.Parse(zeros.Groups["rows"].Value, CultureInfo.InvariantCulture))
        : PartOf().Match(text) is { Success: true } part
            ? new(
                part.Groups["name"].Value,
                int.Parse(part.Groups["part"].Value, CultureInfo.InvariantCulture),
                int.Parse(part.Groups["of"].Value, CultureInfo.InvariantCulture)
            )
        : new(text);

    [GeneratedRegex(@"\{(?<name>[a-z]+)((?<op>[-+/])(?<by>[0-9]+))*\}", RegexOptions.ExplicitCapture)]
    private static partial Regex Hole();

    [GeneratedRegex(@"^zeros\((?<rows>[0-9]+)\)$", RegexOptions.ExplicitCapture)]
    private static partial Regex ZerosOf();

    [GeneratedRegex(@"^(?<name>.+)\[(?<part>[0-9]+)/(?<of>[0-9]+)\]$", RegexOptions.ExplicitCapture)]
    private static partial Regex PartOf();
}
