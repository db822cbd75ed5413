using System.Globalization;

namespace Mtlc.Runtime.Machine;

/// <summary>The signals that this process was started to ignore, as Linux tells them in /proc; none elsewhere.</summary>
public static class IgnoredSignals
{
    /// <summary>SIGHUP, which `nohup` lets a command ignore.</summary>
    public const int Hangup = 1;

    /// <param name="signal">Its number, from 1.</param>
    /// <param name="root">Where the file system begins; another than "/" in tests.</param>
    public static bool Contain(int signal, string root = "/") =>
        // "SigIgn:	0000000000000001": bit 0 is signal 1
        new SystemFiles(root).Value("proc/self/status", "SigIgn:")
            is [var mask]
        && ulong.TryParse(mask, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var bits)
        && (bits >> (signal - 1) & 1) != 0;
}
