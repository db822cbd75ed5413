using System.CommandLine;
using Mtlc.Cli.Errors;
using Mtlc.Runtime.Export;
using Mtlc.Runtime.Launch;

namespace Mtlc.Cli.CommandLine;

/// <summary>How many processes of a cluster train an exported program, and on what.</summary>
sealed class TorchrunOptions
{
    readonly Option<int?> nodes = Choices.Count("--nodes", "With --launch: machines that train together. Default: 1.");
    readonly Option<int?> processes = Choices.Count(
        "--processes",
        "With --launch: processes on each machine. Default: one a GPU; without GPUs it must be said."
    );
    readonly Option<string?> data = new("--data")
    {
        HelpName = "KIND:DIR",
        Description =
            "With --launch: where the data lie on the cluster, as train.py takes it: miniscapes:DIR, "
            + "cityscapes:DIR, manifest:DIR. "
            + "Default: where the program says.",
    };

    public IReadOnlyList<Option> All => [nodes, processes, data];

    /// <exception cref="Failure">One is given although nothing is launched.</exception>
    public void Refuse(ParseResult parsed)
    {
        foreach (var option in All)
            if (parsed.GetResult(option) is { Implicit: false })
                throw Failure.Usage($"'{option.Name}' has no meaning without --launch slurm or --launch kubernetes");
    }

    /// <param name="job">What is asked of the cluster.</param>
    /// <param name="folder">Where the program is written.</param>
    /// <param name="isMadeUp">Whether the program's data lie nowhere: train.py cannot render them.</param>
    /// <exception cref="Failure">The data, or the number of processes, must be said.</exception>
    public ExportedJob Job(ParseResult parsed, ClusterJob job, bool isKubernetes, string folder, bool isMadeUp)
    {
        if (parsed.GetValue(data) is null && isMadeUp)
            throw Failure.Usage(
                "train.py reads no synthetic scenes: --launch needs '--data'",
                "'mtlc data render --layout miniscapes --out DIR' writes them; then --data miniscapes:DIR"
            );
        if (!isKubernetes && job.Gpus is null && parsed.GetValue(processes) is null)
            throw Failure.Usage(
                "how many processes train on a machine?",
                "--gpus 4 asks for GPUs, and has one process for each; --processes 8 trains on processors"
            );
        IReadOnlyList<string> program =
        [
            "train.py",
            "--resume",
            .. parsed.GetValue(data) is { } place ? new[] { "--data", place } : [],
        ];
        var count = parsed.GetValue(nodes) ?? 1;
        if (!isKubernetes)
            return new("job.sh", "sbatch", SlurmScript.Torchrun(job, program, count, parsed.GetValue(processes), job.Folder));
        // The folder is copied to the volume where it was not written there.
        if (job.Folder != folder)
            job = job with { Folder = $"{job.Folder.TrimEnd('/')}/{Path.GetFileName(folder)}" };
        return new("job.yaml", "kubectl create -f", KubernetesManifest.TrainJob(job, program, count, parsed.GetValue(processes)));
    }
}
