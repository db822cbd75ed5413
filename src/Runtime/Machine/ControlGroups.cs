namespace Mtlc.Runtime.Machine;

/// <summary>
/// The limits of Linux's control groups (cgroups), versions 1 and 2. A group lies within others, and the limit of each on the way
/// holds: all are given, from the process's own group up to the highest that can be seen.
/// </summary>
static class ControlGroups
{
    /// <summary>Limits in bytes, with their files. Version 1 writes a number beyond any memory where there is none.</summary>
    public static IEnumerable<(long Bytes, string File)> Memory(SystemFiles files) =>
        from folder in Folders(files, "memory")
        from name in new[] { "memory.max", "memory.limit_in_bytes" }
        let bytes = files.Number(folder + name)
        where bytes is > 0
        select (bytes.Value, folder + name);

    /// <summary>Processor time over time, with their files: 1.5 is one and a half processors.</summary>
    public static IEnumerable<(double Quota, string File)> Cores(SystemFiles files)
    {
        foreach (var folder in Folders(files, "cpu"))
        {
            // "150000 100000" or "max 100000"; version 1 has two files, and -1 for none.
            if (
                files.Number(folder + "cpu.max") is > 0 and var most
                && files.Number(folder + "cpu.max", word: 1) is > 0 and var within
            )
                yield return ((double)most / within, folder + "cpu.max");
            if (
                files.Number(folder + "cpu.cfs_quota_us") is > 0 and var quota
                && files.Number(folder + "cpu.cfs_period_us") is > 0 and var period
            )
                yield return ((double)quota / period, folder + "cpu.cfs_quota_us");
        }
    }

    // Where the groups around this process lie: "/sys/fs/cgroup/a/b/" before "/sys/fs/cgroup/a/" before "/sys/fs/cgroup/".
    static IEnumerable<string> Folders(SystemFiles files, string controller)
    {
        var groups = files.Lines("proc/self/cgroup").Select(l => l.Split(':', 3)).Where(p => p.Length == 3).ToList();
        foreach (var (version2, within, at) in Mounts(files, controller))
        {
            // "0::/a/b" is version 2, "4:memory:/a/b" and "3:cpu,cpuacct:/a/b" version 1.
            var group = groups.Find(g => version2 ? g[0] == "0" && g[1].Length == 0 : g[1].Split(',').Contains(controller));
            if (group is null)
                continue;
            var path = group[2];
            // A container sees its own group as the mount's beginning, but may be told its place in the host's tree.
            if (path == within || path.StartsWith(within.TrimEnd('/') + "/", StringComparison.Ordinal))
                path = path[within.TrimEnd('/').Length..];
            var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
            if (parts.Contains(".."))
                parts = [];
            for (var depth = parts.Length; depth >= 0; depth--)
                yield return string.Concat(parts.Take(depth).Prepend(at.TrimEnd('/')).Select(p => p + "/"));
        }
    }

    // "35 31 0:32 /within /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory"
    static IEnumerable<(bool Version2, string Within, string At)> Mounts(SystemFiles files, string controller) =>
        from line in files.Lines("proc/self/mountinfo")
        let words = line.Split(' ')
        let kind = Array.IndexOf(words, "-") + 1
        where kind > 6 && words.Length > kind + 2
        where words[kind] == "cgroup2" || (words[kind] == "cgroup" && words[kind + 2].Split(',').Contains(controller))
        select (words[kind] == "cgroup2", Unescaped(words[3]), Unescaped(words[4]));

    // The kernel writes what would end a word as an octal number.
    static string Unescaped(string word) =>
        word.Replace(@"\040", " ", StringComparison.Ordinal)
            .Replace(@"\011", "\t", StringComparison.Ordinal)
            .Replace(@"\012", "\n", StringComparison.Ordinal)
            .Replace(@"\134", @"\", StringComparison.Ordinal);
}
