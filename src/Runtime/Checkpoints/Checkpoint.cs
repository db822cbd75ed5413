using System.Security.Cryptography;
using System.Text.Json;
using Mtlc.Runtime.Files;

namespace Mtlc.Runtime.Checkpoints;

/// <summary>
/// A folder with everything needed to go on: `model.safetensors`, `optimizer.safetensors`, `state.json`, and `manifest.json` with
/// the SHA-256 of each. It is written under another name, flushed, and renamed: a folder called step-N is complete. </summary>
public sealed class Checkpoint : IDisposable
{
    public const string Model = "model.safetensors",
        Optimizer = "optimizer.safetensors",
        State = "state.json",
        Manifest = "manifest.json";

    const long LargestJson = 1 << 24;

    Checkpoint(string path, RunState state, SafeTensors weights, SafeTensors optimizer) =>
        (Path, Run, Weights, OptimizerState) = (path, state, weights, optimizer);

    public string Path { get; }

    public RunState Run { get; }

    public SafeTensors Weights { get; }

    public SafeTensors OptimizerState { get; }

    /// <exception cref="RunException">A file is missing, damaged, not the one that was written, or of a newer version of
    /// mtlc.</exception>
    public static Checkpoint Load(string path)
    {
        var digests = ReadManifest(path);
        var state = ReadState(path, digests);
        var weights = Checked(Model);
        try
        {
            return new(path, state, weights, Checked(Optimizer));
        }
        catch
        {
            weights.Dispose();
            throw;
        }

        SafeTensors Checked(string file)
        {
            var tensors = SafeTensors.Load(System.IO.Path.Combine(path, file));
            try
            {
                Compare(path, file, digests, tensors.Sha256);
                return tensors;
            }
            catch
            {
                tensors.Dispose();
                throw;
            }
        }
    }

    /// <summary>The state alone, of a checkpoint that is whole: its tensors are read and compared, but not kept.</summary>
    /// <exception cref="RunException">As <see cref="Load"/>.</exception>
    public static RunState LoadState(string path)
    {
        var digests = ReadManifest(path);
        var state = ReadState(path, digests);
        foreach (var file in (string[])[Model, Optimizer])
            Compare(path, file, digests, Digest(System.IO.Path.Combine(path, file)));
        return state;
    }

    /// <summary>The weights alone, for evaluation and prediction.</summary>
    /// <exception cref="RunException">They are missing or damaged.</exception>
    public static SafeTensors LoadWeights(string path)
    {
        var digests = ReadManifest(path);
        var tensors = SafeTensors.Load(System.IO.Path.Combine(path, Model));
        Compare(path, Model, digests, tensors.Sha256);
        return tensors;
    }

    /// <summary>Writes one that is complete and durable when this returns.</summary>
    /// <param name="beforeNaming">May still prevent it, by what it throws.</param>
    public static void Save(
        string path,
        RunState state,
        TensorCopies weights,
        TensorCopies optimizer,
        Action? beforeNaming = null
    )
    {
        var folder = System.IO.Path.GetDirectoryName(path)!;
        var temporary = System.IO.Path.Combine(folder, $".{System.IO.Path.GetFileName(path)}.tmp");
        if (Directory.Exists(temporary))
            Directory.Delete(temporary, recursive: true);
        Directory.CreateDirectory(temporary);
        try
        {
            WriteFiles(temporary, state, weights, optimizer);
            beforeNaming?.Invoke();
        }
        catch
        {
            if (Directory.Exists(temporary))
                Directory.Delete(temporary, recursive: true); // a full disk gets its room back
            throw;
        }
        if (Directory.Exists(path)) // the same step again: the old one goes only when the new one is in its place
            Directory.Move(path, ReplacedPath(path));
        Directory.Move(temporary, path);
        AtomicFile.FlushFolder(folder);
        if (Directory.Exists(ReplacedPath(path)))
            Directory.Delete(ReplacedPath(path), recursive: true);
    }

    /// <summary>Where a checkpoint waits while another of the same step takes its place.</summary>
    internal static string ReplacedPath(string path) =>
        System.IO.Path.Combine(System.IO.Path.GetDirectoryName(path)!, $".{System.IO.Path.GetFileName(path)}{Replaced}");

    internal const string Replaced = ".replaced";

    static void WriteFiles(string folder, RunState state, TensorCopies weights, TensorCopies optimizer)
    {
        var metadata = new Dictionary<string, string> { ["format"] = RunState.CurrentFormat };
        var digests = new SortedDictionary<string, string>(StringComparer.Ordinal);
        void Put(string file, Func<Stream, string> write) =>
            AtomicFile.WriteDurably(System.IO.Path.Combine(folder, file), stream => digests[file] = write(stream));
        Put(Model, stream => SafeTensors.Write(stream, weights, metadata));
        Put(Optimizer, stream => SafeTensors.Write(stream, optimizer, metadata));
        var json = state.ToJson();
        Put(State, stream => Plain(stream, json));
        Put(
            Manifest,
            stream =>
                Plain(stream, JsonSerializer.SerializeToUtf8Bytes(new { format = RunState.CurrentFormat, sha256 = digests }))
        );
        AtomicFile.FlushFolder(folder);
    }

    static string Plain(Stream stream, byte[] bytes)
    {
        stream.Write(bytes);
        return Convert.ToHexStringLower(SHA256.HashData(bytes));
    }

    static Dictionary<string, string> ReadManifest(string path)
    {
        try
        {
            using var document = JsonDocument.Parse(ReadFile(path, Manifest));
            RunState.CheckFormat(document.RootElement, System.IO.Path.Combine(path, Manifest));
            return document
                .RootElement.GetProperty("sha256")
                .EnumerateObject()
                .ToDictionary(p => p.Name, p => p.Value.GetString() ?? "");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or ArgumentException)
        {
            throw new RunException($"{System.IO.Path.Combine(path, Manifest)}: damaged: {e.Message}", e);
        }
    }

    static RunState ReadState(string path, Dictionary<string, string> digests)
    {
        var bytes = ReadFile(path, State);
        Compare(path, State, digests, Convert.ToHexStringLower(SHA256.HashData(bytes)));
        return RunState.Parse(bytes, System.IO.Path.Combine(path, State));
    }

    static string Digest(string path)
    {
        try
        {
            using var file = RegularFile.OpenRead(path);
            return Convert.ToHexStringLower(SHA256.HashData(file));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new RunException($"{path}: no such file", e);
        }
        catch (NotAFileException e)
        {
            throw new RunException(e.Message, e);
        }
    }

    static byte[] ReadFile(string path, string file)
    {
        try
        {
            var info = new FileInfo(System.IO.Path.Combine(path, file));
            return info.Exists && info.Length > LargestJson
                ? throw new RunException(
                    $"{info.FullName}: damaged: it has {info.Length} bytes, far more than any that mtlc writes"
                )
                : RegularFile.ReadAllBytes(info.FullName);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new RunException($"{System.IO.Path.Combine(path, file)}: no such file", e);
        }
        catch (NotAFileException e)
        {
            throw new RunException(e.Message, e);
        }
    }

    static void Compare(string path, string file, Dictionary<string, string> digests, string digest)
    {
        if (!digests.TryGetValue(file, out var expected) || expected != digest)
            throw new RunException($"{System.IO.Path.Combine(path, file)}: damaged: its SHA-256 is not the one of {Manifest}");
    }

    public void Dispose()
    {
        Weights.Dispose();
        OptimizerState.Dispose();
    }
}
