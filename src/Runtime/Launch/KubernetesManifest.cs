using System.Globalization;
using Mtlc.Runtime.Files;
using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace Mtlc.Runtime.Launch;

/// <summary>Manifests for kubectl.</summary>
public static class KubernetesManifest
{
    const int GraceSeconds = 120;
    const int TriesOfAPoint = 2;
    const string Container = "mtlc",
        VolumeName = "work";

    /// <summary>An Indexed Job (batch/v1) with a pod for each point of a sweep: a point that fails keeps no other from running,
    /// one that was evicted or stopped (75) begins again and does not count as a failure, and what cannot succeed is not tried
    /// again.</summary>
    /// <param name="command">Trains the point whose number follows.</param>
    /// <param name="points">Of points with the numbers 1 to this.</param>
    /// <param name="most">How many at a time.</param>
    /// <param name="hopeless">Exit codes after which another try would end the same.</param>
    /// <exception cref="RunException">A line of the user's own is no YAML.</exception>
    public static string IndexedJob(
        ClusterJob job,
        IReadOnlyList<string> command,
        int points,
        int most,
        int stopped,
        IReadOnlyList<int> hopeless
    )
    {
        var pod = new Dictionary<string, object>
        {
            ["restartPolicy"] = "Never",
            ["terminationGracePeriodSeconds"] = GraceSeconds,
            ["containers"] = new[]
            {
                Only(
                    ("name", Container),
                    ("image", job.Image),
                    // JOB_COMPLETION_INDEX counts from 0.
                    ("command", new[] { "/bin/sh", "-c", $"exec {ShellText.Line(command)} $((JOB_COMPLETION_INDEX + 1))" }),
                    ("workingDir", job.Folder),
                    ("resources", Resources(job)),
                    ("volumeMounts", Mounts(job.Volume))
                ),
            },
        };
        if (job.Volume is { } volume)
            pod["volumes"] = new[] { VolumeOf(volume) };
        Merge(pod, job.Lines);
        return Text(
            Only(
                ("apiVersion", "batch/v1"),
                ("kind", "Job"),
                ("metadata", Only(("generateName", $"{DnsName(job.Name)}-"))),
                (
                    "spec",
                    Only(
                        ("completionMode", "Indexed"),
                        ("completions", points),
                        ("parallelism", most),
                        ("backoffLimitPerIndex", TriesOfAPoint),
                        ("maxFailedIndexes", points),
                        (
                            "podFailurePolicy",
                            Only(
                                (
                                    "rules",
                                    new[]
                                    {
                                        Only(
                                            ("action", "Ignore"),
                                            ("onPodConditions", new[] { Only(("type", "DisruptionTarget"), ("status", "True")) })
                                        ),
                                        Only(("action", "Ignore"), ("onExitCodes", In([stopped]))),
                                        Only(("action", "FailIndex"), ("onExitCodes", In(hopeless))),
                                    }
                                )
                            )
                        ),
                        ("template", Only(("spec", pod)))
                    )
                )
            )
        );
    }

    /// <summary>A TrainJob of Kubeflow Trainer 2 (trainer.kubeflow.org/v1alpha1), on its runtime `torch-distributed`.</summary>
    /// <param name="program">The script, and its arguments.</param>
    /// <param name="processes">Processes of a node; null for one a GPU.</param>
    /// <exception cref="RunException">A line of the user's own is no YAML.</exception>
    public static string TrainJob(ClusterJob job, IReadOnlyList<string> program, int nodes, int? processes)
    {
        var pod = new Dictionary<string, object>();
        if (job.Volume is { } volume)
        {
            pod["containers"] = new[] { Only(("name", "node"), ("volumeMounts", Mounts(volume))) };
            pod["volumes"] = new[] { VolumeOf(volume) };
        }
        Merge(pod, job.Lines);
        // A runtime's working folder is the image's.
        var script = $"cd {ShellText.Word(job.Folder)} && exec torchrun {ShellText.Line(program)}";
        return Text(
            Only(
                ("apiVersion", "trainer.kubeflow.org/v1alpha1"),
                ("kind", "TrainJob"),
                ("metadata", Only(("generateName", $"{DnsName(job.Name)}-"))),
                (
                    "spec",
                    Only(
                        ("runtimeRef", Only(("name", "torch-distributed"))),
                        (
                            "trainer",
                            Only(
                                ("image", job.Image),
                                ("command", new[] { "/bin/sh", "-c", script }),
                                ("numNodes", nodes),
                                ("numProcPerNode", processes),
                                ("resourcesPerNode", Resources(job))
                            )
                        ),
                        ("runtimePatches", pod.Count == 0 ? null : new[] { Patch(pod) })
                    )
                )
            )
        );
    }

    static Dictionary<string, object> Patch(Dictionary<string, object> pod) =>
        Only(
            ("manager", "mtlc.local/export"),
            (
                "trainingRuntimeSpec",
                Only(
                    (
                        "template",
                        Only(
                            (
                                "spec",
                                Only(
                                    (
                                        "replicatedJobs",
                                        new[]
                                        {
                                            Only(
                                                ("name", "node"),
                                                ("template", Only(("spec", Only(("template", Only(("spec", pod)))))))
                                            ),
                                        }
                                    )
                                )
                            )
                        )
                    )
                )
            )
        );

    /// <summary>A name as Kubernetes takes it (RFC 1123), short enough for what is appended.</summary>
    internal static string DnsName(string name)
    {
        var text = new string([.. name.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')]).Trim('-');
        return text.Length == 0 ? "mtlc" : text[..Math.Min(text.Length, 40)].TrimEnd('-');
    }

    static Dictionary<string, object> In(IReadOnlyList<int> codes) =>
        Only(("containerName", Container), ("operator", "In"), ("values", codes));

    static Dictionary<string, object>? Resources(ClusterJob job)
    {
        var limits = Only(
            ("nvidia.com/gpu", job.Gpus is { } gpus ? int.Parse(gpus, CultureInfo.InvariantCulture) : null),
            ("cpu", job.Cpus),
            ("memory", job.Memory)
        );
        return limits.Count == 0 ? null : Only(("requests", new Dictionary<string, object>(limits)), ("limits", limits));
    }

    static Dictionary<string, object>[]? Mounts(ClusterVolume? volume) =>
        volume is null ? null : [Only(("name", VolumeName), ("mountPath", volume.Path))];

    static Dictionary<string, object> VolumeOf(ClusterVolume volume) =>
        Only(("name", VolumeName), ("persistentVolumeClaim", Only(("claimName", volume.Claim))));

    /// <summary>Lines of the user's own are a piece of the pod's description.</summary>
    static void Merge(Dictionary<string, object> pod, IReadOnlyCollection<string> lines)
    {
        if (lines.Count == 0)
            return;
        try
        {
            var own = new DeserializerBuilder()
                .WithAttemptingUnquotedStringTypeDeserialization()
                .Build()
                .Deserialize<Dictionary<string, object>>(string.Join('\n', lines));
            foreach (var (key, value) in own)
                pod[key] =
                    pod.TryGetValue(key, out var standing) && standing is object[] first && value is IEnumerable<object> more
                        ? first.Concat(more).ToArray()
                        : value;
        }
        catch (YamlException e)
        {
            throw new RunException(
                $"--line: for Kubernetes, lines are YAML of the pod (nodeSelector: {{gpu: a100}}): {e.Message}",
                e
            );
        }
    }

    static Dictionary<string, object> Only(params (string Key, object? Value)[] pairs) =>
        pairs.Where(p => p.Value is not null).ToDictionary(p => p.Key, p => p.Value!);

    static string Text(object document) =>
        new SerializerBuilder()
            .WithQuotingNecessaryStrings()
            .WithIndentedSequences()
            .DisableAliases()
            .Build()
            .Serialize(document)
            .ReplaceLineEndings("\n");
}
