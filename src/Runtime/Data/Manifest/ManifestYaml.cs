using System.Text;
using Mtlc.Runtime.Data.Images;
using Mtlc.Runtime.Files;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Mtlc.Runtime.Data.Manifest;

/// <summary>
/// Reads the YAML of a manifest as plain maps, lists and texts. It comes from anywhere, so it is bounded in size and nesting, and
/// anchors, aliases and tags, which a manifest does not need and which can grow a line into gigabytes, are refused.
/// </summary>
static class ManifestYaml
{
    const int LargestFile = 1 << 20,
        DeepestNesting = 16;

    public static ManifestNode Read(string path)
    {
        var bytes = DataFile.ReadBytes(path, LargestFile);
        string Place(Mark mark) => $"{path}:{mark.Line}:{mark.Column}";
        try
        {
            var text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(DataFile.WithoutMark(bytes).Span);
            var parser = new Parser(new StringReader(text));
            parser.Consume<StreamStart>();
            if (!parser.TryConsume<DocumentStart>(out _))
                throw new DataException($"{path}: the manifest is empty");
            var root = Node(parser, Place, 0);
            parser.Consume<DocumentEnd>();
            if (!parser.TryConsume<StreamEnd>(out _))
                throw new DataException($"{path}: a manifest is one YAML document, not several");
            return root;
        }
        catch (YamlException e)
        {
            throw new DataException($"{Place(e.Start)}: not YAML: {e.Message}", e);
        }
        catch (DecoderFallbackException e)
        {
            throw new DataException($"{path}: not UTF-8", e);
        }
        catch (Exception e)
            when (e is InvalidOperationException or ArgumentException or IndexOutOfRangeException or InvalidCastException)
        {
            // YamlDotNet's scanner gives up on some garbled texts with exceptions that are not its own.
            throw new DataException($"{path}: not YAML", e);
        }
    }

    static ManifestNode Node(Parser parser, Func<Mark, string> place, int depth)
    {
        if (parser.Current is NodeEvent node)
        {
            var at = place(node.Start);
            if (depth > DeepestNesting)
                throw new DataException($"{at}: nested more than {DeepestNesting} deep");
            if (!node.Anchor.IsEmpty || !node.Tag.IsEmpty)
                throw new DataException($"{at}: a manifest may have no anchors (&) and no tags (!)");
        }
        if (parser.TryConsume<AnchorAlias>(out var alias))
            throw new DataException($"{place(alias.Start)}: a manifest may have no aliases (*)");
        if (parser.TryConsume<Scalar>(out var scalar))
            return new ManifestNode.Scalar(place(scalar.Start), scalar.Value);
        if (parser.TryConsume<SequenceStart>(out var sequence))
        {
            var items = new List<ManifestNode>();
            while (!parser.TryConsume<SequenceEnd>(out _))
                items.Add(Node(parser, place, depth + 1));
            return new ManifestNode.List(place(sequence.Start), items);
        }
        var map = parser.Consume<MappingStart>();
        var entries = new Dictionary<string, ManifestNode>(StringComparer.Ordinal);
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            var key = Node(parser, place, depth + 1);
            var name = (key as ManifestNode.Scalar)?.Text ?? throw key.Error("a key is a word or a number");
            if (!entries.TryAdd(name, Node(parser, place, depth + 1)))
                throw key.Error($"the key '{name}' stands here twice");
        }
        return new ManifestNode.Map(place(map.Start), entries);
    }
}
