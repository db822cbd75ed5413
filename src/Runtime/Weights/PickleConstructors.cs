using System.Collections.Immutable;
using Mtlc.Runtime.Files;

namespace Mtlc.Runtime.Weights;

/// <summary>
/// The closed list of what a pickle may call. Nothing of it is Python: each name stands for a few lines below that make a value
/// from values. Every other call is refused. An object of a class that is not in the list is skipped, for which nothing needs to
/// be called. </summary>
static class PickleConstructors
{
    static readonly Dictionary<string, ElementType> Storages = new()
    {
        ["FloatStorage"] = ElementType.Float32,
        ["DoubleStorage"] = ElementType.Float64,
        ["HalfStorage"] = ElementType.Float16,
        ["BFloat16Storage"] = ElementType.BFloat16,
        ["LongStorage"] = ElementType.Int64,
        ["IntStorage"] = ElementType.Int32,
        ["ShortStorage"] = ElementType.Int16,
        ["CharStorage"] = ElementType.Int8,
        ["ByteStorage"] = ElementType.UInt8,
        ["BoolStorage"] = ElementType.Bool,
        ["ComplexFloatStorage"] = ElementType.Complex64,
        ["ComplexDoubleStorage"] = ElementType.Complex128,
        ["QInt8Storage"] = ElementType.Quantized8,
        ["QUInt8Storage"] = ElementType.Quantized8,
        ["QInt32Storage"] = ElementType.Quantized32,
        ["UntypedStorage"] = ElementType.UInt8,
        ["_UntypedStorage"] = ElementType.UInt8,
    };

    /// <summary>`torch.float32` and the like, as what a storage without a type holds.</summary>
    static readonly Dictionary<string, ElementType> Types = new()
    {
        ["torch.float32"] = ElementType.Float32,
        ["torch.float64"] = ElementType.Float64,
        ["torch.float16"] = ElementType.Float16,
        ["torch.bfloat16"] = ElementType.BFloat16,
        ["torch.int64"] = ElementType.Int64,
        ["torch.int32"] = ElementType.Int32,
        ["torch.int16"] = ElementType.Int16,
        ["torch.int8"] = ElementType.Int8,
        ["torch.uint8"] = ElementType.UInt8,
        ["torch.bool"] = ElementType.Bool,
        ["torch.complex64"] = ElementType.Complex64,
        ["torch.complex128"] = ElementType.Complex128,
    };

    /// <summary>What checkpoints hold beside tensors: each becomes a value that is passed over.</summary>
    static readonly HashSet<string> Others =
    [
        "builtins.set",
        "builtins.frozenset",
        "builtins.complex",
        "builtins.bytearray",
        "builtins.bytes",
        "builtins.slice",
        "builtins.range",
        "builtins.object",
        "collections.deque",
        "_codecs.encode",
        "argparse.Namespace",
        "types.SimpleNamespace",
        "types.MappingProxyType",
        "torch.Size",
        "torch.device",
        "torch.Generator",
        "torch.serialization._get_layout",
        "torch.layout",
        "numpy.dtype",
        "numpy.ndarray",
        "numpy.core.multiarray.scalar",
        "numpy._core.multiarray.scalar",
        "numpy.core.multiarray._reconstruct",
        "numpy._core.multiarray._reconstruct",
        "numpy._core.numeric._frombuffer",
        "numpy.core.numeric._frombuffer",
        "datetime.datetime",
        "datetime.date",
        "datetime.time",
        "datetime.timedelta",
        "datetime.timezone",
        "decimal.Decimal",
        "fractions.Fraction",
        "uuid.UUID",
        "pathlib.Path",
        "pathlib.PurePath",
        "pathlib.PosixPath",
        "pathlib.PurePosixPath",
        "pathlib.WindowsPath",
        "pathlib.PureWindowsPath",
        "pathlib._local.PosixPath",
        "pathlib._local.WindowsPath",
    ];

    /// <summary>An object of a class, of which its constructor is not called.</summary>
    public static object New(PickleGlobal type) =>
        type.ToString() is "collections.OrderedDict" or "collections.defaultdict" or "builtins.dict" or "__builtin__.dict"
            ? new PickleDictionary()
            : new PickleObject(type);

    /// <summary>What calling the name with the arguments makes.</summary>
    /// <exception cref="DataException">The name is not in the list, or the arguments do not fit it.</exception>
    public static object Call(PickleGlobal global, ImmutableArray<object?> arguments) =>
        (NameOf(global), arguments) switch
        {
            ("collections.OrderedDict", []) => new PickleDictionary(),
            ("collections.OrderedDict", [PickleList pairs]) => FromPairs(pairs),
            ("collections.OrderedDict" or "collections.Counter", [PickleDictionary same]) => same,
            ("collections.defaultdict" or "collections.Counter", _) => new PickleDictionary(),
            ("copyreg._reconstructor", [PickleGlobal type, ..]) => New(type),
            (
                "torch._utils._rebuild_tensor"
                    or "torch._utils._rebuild_tensor_v2",
                [StorageReference storage, long offset, PickleTuple size, PickleTuple stride, ..]
            ) => new TensorReference(storage, offset, Integers(size), Integers(stride)),
            (
                "torch._utils._rebuild_tensor_v3",
                [StorageReference storage, long offset, PickleTuple size, PickleTuple stride, _, _, PickleGlobal type, ..]
            ) => Types.TryGetValue(type.ToString(), out var element)
                ? new TensorReference(Retyped(storage, element), offset, Integers(size), Integers(stride))
                : new UnreadableTensor($"of elements {type}"),
            (
                "torch._utils._rebuild_parameter"
                    or "torch._utils._rebuild_parameter_with_state"
                    or "torch.nn.parameter.Parameter"
                    or "torch.nn.parameter.Buffer"
                    or "torch._utils._rebuild_device_tensor_from_cpu_tensor",
                [TensorReference or UnreadableTensor, ..]
            ) => arguments[0]!,
            // A tensor of a class of its own, or with attributes: (function, class, its arguments, attributes).
            (
                "torch._tensor._rebuild_from_type"
                    or "torch._tensor._rebuild_from_type_v2",
                [PickleGlobal { Module: "torch._utils" } inner, PickleGlobal, PickleTuple own, _]
            ) => Call(inner, own.Items),
            ("torch._utils._rebuild_qtensor", _) => new UnreadableTensor("quantized"),
            ("torch._utils._rebuild_sparse_tensor" or "torch._utils._rebuild_sparse_csr_tensor", _) => new UnreadableTensor(
                "sparse"
            ),
            ("torch._utils._rebuild_meta_tensor_no_storage", _) => new UnreadableTensor("on the meta device, without numbers"),
            ("torch._utils._rebuild_nested_tensor", _) => new UnreadableTensor("nested"),
            ("torch._utils._rebuild_device_tensor_from_numpy" or "torch._utils._rebuild_xla_tensor", _) => new UnreadableTensor(
                "of another device"
            ),
            (var name, _) when Others.Contains(name) || global.Module == "torch.jit._pickle" => new PickleObject(global),
            var (name, _)
                when name.StartsWith("torch._utils.", StringComparison.Ordinal)
                    || name.StartsWith("collections.", StringComparison.Ordinal) => throw new DataException(
                $"the pickle calls '{global}' with {arguments.Length} arguments that it does not take: the file is refused, "
                    + $"and nothing in it was executed"
            ),
            _ => throw new DataException(
                $"the pickle calls '{global}', which is no part of a tensor: the file is refused, and nothing in it "
                    + $"was executed. "
                    + "A file of weights alone is what torch.save(model.state_dict(), path) writes"
            ),
        };

    // Python 2 had other names for two modules, under which protocols 1 and 2 write them to this day.
    static string NameOf(PickleGlobal global) =>
        global.Module switch
        {
            "__builtin__" => $"builtins.{global.Name}",
            "copy_reg" => $"copyreg.{global.Name}",
            _ => global.ToString(),
        };

    /// <summary>A persistent id: ('storage', type, key, location, count[, view]).</summary>
    public static StorageReference Storage(object? id)
    {
        if (
            id
                is not PickleTuple
                {
                    Items: [
                        "storage",
                        PickleGlobal { Module: "torch" or "torch.storage" or "torch.cuda" } global,
                        string key,
                        string,
                        long count,
                        .. var rest,
                    ]
                }
            || !Storages.TryGetValue(global.Name, out var type)
            || count < 0
        )
            throw new DataException("the pickle refers to something outside it that is no storage of a tensor");
        return rest switch
        {
            [] or [null] => new(type, key, count, 0, count),
            [PickleTuple { Items: [_, long offset, long size] }] when offset >= 0 && size >= 0 && offset <= count - size => new(
                type,
                key,
                count,
                offset,
                size
            ),
            _ => throw new DataException($"storage '{key}' is a view that does not lie within its base"),
        };
    }

    // The bytes of a storage without a type, counted as elements of one.
    static StorageReference Retyped(StorageReference storage, ElementType type)
    {
        var bytes = (Int128)storage.Count * storage.Type.Size();
        return bytes % type.Size() == 0 && storage.ViewCount == storage.Count
            ? new(type, storage.Key, (long)(bytes / type.Size()), 0, (long)(bytes / type.Size()))
            : throw new DataException($"storage '{storage.Key}' of {bytes} bytes cannot hold elements of {type.Size()}");
    }

    // Python 2 wrote an OrderedDict as one list of [key, value].
    static PickleDictionary FromPairs(PickleList pairs)
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

    static readonly object None = new();

    /// <exception cref="DataException">The key is a list or a dictionary, which Python has no keys of.</exception>
    public static object Key(object? key) =>
        key is PickleList or PickleDictionary or StorageReference
            ? throw new DataException("the pickle has a dictionary whose keys are lists or dictionaries")
            : key ?? None;

    static ImmutableArray<long> Integers(PickleTuple tuple) =>
        [
            .. tuple.Items.Select(i =>
                i is long value ? value : throw new DataException("a tensor's shape or stride in the pickle is no integer")
            ),
        ];
}
