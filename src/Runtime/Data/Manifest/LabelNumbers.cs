using System.Collections.Immutable;
using Mtlc.Compiler.Recipes;
using Mtlc.Runtime.Data.Samples;
using Mtlc.Runtime.Files;

namespace Mtlc.Runtime.Data.Manifest;

/// <summary>What a manifest says of the numbers in its label pictures: `map` and `ignore`. A number has one meaning.</summary>
static class LabelNumbers
{
    const int Largest = ushort.MaxValue;

    /// <param name="labels">The settings of `semseg`.</param>
    /// <exception cref="DataException">A number has two meanings, or is none.</exception>
    public static LabelMap Read(ManifestNode.Map labels, ImmutableArray<string> classes)
    {
        var classOf = ClassOf(labels.Find("map"), classes);
        var ignored = new List<int>();
        foreach (var node in labels["ignore"] is ManifestNode.List many ? many.Items : [labels["ignore"]])
        {
            var number = node.AsInteger("a label to ignore", 0, Largest);
            if (classOf.TryGetValue(number, out var index))
                throw node.Error(
                    $"label {number} is class {index} ('{classes[index]}') and ignored at once; "
                        + "take it out of 'ignore', or ignore a number that is no class"
                );
            ignored.Add(number);
        }
        return labels.Find("map") switch
        {
            null => LabelMap.Identity(classes.Length, ignored),
            ManifestNode.Map => LabelMap.Listed(classOf, ignored),
            _ => LabelMap.CityscapesLabelIds(ignored),
        };
    }

    static Dictionary<int, int> ClassOf(ManifestNode? node, ImmutableArray<string> classes)
    {
        switch (node)
        {
            case null:
                return Enumerable.Range(0, classes.Length).ToDictionary(i => i);
            case ManifestNode.Map map:
                var classOf = new Dictionary<int, int>();
                foreach (var (key, value) in map.Entries)
                {
                    var number = new ManifestNode.Scalar(value.Place, key).AsInteger("a label in the file", 0, Largest);
                    if (!classOf.TryAdd(number, value.AsInteger("a class", 0, classes.Length - 1)))
                        throw value.Error($"label {number} stands in 'map' twice"); // 7 and 07
                }
                return classOf;
            default:
                node.AsWord("map", "labelIds");
                return classes.SequenceEqual(DataContract.CityscapesClasses)
                    ? LabelMap.LabelIdOfClass.Select((id, i) => (id, i)).ToDictionary(p => (int)p.id, p => p.i)
                    : throw node.Error("map: labelIds belongs to classes: cityscapes19; for other classes list { label: class }");
        }
    }
}
