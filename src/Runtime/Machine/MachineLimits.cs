namespace Mtlc.Runtime.Machine;

/// <summary>
/// What this process may use of the machine: the smallest of what the machine has, what the control groups around the process
/// allow (a container, a systemd unit, a batch system's job), and what its own limits allow.
/// </summary>
/// <param name="Memory">Bytes that may be used at once.</param>
/// <param name="MemoryBy">What sets it: <see cref="Machine"/>, <see cref="AddressSpace"/>, or a control group's file.</param>
/// <param name="Cores">Processors that may be busy at once; a quota of one and a half is two.</param>
/// <param name="CoresBy">
/// What sets it: <see cref="Machine"/>, <see cref="Affinity"/>, <see cref="Variable"/>, or a control group's file.
/// </param>
public sealed record MachineLimits(long Memory, string MemoryBy, int Cores, string CoresBy)
{
    public const string Machine = "the machine",
        Affinity = "the processors given to the process";
    public const string AddressSpace = "ulimit -v",
        Variable = "DOTNET_PROCESSOR_COUNT";

    /// <summary>Whether a control group counts the time that processors are busy, whichever they are.</summary>
    public bool HasQuota => CoresBy is not (Machine or Affinity or Variable);

    static readonly Lazy<MachineLimits> Read = new(() => Of("/"));

    /// <summary>Those of this process, read once.</summary>
    public static MachineLimits Current => Read.Value;

    /// <param name="root">Where the file system begins, whose proc and sys are read; another than "/" in tests.</param>
    public static MachineLimits Of(string root)
    {
        var files = new SystemFiles(root);
        // Where there is no /proc, .NET knows both, jobs of Windows among them; under a limit its memory is its own share of it.
        var (memory, memoryBy) = (Installed(files) ?? GC.GetGCMemoryInfo().TotalAvailableMemoryBytes, Machine);
        var (cores, coresBy) = Processors(files) ?? (Environment.ProcessorCount, Machine);
        foreach (var (bytes, by) in ControlGroups.Memory(files).Append((AddressSpaceOf(files), AddressSpace)))
        {
            if (bytes < memory)
                (memory, memoryBy) = (bytes, by);
        }
        foreach (var (quota, by) in ControlGroups.Cores(files))
        {
            if (Math.Ceiling(quota) < cores)
                (cores, coresBy) = ((int)Math.Ceiling(quota), by);
        }
        if (SystemFiles.Number(Environment.GetEnvironmentVariable(Variable)) is > 0 and var asked && asked < cores)
            (cores, coresBy) = ((int)asked, Variable);
        return new(memory, memoryBy, cores, coresBy);
    }

    // "MemTotal:       24684088 kB"
    static long? Installed(SystemFiles files) => SystemFiles.Number(files.Value("proc/meminfo", "MemTotal:")?[0]) * 1024;

    // "Max address space         unlimited            unlimited            bytes"
    static long AddressSpaceOf(SystemFiles files) =>
        SystemFiles.Number(files.Value("proc/self/limits", "Max address space")?[0]) ?? long.MaxValue;

    static (int, string)? Processors(SystemFiles files)
    {
        if (Allowed(files) is not { Count: > 0 } both)
            return null;
        return (both.Count, both.Count < Numbers(files.Lines(Online).FirstOrDefault() ?? "").Count ? Affinity : Machine);
    }

    const string Online = "sys/devices/system/cpu/online";

    /// <summary>The numbers of the processors on which the process may run; null where the system does not tell.</summary>
    // "Cpus_allowed_list:      0-3,8": by affinity and by the control group's cpuset. It may name processors that are not there.
    internal static HashSet<long>? Allowed(SystemFiles files)
    {
        if (files.Value("proc/self/status", "Cpus_allowed_list:") is not [var list])
            return null;
        var allowed = Numbers(list);
        if (Numbers(files.Lines(Online).FirstOrDefault() ?? "") is { Count: > 0 } online)
            allowed.IntersectWith(online);
        return allowed;
    }

    static HashSet<long> Numbers(string list)
    {
        HashSet<long> numbers = [];
        foreach (var ends in list.Split(',').Select(part => part.Trim().Split('-')))
        {
            if ((SystemFiles.Number(ends[0]), SystemFiles.Number(ends[^1])) is ({ } first, { } last))
            {
                for (var number = first; number <= last; number++)
                    numbers.Add(number);
            }
        }
        return numbers;
    }
}
