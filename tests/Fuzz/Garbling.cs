using CsCheck;

namespace Mtlc.Fuzz;

/// <summary>Bytes of a good file, garbled in one to five places.</summary>
static class Garbling
{
    static readonly byte[] Telling = [.. "0123456789-.\"{}[]:,"u8];

    public static Gen<byte[]> Of(byte[] original) => Gen.UInt.Select(seed => Garbled(original, new Random((int)seed)));

    public static byte[] Garbled(byte[] original, Random random)
    {
        var bytes = original.ToList();
        for (var edits = random.Next(1, 6); edits > 0 && bytes.Count > 0; edits--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(7))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    bytes.RemoveRange(at, Math.Min(random.Next(1, 9), bytes.Count - at));
                    break;
                case 3:
                    bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(1, 33), bytes.Count - at)));
                    break;
                case 4:
                    bytes[at] = Telling[random.Next(Telling.Length)];
                    break;
                case 5:
                    bytes.RemoveRange(at, random.Next(8) == 0 ? bytes.Count - at : 0);
                    break;
                default:
                    for (var i = 0; i < 4 && at + i < bytes.Count; i++)
                        bytes[at + i] = 0xFF;
                    break;
            }
        }
        return [.. bytes];
    }
}
