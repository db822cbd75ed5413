namespace Mtlc.Dsl.Diagnostics;

/// <summary>Finds the word that somebody most likely meant.</summary>
public static class Suggestions
{
    /// <summary>Nobody's word is longer; comparing two texts of this length stays cheap.</summary>
    const int LongestWord = 64;

    /// <summary>
    /// The candidate closest to a misspelt word, or null where none is near: about one slip in three letters, case aside; failing
    /// that, the only candidate that the word (of three letters or more) begins. The word itself is never suggested.
    /// </summary>
    public static string? Closest(string word, IEnumerable<string> candidates)
    {
        if (word.Length is 0 or > LongestWord)
            return null;
        var others = candidates
            .Where(c => c.Length is > 0 and <= LongestWord && c != word)
            .Distinct(StringComparer.Ordinal)
            .ToList();
        var near = others
            .Select(candidate => (Candidate: candidate, Distance: Distance(Folded(word), Folded(candidate))))
            .Where(c => c.Distance <= Tolerance(word, c.Candidate))
            .OrderBy(c => c.Distance)
            .ThenBy(c => Distance(word, c.Candidate))
            .ThenBy(c => c.Candidate, StringComparer.Ordinal)
            .Select(c => c.Candidate)
            .FirstOrDefault();
        if (near is not null || word.Length < 3)
            return near;
        var longer = others.Where(c => c.StartsWith(word, StringComparison.OrdinalIgnoreCase)).Take(2).ToList();
        return longer.Count == 1 ? longer[0] : null;
    }

    /// <summary>
    /// Insertions, deletions, substitutions and exchanges of neighbours that turn one word into the other (Damerau-Levenshtein in
    /// the optimal string alignment form: no piece of text is edited twice).
    /// </summary>
    public static int Distance(string from, string to)
    {
        var distance = new int[from.Length + 1, to.Length + 1];
        for (var i = 0; i <= from.Length; i++)
            distance[i, 0] = i;
        for (var j = 0; j <= to.Length; j++)
            distance[0, j] = j;
        for (var i = 1; i <= from.Length; i++)
        {
            for (var j = 1; j <= to.Length; j++)
            {
                var substituted = distance[i - 1, j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
                var best = Math.Min(substituted, Math.Min(distance[i - 1, j], distance[i, j - 1]) + 1);
                if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
                    best = Math.Min(best, distance[i - 2, j - 2] + 1);
                distance[i, j] = best;
            }
        }
        return distance[from.Length, to.Length];
    }

    /// <summary>One slip in a word of two to five letters, two up to eight, and so on; none in a single letter.</summary>
    static int Tolerance(string word, string candidate) =>
        Math.Max(word.Length, candidate.Length) switch
        {
            1 => 0,
            2 => Folded(word)[0] == Folded(candidate)[^1] ? 1 : 0,
            var length => Math.Max(1, length / 3),
        };

    static string Folded(string word) => word.ToLowerInvariant();
}
