using Mtlc.Runtime.Files;

namespace Mtlc.Runtime.Weights;

/// <summary>
/// Finds the tables of tensors in what a pickle holds: each dictionary with named tensors, wherever in a checkpoint it lies, and
/// each whole network that was saved as an object, whose tensors then have the names that its state dict would have. </summary>
static class TensorTables
{
    const int Deepest = 12;

    /// <returns>For each table where it lies ("" for the whole file, "state_dict", "ema.shadow") and its tensors: references, or
    /// unreadable ones.</returns>
    public static List<(string Place, List<(string Name, object Tensor)> Tensors)> In(object? root)
    {
        var tables = new List<(string, List<(string, object)>)>();
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        var waiting = new Queue<(string Place, object? Value, int Depth)>([("", root, 0)]);
        while (waiting.TryDequeue(out var next))
        {
            if (next.Depth > Deepest || next.Value is null || !seen.Add(next.Value))
                continue;
            List<(string Name, object Tensor)> tensors = next.Value switch
            {
                PickleDictionary table => [.. Named(table)],
                PickleObject thing when IsNetwork(thing) => OfNetwork(thing),
                PickleObject thing => [.. Named(thing.Entries)],
                _ => [],
            };
            if (tensors.Count > 0)
                tables.Add((next.Place, tensors));
            foreach (var (name, value) in Parts(next.Value))
                waiting.Enqueue((next.Place.Length == 0 ? name : $"{next.Place}.{name}", value, next.Depth + 1));
        }
        return tables;
    }

    static IEnumerable<(string Name, object Tensor)> Named(PickleDictionary table) =>
        table
            .Items.Where(i => i is { Key: string, Value: TensorReference or UnreadableTensor })
            .Select(i => ((string)i.Key, i.Value!));

    static IEnumerable<(string Name, object? Value)> Parts(object value) =>
        value switch
        {
            PickleDictionary table => Containers(table),
            PickleList list => list.Index().Where(i => IsContainer(i.Item)).Select(i => (Text(i.Index), i.Item)),
            PickleTuple tuple => tuple.Items.Index().Where(i => IsContainer(i.Item)).Select(i => (Text(i.Index), i.Item)),
            PickleObject thing when !IsNetwork(thing) => Containers(thing.Entries)
                .Concat(Attributes(thing) is { } state ? Containers(state) : []),
            _ => [],
        };

    static IEnumerable<(string, object?)> Containers(PickleDictionary table) =>
        table.Items.Where(i => i.Key is string or long && IsContainer(i.Value)).Select(i => (Text(i.Key), i.Value));

    static bool IsContainer(object? value) => value is PickleDictionary or PickleList or PickleTuple or PickleObject;

    static string Text(object key) => FormattableString.Invariant($"{key}");

    // A class with slots has two dictionaries.
    static PickleDictionary? Attributes(PickleObject thing) =>
        thing.State switch
        {
            PickleDictionary state => state,
            PickleTuple { Items: [PickleDictionary state, ..] } => state,
            PickleTuple { Items: [_, PickleDictionary slots] } => slots,
            _ => null,
        };

    // An nn.Module, or what TorchScript made of one, in which the attributes themselves are tensors and networks.
    static bool IsNetwork(PickleObject thing) =>
        Attributes(thing) is { } state
        && (state.Find("_modules") is PickleDictionary && state.Find("_parameters") is PickleDictionary || IsScript(thing));

    static bool IsScript(PickleObject thing) => thing.Type.Module.StartsWith("__torch__", StringComparison.Ordinal);

    static List<(string, object)> OfNetwork(PickleObject network)
    {
        var tensors = new List<(string, object)>();
        var waiting = new Stack<(string Prefix, PickleObject Module, int Depth)>([("", network, 0)]);
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        while (waiting.TryPop(out var next))
        {
            if (next.Depth > 64)
                throw new DataException("the network in the file is nested more than 64 deep");
            if (!seen.Add(next.Module) || Attributes(next.Module) is not { } state)
                continue;
            PickleDictionary[] own = IsScript(next.Module)
                ? [state]
                : [.. ((string[])["_parameters", "_buffers"]).Select(state.Find).OfType<PickleDictionary>()];
            tensors.AddRange(own.SelectMany(Named).Select(t => (next.Prefix + t.Name, t.Tensor)));
            var parts = IsScript(next.Module) ? state : state.Find("_modules") as PickleDictionary;
            // The last comes off the stack first.
            foreach (var (key, value) in parts?.Items.Reverse() ?? [])
            {
                if (key is string name && value is PickleObject part)
                    waiting.Push(($"{next.Prefix}{name}.", part, next.Depth + 1));
            }
        }
        return tensors;
    }
}
