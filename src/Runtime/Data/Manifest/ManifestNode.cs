using System.Globalization;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Runtime.Files;

namespace Mtlc.Runtime.Data.Manifest;

/// <summary>A piece of a manifest with its place in the file, and typed access whose errors name that place.</summary>
abstract record ManifestNode(string Place)
{
    public sealed record Scalar(string Place, string Text) : ManifestNode(Place);

    public sealed record List(string Place, IReadOnlyList<ManifestNode> Items) : ManifestNode(Place);

    public sealed record Map(string Place, IReadOnlyDictionary<string, ManifestNode> Entries) : ManifestNode(Place)
    {
        /// <summary>Refuses every key but these, and asks for those without a question mark.</summary>
        public Map WithKeys(string what, params ReadOnlySpan<string> keys)
        {
            var names = keys.ToArray().Select(k => k.TrimEnd('?')).ToList();
            foreach (var (key, node) in Entries)
                if (!names.Contains(key))
                    throw node.Error(
                        $"{what} has no setting '{key}'"
                            + (
                                Suggestions.Closest(key, names) is { } near
                                    ? $"; did you mean '{near}'?"
                                    : $"; it has {string.Join(", ", names)}"
                            )
                    );
            foreach (var key in keys)
                if (!key.EndsWith('?') && !Entries.ContainsKey(key))
                    throw Error($"{what} lacks '{key}'; a manifest guesses nothing");
            return this;
        }

        public ManifestNode this[string key] => Entries[key];

        public ManifestNode? Find(string key) => Entries.GetValueOrDefault(key);
    }

    public DataException Error(string message) => new($"{Place}: {message}");

    public Map AsMap(string what) => this as Map ?? throw Error($"{what} is a map, {{ key: value }}");

    public IReadOnlyList<ManifestNode> AsList(string what) => (this as List)?.Items ?? throw Error($"{what} is a list, [ ]");

    public string AsText(string what) => this is Scalar { Text: { Length: > 0 } text } ? text : throw Error($"{what} is a text");

    public double AsNumber(string what) =>
        this is Scalar s
        && double.TryParse(s.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
        && double.IsFinite(number)
            ? number
            : throw Error($"{what} is a number");

    public int AsInteger(string what, int least, int most) =>
        this is Scalar s
        && int.TryParse(s.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
        && number >= least
        && number <= most
            ? number
            : throw Error($"{what} is a whole number from {least} to {most}");

    public bool AsBool(string what) =>
        this switch
        {
            Scalar { Text: "true" } => true,
            Scalar { Text: "false" } => false,
            _ => throw Error($"{what} is true or false"),
        };

    /// <summary>One of a few words.</summary>
    public string AsWord(string what, params ReadOnlySpan<string> words)
    {
        var text = AsText(what);
        if (words.Contains(text))
            return text;
        var known = words.ToArray();
        throw Error(
            $"{what} '{text}' is unknown"
                + (
                    Suggestions.Closest(text, known) is { } near
                        ? $"; did you mean '{near}'?"
                        : $"; it is one of {string.Join(", ", known)}"
                )
        );
    }
}
