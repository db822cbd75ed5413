using System.Collections.Immutable;
using System.Security.Cryptography;
using Mtlc.Runtime.Files;
using Mtlc.Runtime.Machine;

namespace Mtlc.Runtime.Weights;

/// <summary>How far a download is.</summary>
/// <param name="Total">Bytes in all, where the server says so.</param>
public readonly record struct DownloadProgress(string File, long Received, long? Total);

/// <summary>Where pretrained weights lie on this machine, and how they get there.</summary>
/// <param name="Folder">Where downloads go, and where a user without a network puts a file.</param>
/// <param name="OtherFolders">Searched too, never written: PyTorch's own cache.</param>
/// <param name="Connect">Makes the transport of a download.</param>
public sealed record WeightsCache(string Folder, ImmutableArray<string> OtherFolders, Func<HttpMessageHandler> Connect)
{
    const long MaxBytes = 1 << 30;
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>
    /// `weights` in <see cref="CacheFolder"/>; beside it
    /// PyTorch's `hub/checkpoints` (TORCH_HOME).
    /// </summary>
    public static WeightsCache Default
    {
        get
        {
            var torch =
                Variable("TORCH_HOME") ?? Path.Combine(Variable("XDG_CACHE_HOME") ?? Path.Combine(Home, ".cache"), "torch");
            return new(
                CacheFolder.Of("weights"),
                [Path.Combine(torch, "hub", "checkpoints")],
                () => new SocketsHttpHandler { ConnectTimeout = Patience }
            );
        }
    }

    static string Home => Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    /// <summary>The path of a backbone's ImageNet weights; downloads them where no folder has them.</summary>
    /// <exception cref="DataException">There are none for this backbone, or a file is not what its name says.</exception>
    /// <exception cref="IOException">They are not here and cannot be downloaded; the message says which file to put
    /// where.</exception>
    public string Locate(string component, IProgress<DownloadProgress>? progress = null, CancellationToken cancellation = default)
    {
        var weights =
            OfficialWeights.Find(component)
            ?? throw new DataException(
                $"there are no ImageNet weights for '{component}', only for "
                    + $"{string.Join(", ", OfficialWeights.All.Select(w => w.Component))}; "
                    + "write weights: none, or weights: \"FILE\" with a .pth or .safetensors file"
            );
        return Locate(weights, progress, cancellation);
    }

    /// <summary>The path of a backbone's ImageNet weights on this machine, unchecked; null where no folder has them.</summary>
    public string? Find(string component) => OfficialWeights.Find(component) is { } weights ? Find(weights) : null;

    string? Find(OfficialWeights weights) =>
        weights
            .Files.SelectMany(file => OtherFolders.Prepend(Folder).Select(folder => Path.Combine(folder, file)))
            .FirstOrDefault(File.Exists);

    internal string Locate(
        OfficialWeights weights,
        IProgress<DownloadProgress>? progress = null,
        CancellationToken cancellation = default
    )
    {
        if (Find(weights) is { } path)
        {
            Check(path, Digest(path), "delete it, and it is downloaded again");
            return path;
        }
        return Download(weights, progress, cancellation).GetAwaiter().GetResult();
    }

    async Task<string> Download(OfficialWeights weights, IProgress<DownloadProgress>? progress, CancellationToken cancellation)
    {
        var target = Path.Combine(Folder, weights.File);
        var partial = Path.Combine(Folder, $".{weights.File}.{Guid.NewGuid():n}.part");
        try
        {
            Directory.CreateDirectory(Folder);
            var digest = await Receive(weights, partial, progress, cancellation).ConfigureAwait(false);
            Check(
                weights.Address,
                digest,
                "something between here and there has changed it; download it elsewhere and put it at " + target
            );
            File.Move(partial, target, overwrite: true);
            return target;
        }
        catch (Exception e)
            when (e is HttpRequestException or IOException or UnauthorizedAccessException
                || (e is OperationCanceledException && !cancellation.IsCancellationRequested)
            )
        {
            var reason = e is OperationCanceledException ? $"nothing came for {Patience.TotalSeconds:0} seconds" : e.Message;
            throw new IOException(
                $"the ImageNet weights of {weights.Component} are not on this machine and could not be downloaded: {reason}. "
                    + $"Download {weights.Address} on another machine and put it at {target}, or write weights: none",
                e
            );
        }
        finally
        {
            if (File.Exists(partial))
                File.Delete(partial);
        }
    }

    /// <returns>The SHA-256 of what came.</returns>
    async Task<byte[]> Receive(
        OfficialWeights weights,
        string path,
        IProgress<DownloadProgress>? progress,
        CancellationToken cancellation
    )
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Patience);
        using var client = new HttpClient(Connect()) { Timeout = Timeout.InfiniteTimeSpan };
        using var response = await client
            .GetAsync(weights.Address, HttpCompletionOption.ResponseHeadersRead, patience.Token)
            .ConfigureAwait(false);
        response.EnsureSuccessStatusCode();
        var total = response.Content.Headers.ContentLength;
        using var source = await response.Content.ReadAsStreamAsync(patience.Token).ConfigureAwait(false);
        using var file = File.Create(path);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 17];
        long received = 0;
        while (await source.ReadAsync(buffer, patience.Token).ConfigureAwait(false) is var count and > 0)
        {
            patience.CancelAfter(Patience);
            received += count;
            if (received > MaxBytes)
                throw new IOException($"the server sends more than {MaxBytes} bytes");
            hash.AppendData(buffer, 0, count);
            await file.WriteAsync(buffer.AsMemory(0, count), patience.Token).ConfigureAwait(false);
            progress?.Report(new(weights.File, received, total));
        }
        return received == (total ?? received)
            ? hash.GetHashAndReset()
            : throw new IOException($"the connection ended after {received} of {total} bytes");
    }

    static byte[] Digest(string path)
    {
        try
        {
            using var stream = RegularFile.OpenRead(path);
            return SHA256.HashData(stream);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"{path} may not be read: {e.Message}", e);
        }
    }

    static void Check(string path, byte[] digest, string help)
    {
        var (found, expected) = (Convert.ToHexStringLower(digest), OfficialWeights.DigestPrefix(Path.GetFileName(path)));
        if (!found.StartsWith(expected, StringComparison.Ordinal))
            throw new DataException($"{path} is damaged: its SHA-256 starts with {found[..8]} instead of {expected}; {help}");
    }
}
