using System.Collections.Immutable;
using Mtlc.Runtime.Data;

namespace Mtlc.Runtime.Weights;

/// <summary>
/// The closed list of what a pickle may name. Nothing of it is Python: each name stands for a few lines below that make a value from
/// values. Every other name is refused where it is read.
/// </summary>
internal static class PickleConstructors
{
    private static readonly Dictionary<string, ElementType> Storages = new()
    {
        ["torch.FloatStorage"] = ElementType.Float32,
        ["torch.DoubleStorage"] = ElementType.Float64,
        ["torch.HalfStorage"] = ElementType.Float16,
        ["torch.BFloat16Storage"] = ElementType.BFloat16,
        ["torch.LongStorage"] = ElementType.Int64,
        ["torch.IntStorage"] = ElementType.Int32,
        ["torch.ShortStorage"] = ElementType.Int16,
        ["torch.CharStorage"] = ElementType.Int8,
        ["torch.ByteStorage"] = ElementType.UInt8,
        ["torch.BoolStorage"] = ElementType.Bool,
    };

    private const string OrderedDict = "collections.OrderedDict";
    private const string RebuildTensor = "torch._utils._rebuild_tensor";
    private const string RebuildTensor2 = "torch._utils._rebuild_tensor_v2";
    private const string RebuildParameter = "torch._utils._rebuild_parameter";
    private const string Parameter = "torch.nn.parameter.Parameter";

    /// <exception cref="DataException">The name is not in the list.</exception>
    public static PickleGlobal Find(string module, string name)
    {
        var global = new PickleGlobal(module, name);
        if (global.ToString() is OrderedDict or RebuildTensor or RebuildTensor2 or RebuildParameter or Parameter || Storages.ContainsKey(global.ToString()))
            return global;
        throw new DataException(
            $"the pickle names '{global}', which is no part of a tensor: the file is refused, and nothing in it was executed. "
            + "A file of weights alone is what torch.save(model.state_dict(), path) writes");
    }

    /// <summary>What calling the name with the arguments makes.</summary>
    public static object Call(PickleGlobal global, ImmutableArray<object?> arguments) => (global.ToString(), arguments) switch
    {
        (OrderedDict, []) => new PickleDictionary(),
        (OrderedDict, [PickleList pairs]) => FromPairs(pairs),
        (RebuildTensor or RebuildTensor2, [StorageReference storage, long offset, PickleTuple size, PickleTuple stride, ..]) =>
            new TensorReference(storage, offset, Integers(size), Integers(stride)),
        (RebuildParameter or Parameter, [TensorReference tensor, ..]) => tensor,
        _ => throw new DataException($"the pickle calls '{global}' with {arguments.Length} arguments that it does not take"),
    };

    /// <summary>A persistent id: ('storage', type, key, location, count[, view]).</summary>
    public static StorageReference Storage(object? id)
    {
        if (id is not PickleTuple { Items: ["storage", PickleGlobal global, string key, string, long count, .. var rest] }
            || !Storages.TryGetValue(global.ToString(), out var type) || count < 0)
            throw new DataException("the pickle refers to something outside it that is no storage of a tensor");
        return rest switch
        {
            [] or [null] => new(type, key, count, 0, count),
            [PickleTuple { Items: [_, long offset, long size] }] when offset >= 0 && size >= 0 && offset <= count - size => new(type, key, count, offset, size),
            _ => throw new DataException($"storage '{key}' is a view that does not lie within its base"),
        };
    }

    // Python 2 wrote an OrderedDict as one list of [key, value].
    private static PickleDictionary FromPairs(PickleList pairs)
    {
        var result = new PickleDictionary();
        foreach (var pair in pairs)
        {
            var (key, value) = pair switch
            {
                PickleList { Count: 2 } list => (list[0], list[1]),
                PickleTuple { Items: [var first, var second] } => (first, second),
                _ => throw new DataException("an OrderedDict in the pickle is not made of pairs"),
            };
            result.Items[Key(key)] = value;
        }
        return result;
    }

    /// <exception cref="DataException">The key is neither a string nor an integer.</exception>
    public static object Key(object? key) =>
        key is string or long ? key : throw new DataException("the pickle has a dictionary whose keys are neither names nor numbers");

    private static ImmutableArray<long> Integers(PickleTuple tuple) =>
        [.. tuple.Items.Select(i => i is long value ? value : throw new DataException("a tensor's shape or stride in the pickle is no integer"))];
}
