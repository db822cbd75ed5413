using System.Net;
using System.Security.Cryptography;
using Mtlc.Runtime.Files;
using Mtlc.Runtime.Weights;
using Mtlc.Tests.Runtime.Data;

namespace Mtlc.Tests.Weights;

public sealed class WeightsCacheTests : IDisposable
{
    static readonly byte[] Content = [.. Enumerable.Range(0, 300_000).Select(i => (byte)(i * 7))];
    static readonly OfficialWeights Weights = new(
        "resnet34",
        $"resnet34-{Convert.ToHexStringLower(SHA256.HashData(Content))[..8]}.pth",
        []
    );

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    sealed class Server(Func<HttpResponseMessage> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Assert.Equal($"https://download.pytorch.org/models/{Weights.File}", request.RequestUri!.ToString());
            return Task.FromResult(answer());
        }
    }

    sealed class Reports : List<DownloadProgress>, IProgress<DownloadProgress>
    {
        public void Report(DownloadProgress value) => Add(value);
    }

    string Cache => Path.Combine(folder.Path, "weights");

    string Hub => Path.Combine(folder.Path, "hub");

    WeightsCache With(Func<HttpResponseMessage> answer) => new(Cache, [Hub], () => new Server(answer));

    WeightsCache Offline => With(() => throw new HttpRequestException("No route to host"));

    static HttpResponseMessage Answer(byte[] content) => new() { Content = new ByteArrayContent(content) };

    [Fact]
    public void A_download_is_checked_reported_and_kept()
    {
        var reports = new Reports();
        var path = With(() => Answer(Content)).Locate(Weights, reports);
        Assert.Equal(Path.Combine(Cache, Weights.File), path);
        Assert.Equal(Content, File.ReadAllBytes(path));
        Assert.Equal(new DownloadProgress(Weights.File, Content.Length, Content.Length), reports[^1]);
        Assert.Equal(path, Offline.Locate(Weights));
        Assert.Single(Directory.GetFiles(Cache));
    }

    [Fact]
    public void What_does_not_have_the_digest_of_its_name_is_refused_and_leaves_nothing()
    {
        var error = Assert.Throws<DataException>(() =>
            With(() => Answer("<html>Please log in</html>"u8.ToArray())).Locate(Weights)
        );
        Assert.Contains("SHA-256", error.Message);
        Assert.Empty(Directory.GetFiles(Cache));
    }

    [Fact]
    public void A_download_that_ends_early_leaves_nothing()
    {
        var error = Assert.Throws<IOException>(() =>
            With(() =>
                {
                    var answer = Answer(Content[..1000]);
                    answer.Content.Headers.ContentLength = Content.Length;
                    return answer;
                })
                .Locate(Weights)
        );
        Assert.Contains("could not be downloaded", error.Message);
        Assert.Empty(Directory.GetFiles(Cache));
    }

    [Fact]
    public void Without_a_network_the_error_says_which_file_to_put_where()
    {
        var message = Assert.Throws<IOException>(() => Offline.Locate(Weights)).Message;
        Assert.Contains("No route to host", message);
        Assert.Contains($"https://download.pytorch.org/models/{Weights.File}", message);
        Assert.Contains(Path.Combine(Cache, Weights.File), message);
        Assert.Contains("weights: none", message);
    }

    [Fact]
    public void An_error_of_the_server_is_told()
    {
        var message = Assert
            .Throws<IOException>(() => With(() => new(HttpStatusCode.ServiceUnavailable)).Locate(Weights))
            .Message;
        Assert.Contains("503", message);
    }

    [Fact]
    public void PyTorchs_own_cache_is_used()
    {
        Directory.CreateDirectory(Hub);
        var file = Path.Combine(Hub, Weights.File);
        File.WriteAllBytes(file, Content);
        Assert.Equal(file, Offline.Locate(Weights));
    }

    [Fact]
    public void A_damaged_file_in_the_cache_is_named()
    {
        Directory.CreateDirectory(Cache);
        var file = Path.Combine(Cache, Weights.File);
        File.WriteAllBytes(file, Content[1..]);
        var message = Assert.Throws<DataException>(() => Offline.Locate(Weights)).Message;
        Assert.Contains(file, message);
        Assert.Contains("delete it", message);
    }

    [Fact]
    public void Backbones_without_official_weights_are_refused_with_what_there_is()
    {
        var message = Assert.Throws<DataException>(() => Offline.Locate("my_net")).Message;
        Assert.Contains("'my_net'", message);
        Assert.Contains("resnet18, resnet34, resnet50", message);
    }

    [Theory]
    [InlineData("resnet34", "resnet34-b627a593.pth", "b627a593")]
    [InlineData("resnet18", "resnet18-f37072fd.pth", "f37072fd")]
    [InlineData("resnet50", "resnet50-0676ba61.pth", "0676ba61")]
    public void Official_files_are_torchvisions(string component, string file, string digest)
    {
        Assert.Equal($"https://download.pytorch.org/models/{file}", OfficialWeights.Find(component)!.Address);
        Assert.Equal(digest, OfficialWeights.DigestPrefix(file));
    }
}
