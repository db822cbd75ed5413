using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using Mtlc.Runtime.Data;

namespace Mtlc.Runtime.Weights;

/// <summary>
/// Reads a pickle of protocol 2 as data: a stack machine that knows the opcodes `torch.save` uses for tensors, numbers, strings and
/// dictionaries, and the constructors of <see cref="PickleConstructors"/>. Every other opcode and name is refused. Time and memory
/// are linear in the pickle's length: values are shared, never copied, and no recursion walks them.
/// </summary>
internal sealed class Pickle
{
    public const int MaxLength = 64 << 20;
    private const int MaxMemo = 4_000_000;

    private static readonly object Mark = new();

    private readonly ByteCursor bytes;
    private readonly List<object?> stack = [];
    private readonly Dictionary<long, object?> memo = [];

    private Pickle(ByteCursor bytes) => this.bytes = bytes;

    /// <summary>Reads one pickle and leaves the cursor behind it.</summary>
    /// <exception cref="DataException">It is truncated, damaged, or wants anything that tensors do not need.</exception>
    public static object? Read(ByteCursor bytes)
    {
        var machine = new Pickle(bytes);
        var start = bytes.Position;
        while (bytes.Position - start < MaxLength)
        {
            if (bytes.Byte() is var opcode && opcode == (byte)'.')
                return machine.stack is [var result] ? result : throw machine.Damaged();
            machine.Step(opcode);
        }
        throw new DataException($"the pickle is longer than {MaxLength} bytes: this is no list of tensors");
    }

    private void Step(byte opcode)
    {
        switch ((char)opcode)
        {
            case '\x80': Protocol(bytes.Byte()); break;
            case '(': Push(Mark); break;
            case 'N': Push(null); break;
            case '\x88': Push(true); break;
            case '\x89': Push(false); break;
            case 'K': Push((long)bytes.Byte()); break;
            case 'M': Push((long)bytes.UInt16()); break;
            case 'J': Push((long)bytes.Int32()); break;
            case '\x8a': Push(Long(bytes.Take(bytes.Byte()).Span)); break;
            case 'G': Push(BinaryPrimitives.ReadDoubleBigEndian(bytes.Take(8).Span)); break;
            case 'X': Push(bytes.Utf8(bytes.UInt32())); break;
            case 'U': Push(Encoding.Latin1.GetString(bytes.Take(bytes.Byte()).Span)); break;
            case 'T': Push(Encoding.Latin1.GetString(bytes.Take(bytes.Int32()).Span)); break;
            case '}': Push(new PickleDictionary()); break;
            case ']': Push(new PickleList()); break;
            case ')': Push(new PickleTuple([])); break;
            case '\x85': Push(new PickleTuple(Pop(1))); break;
            case '\x86': Push(new PickleTuple(Pop(2))); break;
            case '\x87': Push(new PickleTuple(Pop(3))); break;
            case 't': Push(new PickleTuple(PopToMark())); break;
            case 'q': Remember(bytes.Byte()); break;
            case 'r': Remember(bytes.UInt32()); break;
            case 'h': Push(Recall(bytes.Byte())); break;
            case 'j': Push(Recall(bytes.UInt32())); break;
            case 'a': Append(Pop(1)); break;
            case 'e': Append(PopToMark()); break;
            case 's': Set(Pop(2)); break;
            case 'u': Set(PopToMark()); break;
            case 'c': Push(PickleConstructors.Find(bytes.Line(), bytes.Line())); break;
            case 'R': Reduce(Pop(2)); break;
            case 'b': Build(Pop(1)[0]); break;
            case 'Q': Push(PickleConstructors.Storage(Pop(1)[0])); break;
            default: throw Refused(opcode);
        }
    }

    private static void Protocol(byte version)
    {
        if (version is < 2 or > 5)
            throw new DataException($"the pickle has protocol {version}, and torch.save writes 2");
    }

    // Two's complement, little-endian. PyTorch's magic number has 10 bytes; nothing else here is longer than 8.
    private static object Long(ReadOnlySpan<byte> digits)
    {
        if (digits.Length > 8)
            return digits.ToArray();
        var value = digits.Length > 0 && digits[^1] >= 0x80 ? -1L : 0L;
        for (var i = digits.Length - 1; i >= 0; i--)
            value = value << 8 | digits[i];
        return value;
    }

    private void Push(object? value) => stack.Add(value);

    private ImmutableArray<object?> Pop(int count)
    {
        if (stack.Count < count || stack[^count..].Contains(Mark))
            throw Damaged();
        ImmutableArray<object?> items = [.. stack[^count..]];
        stack.RemoveRange(stack.Count - count, count);
        return items;
    }

    private ImmutableArray<object?> PopToMark()
    {
        var mark = stack.LastIndexOf(Mark);
        if (mark < 0)
            throw Damaged();
        ImmutableArray<object?> items = [.. stack[(mark + 1)..]];
        stack.RemoveRange(mark, stack.Count - mark);
        return items;
    }

    private void Remember(long index)
    {
        if (stack.Count == 0 || stack[^1] == Mark || index > MaxMemo)
            throw Damaged();
        memo[index] = stack[^1];
    }

    private object? Recall(long index) => memo.TryGetValue(index, out var value) ? value : throw Damaged();

    private void Append(ImmutableArray<object?> items)
    {
        if (stack is not [.., PickleList list])
            throw Damaged();
        list.AddRange(items);
    }

    private void Set(ImmutableArray<object?> items)
    {
        if (stack is not [.., PickleDictionary dictionary] || items.Length % 2 != 0)
            throw Damaged();
        for (var i = 0; i < items.Length; i += 2)
            dictionary.Items[PickleConstructors.Key(items[i])] = items[i + 1];
    }

    private void Reduce(ImmutableArray<object?> items)
    {
        if (items is not [PickleGlobal global, PickleTuple arguments])
            throw Damaged();
        Push(PickleConstructors.Call(global, arguments.Items));
    }

    // Attributes of an OrderedDict (a state dict's `_metadata`) or of a parameter (requires_grad, hooks): nothing that is wanted.
    private void Build(object? state)
    {
        if (stack is not [.., PickleDictionary or TensorReference] || state is not (PickleDictionary or PickleTuple))
            throw Damaged();
    }

    private DataException Refused(byte opcode) => new(
        $"the pickle has opcode {PickleOpcodes.Name(opcode)} at byte {bytes.Position - 1}, which tensors do not need: the file is refused, "
        + "and nothing in it was executed");

    private DataException Damaged() => new($"the pickle makes no sense before byte {bytes.Position}: the file is damaged");
}
