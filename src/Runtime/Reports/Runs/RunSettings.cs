using System.Collections.Immutable;
using Mtlc.Runtime.Files;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Mtlc.Runtime.Reports.Runs;

/// <summary>`config.yaml` of a run, by path: "train.optimizer.lr" to "0.0001". The choice of a setting stands under its own path:
/// "train.optimizer" to "adam".</summary>
public sealed class RunSettings
{
    readonly Dictionary<string, string> values = new(StringComparer.Ordinal);

    RunSettings() { }

    public IReadOnlyDictionary<string, string> Values => values;

    public string? this[string path] => values.GetValueOrDefault(path);

    /// <summary>The `--set path=value` of the command line.</summary>
    public ImmutableArray<(string Path, string Value)> Overrides { get; private set; } = [];

    public ImmutableArray<string> CommandLine { get; private set; } = [];

    /// <summary>Everything that describes the experiment: data, train, and what was set of the model.</summary>
    public IEnumerable<KeyValuePair<string, string>> Recipe =>
        values
            .Where(v =>
                v.Key.StartsWith("data.", StringComparison.Ordinal) || v.Key.StartsWith("train.", StringComparison.Ordinal)
            )
            .Concat(
                Overrides
                    .Where(o =>
                        !o.Path.StartsWith("data.", StringComparison.Ordinal)
                        && !o.Path.StartsWith("train.", StringComparison.Ordinal)
                    )
                    .GroupBy(o => o.Path)
                    .Select(g => KeyValuePair.Create(g.Key, g.Last().Value))
            );

    /// <exception cref="RunException">The file is damaged.</exception>
    public static RunSettings Parse(string yaml, string path)
    {
        var settings = new RunSettings();
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(yaml));
            var root = (YamlMappingNode)stream.Documents[0].RootNode;
            settings.Add("", root);
            settings.Overrides =
            [
                .. Texts(root, "overrides")
                    .Select(o => o.Split('=', 2))
                    .Where(o => o.Length == 2)
                    .Select(o => (o[0].Trim(), o[1].Trim())),
            ];
            settings.CommandLine = [.. Texts(root, "command_line")];
            return settings;
        }
        catch (Exception e) when (e is YamlException or InvalidCastException or ArgumentException)
        {
            throw new RunException($"{path}: damaged: {e.Message}", e);
        }
    }

    void Add(string path, YamlNode node)
    {
        switch (node)
        {
            case YamlMappingNode mapping:
                foreach (var (key, value) in mapping.Children)
                {
                    var name = ((YamlScalarNode)key).Value ?? "";
                    Add(
                        name == "kind" ? path
                            : path.Length == 0 ? name
                            : $"{path}.{name}",
                        value
                    );
                }
                break;
            case YamlSequenceNode sequence:
                values[path] = $"[{string.Join(", ", sequence.Children.Select(c => c.ToString()))}]";
                break;
            case YamlScalarNode scalar:
                values[path] = scalar.Value ?? "";
                break;
        }
    }

    static IEnumerable<string> Texts(YamlMappingNode root, string name) =>
        root.Children.TryGetValue(name, out var node) && node is YamlSequenceNode sequence
            ? sequence.Children.OfType<YamlScalarNode>().Select(s => s.Value ?? "")
            : [];
}
