using System.Collections.Immutable;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Text;

namespace Mtlc.Compiler.Experiments;

/// <summary>What the points of a sweep have wrong with them: each thing once, with the points that have it.</summary>
sealed class PointDiagnostics(string sweep, int points)
{
    const int MostNamed = 8;

    readonly Dictionary<
        (string Code, string Message, SourceSpan Span),
        (Diagnostic First, List<int> Points, ImmutableArray<DiagnosticNote> Notes)
    > found = [];

    /// <param name="places">Where the sweep writes the value of each setting.</param>
    public void Add(int point, ImmutableArray<SweepSetting> settings, IEnumerable<SourceSpan> places, DiagnosticBag diagnostics)
    {
        var notes = settings
            .Zip(places, (s, place) => new DiagnosticNote($"point {point} of sweep '{sweep}' sets {s.Path} = {s.Label}", place))
            .ToImmutableArray();
        foreach (var diagnostic in diagnostics.ToSorted())
        {
            var key = (diagnostic.Code, diagnostic.Message, diagnostic.Span);
            if (!found.TryGetValue(key, out var entry))
                found[key] = entry = (diagnostic, [], notes);
            entry.Points.Add(point);
        }
    }

    public DiagnosticBag ToBag()
    {
        var bag = new DiagnosticBag();
        foreach (var (first, having, notes) in found.Values)
        {
            if (having.Count == points && points > 1)
            {
                bag.Add(first); // nothing to do with any one point
                continue;
            }
            var others =
                having.Count == 1
                    ? []
                    : ImmutableArray.Create(
                        new DiagnosticNote(
                            $"so do points "
                                + $"{string.Join(", ", having.Skip(1).Take(MostNamed))}"
                                + $"{(having.Count > MostNamed + 1 ? $" and {having.Count - MostNamed - 1} more" : "")}"
                        )
                    );
            bag.Add(first with { Notes = [.. first.Notes, .. notes, .. others] });
        }
        return bag;
    }
}
