using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;
using System.Text;
using Mtlc.Runtime.Files;

namespace Mtlc.Runtime.Weights;

/// <summary>
/// Reads a pickle of protocol 1 to 5 as data (our own, because libraries run what a pickle says, or read less strictly): a stack
/// machine that knows the opcodes `torch.save` uses, and the constructors of <see cref="PickleConstructors"/>. Objects of other
/// classes become their name and what was said of them; every other opcode, and every call of another name, is refused. Time and
/// memory are linear in the pickle's length: values are shared, never copied, and no recursion walks them. </summary>
sealed class Pickle
{
    public const int MaxLength = 64 << 20;
    const int MaxMemo = 4_000_000;

    static readonly object Mark = new();

    readonly ByteCursor bytes;
    readonly List<object?> stack = [];
    readonly Dictionary<long, object?> memo = [];
    readonly List<StorageReference> storages = [];

    Pickle(ByteCursor bytes) => this.bytes = bytes;

    /// <summary>Reads one pickle and leaves the cursor behind it.</summary>
    /// <exception cref="DataException">It is truncated, damaged, or wants anything that tensors do not need.</exception>
    public static object? Read(ByteCursor bytes) => Read(bytes, out _);

    /// <param name="storages">Every storage that the pickle refers to, whatever for.</param>
    public static object? Read(ByteCursor bytes, out IReadOnlyList<StorageReference> storages)
    {
        var machine = new Pickle(bytes);
        storages = machine.storages;
        var start = bytes.Position;
        while (bytes.Position - start < MaxLength)
        {
            if (bytes.Byte() is var opcode && opcode == (byte)'.')
                return machine.stack is [var result] ? result : throw machine.Damaged();
            machine.Step(opcode);
        }
        throw new DataException($"the pickle is longer than {MaxLength} bytes: this is no list of tensors");
    }

    void Step(byte opcode)
    {
        switch ((char)opcode)
        {
            case '\x80':
                Protocol(bytes.Byte());
                break;
            case '\x95':
                Frame(bytes.Int64());
                break;
            case '(':
                Push(Mark);
                break;
            case 'N':
                Push(null);
                break;
            case '\x88':
                Push(true);
                break;
            case '\x89':
                Push(false);
                break;
            case 'K':
                Push((long)bytes.Byte());
                break;
            case 'M':
                Push((long)bytes.UInt16());
                break;
            case 'J':
                Push((long)bytes.Int32());
                break;
            case '\x8a':
                Push(Long(bytes.Take(bytes.Byte()).Span));
                break;
            case '\x8b':
                Push(Long(bytes.Take(bytes.Int32()).Span));
                break;
            case 'I':
                Push(Decimal(bytes.Line()));
                break;
            case 'L':
                Push(Decimal(bytes.Line().TrimEnd('L')));
                break;
            case 'G':
                Push(BinaryPrimitives.ReadDoubleBigEndian(bytes.Take(8).Span));
                break;
            case 'X':
                Push(bytes.Utf8(bytes.UInt32()));
                break;
            case '\x8c':
                Push(bytes.Utf8(bytes.Byte()));
                break;
            case '\x8d':
                Push(bytes.Utf8(bytes.Int64()));
                break;
            case 'U':
                Push(Encoding.Latin1.GetString(bytes.Take(bytes.Byte()).Span));
                break;
            case 'T':
                Push(Encoding.Latin1.GetString(bytes.Take(bytes.Int32()).Span));
                break;
            case 'C':
                Push(new PickleBytes(bytes.Take(bytes.Byte())));
                break;
            case 'B':
                Push(new PickleBytes(bytes.Take(bytes.UInt32())));
                break;
            case '\x8e' or '\x96':
                Push(new PickleBytes(bytes.Take(bytes.Int64())));
                break;
            case '}':
                Push(new PickleDictionary());
                break;
            case ']' or '\x8f':
                Push(new PickleList());
                break;
            case ')':
                Push(new PickleTuple([]));
                break;
            case '\x85':
                Push(new PickleTuple(Pop(1)));
                break;
            case '\x86':
                Push(new PickleTuple(Pop(2)));
                break;
            case '\x87':
                Push(new PickleTuple(Pop(3)));
                break;
            case 't' or '\x91':
                Push(new PickleTuple(PopToMark()));
                break;
            case '0':
                Drop();
                break;
            case '1':
                PopToMark();
                break;
            case 'q':
                Remember(bytes.Byte());
                break;
            case 'r':
                Remember(bytes.UInt32());
                break;
            case '\x94':
                Remember(memo.Count);
                break;
            case 'h':
                Push(Recall(bytes.Byte()));
                break;
            case 'j':
                Push(Recall(bytes.UInt32()));
                break;
            case 'a':
                Append(Pop(1));
                break;
            case 'e' or '\x90':
                Append(PopToMark());
                break;
            case 's':
                Set(Pop(2));
                break;
            case 'u':
                Set(PopToMark());
                break;
            case 'c':
                Push(new PickleGlobal(bytes.Line(), bytes.Line()));
                break;
            case '\x93':
                Push(Pop(2) is [string module, string name] ? new PickleGlobal(module, name) : throw Damaged());
                break;
            case 'R':
                Reduce(Pop(2));
                break;
            case '\x81':
                Push(Pop(2) is [PickleGlobal type, PickleTuple] ? PickleConstructors.New(type) : throw Damaged());
                break;
            case '\x92':
                Push(Pop(3) is [PickleGlobal named, PickleTuple, _] ? PickleConstructors.New(named) : throw Damaged());
                break;
            case 'b':
                Build(Pop(1)[0]);
                break;
            case 'Q':
                Push(Outside(Pop(1)[0]));
                break;
            default:
                throw Refused(opcode);
        }
    }

    static void Protocol(byte version)
    {
        if (version is < 1 or > 5)
            throw new DataException($"the pickle has protocol {version}, and Python knows 1 to 5");
    }

    // A frame says how many bytes of opcodes follow, for who reads ahead.
    void Frame(long length)
    {
        if (length < 0 || length > bytes.Left)
            throw new DataException(
                $"the file is truncated: {length} bytes are wanted at byte {bytes.Position}, and {bytes.Left} are left"
            );
    }

    // Two's complement, little-endian. PyTorch's magic number has 10 bytes; nothing else here is longer than 8.
    static object Long(ReadOnlySpan<byte> digits)
    {
        if (digits.Length > 8)
            return digits.ToArray();
        var value = digits.Length > 0 && digits[^1] >= 0x80 ? -1L : 0L;
        for (var i = digits.Length - 1; i >= 0; i--)
            value = value << 8 | digits[i];
        return value;
    }

    // What protocol 1 writes for an integer, and "01" and "00" for a truth value.
    object Decimal(string digits) =>
        digits switch
        {
            "01" => true,
            "00" => false,
            _ when long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) => value,
            _ when BigInteger.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) =>
                value.ToByteArray(),
            _ => throw Damaged(),
        };

    // What lies outside the pickle: storages, and, before PyTorch 1.6, the source text of a network's class beside its name.
    object Outside(object? id)
    {
        if (id is PickleTuple { Items: ["module", PickleGlobal type, ..] })
            return type;
        var storage = PickleConstructors.Storage(id);
        storages.Add(storage);
        return storage;
    }

    void Drop()
    {
        if (stack.Count == 0)
            throw Damaged();
        stack.RemoveAt(stack.Count - 1);
    }

    void Push(object? value) => stack.Add(value);

    ImmutableArray<object?> Pop(int count)
    {
        if (stack.Count < count || stack[^count..].Contains(Mark))
            throw Damaged();
        ImmutableArray<object?> items = [.. stack[^count..]];
        stack.RemoveRange(stack.Count - count, count);
        return items;
    }

    ImmutableArray<object?> PopToMark()
    {
        var mark = stack.LastIndexOf(Mark);
        if (mark < 0)
            throw Damaged();
        ImmutableArray<object?> items = [.. stack[(mark + 1)..]];
        stack.RemoveRange(mark, stack.Count - mark);
        return items;
    }

    void Remember(long index)
    {
        if (stack.Count == 0 || stack[^1] == Mark || index > MaxMemo)
            throw Damaged();
        memo[index] = stack[^1];
    }

    object? Recall(long index) => memo.TryGetValue(index, out var value) ? value : throw Damaged();

    void Append(ImmutableArray<object?> items)
    {
        switch (stack)
        {
            case [.., PickleList list]:
                list.AddRange(items);
                break;
            case [.., PickleObject]:
                break; // of a class of its own that is also a list
            default:
                throw Damaged();
        }
    }

    void Set(ImmutableArray<object?> items)
    {
        var dictionary = stack switch
        {
            [.., PickleDictionary plain] => plain,
            [.., PickleObject thing] => thing.Entries,
            _ => throw Damaged(),
        };
        if (items.Length % 2 != 0)
            throw Damaged();
        for (var i = 0; i < items.Length; i += 2)
            dictionary.Items[PickleConstructors.Key(items[i])] = items[i + 1];
    }

    void Reduce(ImmutableArray<object?> items)
    {
        if (items is not [PickleGlobal global, PickleTuple arguments])
            throw Damaged();
        Push(PickleConstructors.Call(global, arguments.Items));
    }

    // Attributes of an OrderedDict (a state dict's `_metadata`) or of a parameter (requires_grad, hooks) are nothing that is
    // wanted.
    void Build(object? state)
    {
        switch (stack)
        {
            case [.., PickleObject thing]:
                thing.State = state;
                break;
            case [.., PickleDictionary or TensorReference or UnreadableTensor] when state is PickleDictionary or PickleTuple:
                break;
            default:
                throw Damaged();
        }
    }

    DataException Refused(byte opcode) =>
        new(
            $"the pickle has opcode {PickleOpcodes.Name(opcode)} at byte {bytes.Position - 1}, which tensors do not need: the "
                + $"file is refused, "
                + "and nothing in it was executed"
        );

    DataException Damaged() => new($"the pickle makes no sense before byte {bytes.Position}: the file is damaged");
}
