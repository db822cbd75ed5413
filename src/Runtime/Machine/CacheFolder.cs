namespace Mtlc.Runtime.Machine;

/// <summary>Where mtlc keeps what it can make or download again: MTLC_CACHE, or else `mtlc` in the user's cache folder
/// (XDG_CACHE_HOME, ~/.cache, %LOCALAPPDATA%).</summary>
public static class CacheFolder
{
    public static string Root =>
        Variable("MTLC_CACHE")
        ?? Path.Combine(
            Variable("XDG_CACHE_HOME")
                ?? (
                    OperatingSystem.IsWindows()
                        ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
                        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache")
                ),
            "mtlc"
        );

    /// <summary>A folder in it; it need not exist.</summary>
    public static string Of(string name) => Path.Combine(Root, name);

    static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
