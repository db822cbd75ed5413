using System.Security.Cryptography;
using System.Text.Json;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Checkpoints;

/// <summary>
/// A folder with everything needed to go on: `model.safetensors`, `optimizer.safetensors`, `state.json`, and `manifest.json` with the SHA-256
/// of each. It is written under another name, flushed, and renamed: a folder called step-N is complete.
/// </summary>
public sealed class Checkpoint : IDisposable
{
    public const string Model = "model.safetensors", Optimizer = "optimizer.safetensors", State = "state.json", Manifest = "manifest.json";

    Checkpoint(string path, RunState state, SafeTensors weights, SafeTensors optimizer) =>
        (Path, Run, Weights, OptimizerState) = (path, state, weights, optimizer);

    public string Path { get; }

    public RunState Run { get; }

    public SafeTensors Weights { get; }

    public SafeTensors OptimizerState { get; }

    /// <exception cref="RunException">A file is missing, damaged, or not the one that was written.</exception>
    public static Checkpoint Load(string path)
    {
        var digests = ReadManifest(path);
        var bytes = ReadFile(path, State);
        Compare(path, State, digests, Convert.ToHexStringLower(SHA256.HashData(bytes)));
        var state = RunState.Parse(bytes, System.IO.Path.Combine(path, State));
        var weights = Checked(Model);
        return new(path, state, weights, Checked(Optimizer));

        SafeTensors Checked(string file)
        {
            var tensors = SafeTensors.Load(System.IO.Path.Combine(path, file));
            Compare(path, file, digests, tensors.Sha256);
            return tensors;
        }
    }

    /// <summary>The weights alone, for evaluation and prediction.</summary>
    /// <exception cref="RunException">They are missing or damaged.</exception>
    public static SafeTensors LoadWeights(string path)
    {
        var tensors = SafeTensors.Load(System.IO.Path.Combine(path, Model));
        Compare(path, Model, ReadManifest(path), tensors.Sha256);
        return tensors;
    }

    /// <summary>Writes one that is complete and durable when this returns.</summary>
    public static void Save(
        string path, RunState state, IEnumerable<(string Name, Tensor Value)> weights, IEnumerable<(string Name, Tensor Value)> optimizer)
    {
        var folder = System.IO.Path.GetDirectoryName(path)!;
        var temporary = System.IO.Path.Combine(folder, $".{System.IO.Path.GetFileName(path)}.tmp");
        if (Directory.Exists(temporary))
            Directory.Delete(temporary, recursive: true);
        Directory.CreateDirectory(temporary);
        var metadata = new Dictionary<string, string> { ["format"] = RunState.CurrentFormat };
        var digests = new SortedDictionary<string, string>(StringComparer.Ordinal);
        void Put(string file, Func<Stream, string> write) =>
            AtomicFile.WriteDurably(System.IO.Path.Combine(temporary, file), stream => digests[file] = write(stream));
        Put(Model, stream => SafeTensors.Write(stream, weights, metadata));
        Put(Optimizer, stream => SafeTensors.Write(stream, optimizer, metadata));
        var json = state.ToJson();
        Put(State, stream => Plain(stream, json));
        Put(Manifest, stream => Plain(stream, JsonSerializer.SerializeToUtf8Bytes(new { sha256 = digests })));
        AtomicFile.FlushFolder(temporary);
        if (Directory.Exists(path)) // the same step again, after a resumption that found this one damaged
            Directory.Delete(path, recursive: true);
        Directory.Move(temporary, path);
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
            return document.RootElement.GetProperty("sha256").EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetString() ?? "");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or ArgumentException)
        {
            throw new RunException($"{System.IO.Path.Combine(path, Manifest)}: damaged: {e.Message}", e);
        }
    }

    static byte[] ReadFile(string path, string file)
    {
        try
        {
            return File.ReadAllBytes(System.IO.Path.Combine(path, file));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new RunException($"{System.IO.Path.Combine(path, file)}: no such file", e);
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
