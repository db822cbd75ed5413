using System.Globalization;
using Mtlc.Runtime.Files;

namespace Mtlc.Runtime.Checkpoints;

/// <summary>Which file or folder lies at a path: another one of the same name is another.</summary>
static class FileIdentity
{
    /// <returns>Where the system does not tell it, the moment of its creation; null where nothing is there.</returns>
    public static string? Of(string path) =>
        FileStatus.Of(path) is { } status
            ? status.Identity ?? File.GetCreationTimeUtc(path).Ticks.ToString(CultureInfo.InvariantCulture)
            : null;
}
