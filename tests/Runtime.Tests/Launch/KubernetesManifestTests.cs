using Mtlc.Runtime.Files;
using Mtlc.Runtime.Launch;

namespace Mtlc.Tests.Runtime.Launch;

public sealed class KubernetesManifestTests
{
    static readonly ClusterJob Job = new("Table_2", "/work/study", ["nodeSelector: {gpu: a100}", "serviceAccountName: trainer"])
    {
        Image = "registry/mtlc:1",
        Gpus = "1",
        Cpus = 8,
        Memory = "32Gi",
        Volume = new("work", "/work"),
    };

    // Both were held against the published schemas: batch/v1 of Kubernetes (kubernetes-models 5.1), and the TrainJob of Kubeflow
    // Trainer (manifests/base/crds).
    [Fact]
    public async Task A_pod_for_each_point() =>
        await Verify(KubernetesManifest.IndexedJob(Job, ["mtlc", "sweep", "a file.mtl", "--point"], 8, 4, 75, [1, 2, 3, 65]));

    [Fact]
    public async Task A_training_on_several_nodes() =>
        await Verify(KubernetesManifest.TrainJob(Job, ["train.py", "--resume"], 2, 4));

    [Theory]
    [InlineData("Table_2", "table-2")]
    [InlineData("__", "mtlc")]
    [InlineData("a23456789012345678901234567890123456789_x", "a23456789012345678901234567890123456789")]
    public void Names_are_those_that_Kubernetes_takes(string name, string dns) =>
        Assert.Equal(dns, KubernetesManifest.DnsName(name));

    [Theory]
    [InlineData("nodeSelector: {")]
    [InlineData("just words")]
    public void A_line_that_is_no_piece_of_a_pod_is_refused(string line) =>
        Assert.Contains(
            "--line",
            Assert
                .Throws<RunException>(() => KubernetesManifest.IndexedJob(Job with { Lines = [line] }, ["x"], 1, 1, 75, [1]))
                .Message,
            StringComparison.Ordinal
        );
}
