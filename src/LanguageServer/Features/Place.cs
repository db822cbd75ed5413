using System.Collections.Immutable;
using Mtlc.LanguageServer.Texts;

namespace Mtlc.LanguageServer.Features;

enum PlaceKind
{
    None,
    Path,
    Statement,
    Report,
}

/// <summary>Whose settings are written at a cursor.</summary>
/// <param name="Owner">The statement's name.</param>
/// <param name="Statement">Its word: "aspp".</param>
/// <param name="Path">Keys that lead to the cursor, with the words that were chosen on the way: train, optimizer, adam.</param>
sealed record Place(PlaceKind Kind, string Owner, string Statement, ImmutableArray<string> Path)
{
    static readonly Place None = new(PlaceKind.None, "", "", []);

    /// <param name="withKey">Whether the key of the entry that the cursor is in belongs to the path: it does where its value is
    /// being written.</param>
    public static Place Of(Cursor cursor, bool withKey)
    {
        var levels = cursor.Levels;
        var (place, depth) = (levels[0].First, levels.Count > 1 ? levels[1].Block : Block.File) switch
        {
            ("data" or "train", Block.Settings) => (new Place(PlaceKind.Path, "", "", [levels[0].First]), 1),
            ("set", _) => (
                new Place(
                    PlaceKind.Path,
                    "",
                    "",
                    levels.Count > 1 || withKey ? Entry([.. levels[0].Words.Skip(1)], levels.Count > 1) : []
                ),
                1
            ),
            (_, Block.Model) when levels.Count > 2 && levels[2].Block == Block.Settings => (Within(levels[1].Words), 2),
            (_, Block.Report) when levels.Count > 2 => (new Place(PlaceKind.Report, "", "", []), 2),
            (_, Block.Sweep) => (
                new Place(PlaceKind.Path, "", "", levels.Count > 2 || withKey ? Entry(levels[1].Words, levels.Count > 2) : []),
                2
            ),
            _ => (None, levels.Count),
        };
        for (var i = depth; i < levels.Count; i++)
        {
            var isLast = i == levels.Count - 1;
            if (levels[i].Block == Block.Settings && (!isLast || withKey))
                place = place with { Path = [.. place.Path, .. Entry(levels[i].Words, !isLast)] };
            else if (levels[i].Block == Block.List && !isLast && levels[i].Words is [.., var chosen])
                place = place with { Path = [.. place.Path, chosen] };
        }
        return place;
    }

    static Place Within(IReadOnlyList<string> words) =>
        words.Count < 2 ? None
        : words[0] == "task" ? new(PlaceKind.Statement, words.Count > 3 ? words[3] : "", "task", [])
        : new(PlaceKind.Statement, words[1], words[0], []);

    /// <summary>Key and, where something stands in the braces behind it, the word that was chosen: optimizer, adam.</summary>
    static ImmutableArray<string> Entry(IReadOnlyList<string> words, bool withChoice)
    {
        var keys = words.TakeWhile(w => w is not (":" or "=")).Where(w => w != ".").ToList();
        var choice = words.SkipWhile(w => w is not (":" or "=")).Skip(1).FirstOrDefault();
        return withChoice && choice is not null && char.IsLetter(choice[0]) ? [.. keys, choice] : [.. keys];
    }
}
