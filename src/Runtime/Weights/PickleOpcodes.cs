namespace Mtlc.Runtime.Weights;

/// <summary>Names of the opcodes that are refused, for messages (Python's pickletools).</summary>
internal static class PickleOpcodes
{
    public static string Name(byte opcode)
    {
        var name = (char)opcode switch
        {
            'i' => "INST",
            'o' => "OBJ",
            'P' => "PERSID",
            'F' => "FLOAT",
            'I' => "INT",
            'L' => "LONG",
            'S' => "STRING",
            'V' => "UNICODE",
            'd' => "DICT",
            'l' => "LIST",
            'p' => "PUT",
            'g' => "GET",
            '0' => "POP",
            '1' => "POP_MARK",
            '2' => "DUP",
            'B' => "BINBYTES",
            'C' => "SHORT_BINBYTES",
            '\x81' => "NEWOBJ",
            '\x82' or '\x83' or '\x84' => "EXT",
            '\x8b' => "LONG4",
            '\x8c' => "SHORT_BINUNICODE",
            '\x8d' => "BINUNICODE8",
            '\x8e' => "BINBYTES8",
            '\x8f' => "EMPTY_SET",
            '\x90' => "ADDITEMS",
            '\x91' => "FROZENSET",
            '\x92' => "NEWOBJ_EX",
            '\x93' => "STACK_GLOBAL",
            '\x94' => "MEMOIZE",
            '\x95' => "FRAME",
            '\x96' => "BYTEARRAY8",
            _ => null,
        };
        return name is null ? $"0x{opcode:x2}" : $"{name} (0x{opcode:x2})";
    }
}
