namespace Mtlc.Runtime.Weights;

/// <summary>Names of the opcodes that are refused, for messages (Python's pickletools).</summary>
static class PickleOpcodes
{
    public static string Name(byte opcode)
    {
        var name = (char)opcode switch
        {
            'i' => "INST",
            'o' => "OBJ",
            'P' => "PERSID",
            'F' => "FLOAT",
            'S' => "STRING",
            'V' => "UNICODE",
            'd' => "DICT",
            'l' => "LIST",
            'p' => "PUT",
            'g' => "GET",
            '2' => "DUP",
            '\x82' or '\x83' or '\x84' => "EXT",
            '\x97' => "NEXT_BUFFER",
            '\x98' => "READONLY_BUFFER",
            _ => null,
        };
        return name is null ? $"0x{opcode:x2}" : $"{name} (0x{opcode:x2})";
    }
}
