using System.CommandLine;
using Mtlc.Cli.Errors;
using Mtlc.Runtime.Launch;

namespace Mtlc.Cli.CommandLine;

/// <summary>Where a command's work is done, and what it asks of a cluster: what `sweep` and `export` share.</summary>
sealed class LaunchOptions
{
    public const string Local = "local",
        Slurm = "slurm",
        Kubernetes = "kubernetes";

    readonly Option<string> launch;
    readonly Option<string?> partition = Text("--partition", "NAME", "Slurm: the partition.");
    readonly Option<string?> account = Text("--account", "NAME", "Slurm: who pays.");
    readonly Option<string?> time = Text("--time", "TIME", "Slurm: the longest a task may take, as 8:00:00 or 1-12.");
    readonly Option<string?> gpus = Text("--gpus", "N", "GPUs of a task; for Slurm also with their type: a100:1.");
    readonly Option<int?> cpus = Choices.Count("--cpus", "Processors of a task.");
    readonly Option<string?> memory = Text("--memory", "SIZE", "Memory of a task, as the cluster writes it: 16G, 16Gi.");
    readonly Option<string?> image = Text("--image", "IMAGE", "Kubernetes: the container image.");
    readonly Option<string?> volume = Text(
        "--volume",
        "CLAIM:PATH",
        "Kubernetes: a volume claim, and where the work lies on it: program, data and runs."
    );
    readonly Option<string[]> lines = new("--line")
    {
        HelpName = "TEXT",
        Description =
            "A line of your own in what is submitted; may be repeated. Slurm: '#SBATCH ...' for its head, else a command that "
            + "runs before. Kubernetes: YAML of the pod.",
        DefaultValueFactory = _ => [],
    };

    public LaunchOptions(string description, string standard)
    {
        launch = new("--launch")
        {
            HelpName = $"{Local}|{Slurm}|{Kubernetes}",
            Description = description,
            DefaultValueFactory = _ => standard,
        };
        launch.AcceptOnlyFromAmong(Local, Slurm, Kubernetes);
    }

    IEnumerable<Option> Resources => [partition, account, time, gpus, cpus, memory, image, volume, lines];

    public IEnumerable<Option> All => Resources.Prepend(launch);

    /// <summary>`local`, `slurm` or `kubernetes`; the resources fit it.</summary>
    /// <exception cref="Failure">An option is for another one, or one is missing.</exception>
    public string Target(ParseResult parsed)
    {
        var target = parsed.GetRequiredValue(launch);
        Option[] foreign = target switch
        {
            Local => [.. Resources],
            Slurm => [image, volume],
            _ => [partition, account, time],
        };
        foreach (var option in foreign.Where(o => parsed.GetResult(o) is { Implicit: false }))
            throw Failure.Usage(
                $"'{option.Name}' has no meaning with --launch {target}",
                target == Local ? "--launch slurm or --launch kubernetes says where the work is to be done" : null
            );
        if (target == Kubernetes)
        {
            if (parsed.GetValue(image) is null || parsed.GetValue(volume) is null)
                throw Failure.Usage(
                    "--launch kubernetes needs '--image' and '--volume'",
                    "--image registry/mtlc:1 --volume CLAIM:/work, where program, data and runs lie"
                );
            if (parsed.GetValue(gpus) is { } count && !count.All(char.IsAsciiDigit))
                throw Failure.Usage($"'--gpus' takes a number for Kubernetes, not '{count}'", "--line says which kind of node");
        }
        return target;
    }

    /// <summary>What to ask for.</summary>
    /// <param name="name">The job's name.</param>
    /// <param name="folder">The working folder, here and there; on a volume that lies elsewhere, the volume.</param>
    public ClusterJob Job(ParseResult parsed, string name, string folder)
    {
        var claim = parsed.GetValue(volume) is { } text ? Volume(text) : null;
        var inside = claim is null || (folder + "/").StartsWith(claim.Path.TrimEnd('/') + "/", StringComparison.Ordinal);
        return new(name, inside ? folder : claim!.Path, [.. parsed.GetRequiredValue(lines)])
        {
            Partition = parsed.GetValue(partition),
            Account = parsed.GetValue(account),
            Time = parsed.GetValue(time),
            Gpus = parsed.GetValue(gpus),
            Cpus = parsed.GetValue(cpus),
            Memory = parsed.GetValue(memory),
            Image = parsed.GetValue(image),
            Volume = claim,
        };
    }

    static ClusterVolume Volume(string text) =>
        text.Split(':', 2) is [{ Length: > 0 } claim, ['/', ..] path]
            ? new(claim, path)
            : throw Failure.Usage($"'--volume' takes CLAIM:PATH, a claim's name and a whole path, not '{text}'");

    static Option<string?> Text(string name, string value, string description) =>
        new(name) { HelpName = value, Description = description };
}
