using Mtlc.Runtime.Machine;

namespace Mtlc.Tests.Machine;

/// <summary>File systems as Linux shows them, in the forms of its documentation (cgroup-v1, cgroup-v2, proc).</summary>
public sealed class MachineLimitsTests : IDisposable
{
    const string Version2 = "31 23 0:28 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate";
    const long GiB = 1L << 30;

    readonly string root = Directory.CreateTempSubdirectory("mtlc-limits-").FullName;

    public MachineLimitsTests()
    {
        Write("proc/meminfo", "MemTotal:       16777216 kB\nMemFree:          100000 kB");
        Write("proc/self/status", "Name:\tmtlc\nCpus_allowed_list:\t0-7");
        Write("proc/self/limits", "Max address space         unlimited            unlimited            bytes");
        Write("sys/devices/system/cpu/online", "0-7");
        Write("proc/self/cgroup", "0::/");
        Write("proc/self/mountinfo", Version2);
    }

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public void Without_limits_it_is_the_machine()
    {
        Write("sys/fs/cgroup/cpu.max", "max 100000");
        Write("sys/fs/cgroup/memory.max", "max");

        Assert.Equal(new(16 * GiB, MachineLimits.Machine, 8, MachineLimits.Machine), MachineLimits.Of(root));
    }

    [Fact]
    public void A_container_of_version_2_has_its_limit_whole()
    {
        Write("sys/fs/cgroup/memory.max", "4294967296");
        Write("sys/fs/cgroup/cpu.max", "200000 100000");

        Assert.Equal(new(4 * GiB, "/sys/fs/cgroup/memory.max", 2, "/sys/fs/cgroup/cpu.max"), MachineLimits.Of(root));
    }

    [Theory]
    [InlineData("8589934592", "2147483648", "max", "/sys/fs/cgroup/user.slice/job.scope/memory.max")]
    [InlineData("2147483648", "8589934592", "max", "/sys/fs/cgroup/user.slice/memory.max")]
    [InlineData("max", "max", "2147483648", "/sys/fs/cgroup/user.slice/job.scope/step/memory.max")]
    public void Of_groups_within_each_other_the_smallest_holds(string outer, string middle, string inner, string by)
    {
        Write("proc/self/cgroup", "0::/user.slice/job.scope/step");
        Write("sys/fs/cgroup/user.slice/memory.max", outer);
        Write("sys/fs/cgroup/user.slice/job.scope/memory.max", middle);
        Write("sys/fs/cgroup/user.slice/job.scope/step/memory.max", inner);

        var limits = MachineLimits.Of(root);

        Assert.Equal((2 * GiB, by), (limits.Memory, limits.MemoryBy));
    }

    [Theory]
    [InlineData("50000 100000", 1)]
    [InlineData("150000 100000", 2)]
    [InlineData("400000 100000", 4)]
    [InlineData("1000000 100000", 8)]
    [InlineData("20000 10000", 2)]
    public void A_quota_is_rounded_up_to_whole_processors(string quota, int cores)
    {
        Write("proc/self/cgroup", "0::/job");
        Write("sys/fs/cgroup/job/cpu.max", quota);

        Assert.Equal(cores, MachineLimits.Of(root).Cores);
    }

    [Fact]
    public void Version_1_has_a_tree_for_each_controller()
    {
        Write("proc/self/cgroup", "4:memory:/docker/abc\n3:cpu,cpuacct:/docker/abc\n0::/");
        Write(
            "proc/self/mountinfo",
            """
            32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:3 master:2 - cgroup cgroup rw,cpu,cpuacct
            35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
            41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
            """
        );
        Write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712");
        Write("sys/fs/cgroup/memory/docker/memory.limit_in_bytes", "3221225472");
        Write("sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes", "9223372036854771712");
        Write("sys/fs/cgroup/cpu,cpuacct/docker/abc/cpu.cfs_quota_us", "300000");
        Write("sys/fs/cgroup/cpu,cpuacct/docker/abc/cpu.cfs_period_us", "100000");
        Write("sys/fs/cgroup/cpu,cpuacct/docker/cpu.cfs_quota_us", "-1");
        Write("sys/fs/cgroup/cpu,cpuacct/docker/cpu.cfs_period_us", "100000");

        const string Tree = "/sys/fs/cgroup/";
        Assert.Equal(
            new(3 * GiB, Tree + "memory/docker/memory.limit_in_bytes", 3, Tree + "cpu,cpuacct/docker/abc/cpu.cfs_quota_us"),
            MachineLimits.Of(root)
        );
    }

    [Fact]
    public void A_container_that_is_told_its_place_on_the_host_finds_its_own_group()
    {
        Write("proc/self/cgroup", "4:memory:/docker/abc");
        Write("proc/self/mountinfo", "35 31 0:32 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory");
        Write("sys/fs/cgroup/memory/memory.limit_in_bytes", "1073741824");

        Assert.Equal(GiB, MachineLimits.Of(root).Memory);
    }

    [Theory]
    [InlineData("0::/../../elsewhere")]
    [InlineData("0::/a/folder/that/is/not/mounted")]
    public void A_group_outside_of_what_can_be_seen_leaves_what_can_be_seen(string group)
    {
        Write("proc/self/cgroup", group);
        Write("sys/fs/cgroup/memory.max", "1073741824");

        Assert.Equal(GiB, MachineLimits.Of(root).Memory);
    }

    [Fact]
    public void Mounts_may_lie_anywhere()
    {
        Write("proc/self/mountinfo", @"31 23 0:28 / /run/control\040groups rw - cgroup2 none rw");
        Write("run/control groups/memory.max", "1073741824");

        Assert.Equal((GiB, "/run/control groups/memory.max"), (MachineLimits.Of(root).Memory, MachineLimits.Of(root).MemoryBy));
    }

    [Theory]
    [InlineData("0-3", 4, MachineLimits.Affinity)]
    [InlineData("1,5-6", 3, MachineLimits.Affinity)]
    [InlineData("0-127", 8, MachineLimits.Machine)]
    public void Processors_are_those_that_the_process_may_run_on_and_that_are_there(string allowed, int cores, string by)
    {
        Write("proc/self/status", $"Cpus_allowed:\tff\nCpus_allowed_list:\t{allowed}");

        Assert.Equal((cores, by), (MachineLimits.Of(root).Cores, MachineLimits.Of(root).CoresBy));
    }

    [Fact]
    public void A_limit_of_addresses_is_one_of_memory()
    {
        Write("proc/self/limits", "Max address space         2147483648           unlimited            bytes");

        Assert.Equal((2 * GiB, MachineLimits.AddressSpace), (MachineLimits.Of(root).Memory, MachineLimits.Of(root).MemoryBy));
    }

    [Fact]
    public void Files_that_cannot_be_understood_limit_nothing()
    {
        Write("proc/self/cgroup", "nonsense\n0::/\n");
        Write("proc/self/mountinfo", "nonsense\n1 2 3\n" + Version2);
        Write("sys/fs/cgroup/memory.max", "lots");
        Write("sys/fs/cgroup/cpu.max", "0");

        Assert.Equal((16 * GiB, 8), (MachineLimits.Of(root).Memory, MachineLimits.Of(root).Cores));
    }

    [Fact]
    public void Without_any_of_the_files_NET_is_asked()
    {
        var limits = MachineLimits.Of(Path.Combine(root, "nothing"));

        Assert.InRange(limits.Memory, 1, long.MaxValue);
        Assert.Equal(Environment.ProcessorCount, limits.Cores);
    }

    void Write(string path, string text)
    {
        var file = Path.Combine(root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text + "\n");
    }
}
