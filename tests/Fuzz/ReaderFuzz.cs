using System.IO.Compression;
using CsCheck;
using Mtlc.Runtime.Checkpoints;
using Mtlc.Runtime.Data.Images;
using Mtlc.Runtime.Files;
using Mtlc.Runtime.Torch;
using Mtlc.Runtime.Weights;
using Mtlc.Tests.Runtime.Data.Images;
using static TorchSharp.torch;

namespace Mtlc.Fuzz;

/// <summary>Garbled files: a reader gives a value or its own exception, nothing else.</summary>
public sealed class ReaderFuzz : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("mtlc-fuzz-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    static byte[] Fixture(string name) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "fixtures", name));

    static void Run<TExpected>(string target, Gen<byte[]> inputs, int standard, Action<byte[]> read)
        where TExpected : Exception =>
        Fuzzing.Run(target, inputs, standard, bytes => Read<TExpected>(() => read(bytes)), Convert.ToBase64String);

    static void Read<TExpected>(Action read)
        where TExpected : Exception
    {
        try
        {
            read();
        }
        catch (TExpected) { }
    }

    // For readers that take a path: each thread has its file.
    Action<byte[]> AsFile(string name, Action<string> read) =>
        bytes =>
        {
            var path = Path.Combine(folder, $"{Environment.CurrentManagedThreadId}-{name}");
            File.WriteAllBytes(path, bytes);
            read(path);
        };

    [Fact]
    public void Safetensors()
    {
        TorchRuntime.Start();
        var path = Path.Combine(folder, "good.safetensors");
        using (var scope = NewDisposeScope())
            SafeTensors.Save(
                path,
                [("a", arange(0, 6, 1).view(2, 3)), ("b", zeros(0, 4)), ("c", ones(3))],
                new Dictionary<string, string> { ["k"] = "v" }
            );
        Run<RunException>(
            "safetensors",
            Garbling.Of(File.ReadAllBytes(path)),
            3000,
            AsFile("a.safetensors", p => SafeTensors.Load(p).Dispose())
        );
    }

    [Fact]
    public void States_of_runs() =>
        Run<RunException>(
            "state",
            Garbling.Of(
                new RunState(
                    "p",
                    0,
                    7,
                    1,
                    0,
                    false,
                    new(41.5, 4, "step-00000004"),
                    new Dictionary<string, double[]> { ["a"] = [1.5, double.NaN] }
                ).ToJson()
            ),
            3000,
            bytes => RunState.Parse(bytes, "state.json")
        );

    [Theory]
    [InlineData("tiny.pth")]
    [InlineData("tiny-legacy.pth")]
    public void Archives_of_torch(string file) => Run<DataException>(file, Garbling.Of(Fixture(file)), 3000, ReadArchive);

    /// <summary>The pickle inside the archive, with the archive's checksums right: what is garbled reaches the machine that reads
    /// it.</summary>
    [Fact]
    public void Pickles()
    {
        var records = new List<(string Path, byte[] Content)>();
        using (var zip = new ZipArchive(new MemoryStream(Fixture("tensors.pth"))))
        {
            foreach (var entry in zip.Entries)
            {
                using var stream = entry.Open();
                var content = new MemoryStream();
                stream.CopyTo(content);
                records.Add((entry.FullName, content.ToArray()));
            }
        }
        var pickle = records.Single(r => r.Path.EndsWith("data.pkl", StringComparison.Ordinal));
        Run<DataException>(
            "pickle",
            Garbling.Of(pickle.Content),
            3000,
            bytes =>
            {
                var stream = new MemoryStream();
                using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
                {
                    foreach (var (path, content) in records)
                    {
                        using var entry = zip.CreateEntry(path, CompressionLevel.NoCompression).Open();
                        entry.Write(path == pickle.Path ? bytes : content);
                    }
                }
                ReadArchive(stream.ToArray());
            }
        );
    }

    static void ReadArchive(byte[] archive)
    {
        foreach (var tensor in TorchArchive.Read(archive).SelectMany(t => t.Tensors).Where(t => t.Unfit is null))
            _ = tensor.ToFloats();
    }

    [Theory]
    [InlineData("pil-palette-4.png")]
    [InlineData("cv-rgb-16.png")]
    public void Pictures(string file) =>
        Run<DataException>(file, Garbling.Of(Fixture(file)), 2000, bytes => PngReader.Decode(bytes, file));

    /// <summary>With checksums made right again, what is garbled reaches the header, the filters and the decompressor.</summary>
    [Fact]
    public void Pictures_behind_valid_checksums()
    {
        var good = HandMadePng.Encode(
            7,
            9,
            0,
            4,
            [.. Enumerable.Range(0, 63).Select(i => i * 5 % 16)],
            interlaced: true,
            filters: [4, 3, 2, 1, 0, 4, 1]
        );
        var pixels = good[(8 + 25 + 8)..^16];
        byte[] Garbled(Random random)
        {
            int[] header = [7, 9, 0, 4, 1];
            if (random.Next(2) == 0)
                header[random.Next(5)] = random.Next(-1, 20);
            var data = random.Next(4) == 0 ? pixels : Garbling.Garbled(pixels, random);
            return HandMadePng.Assemble(header[0], header[1], header[2], header[3], header[4] == 1, null, data);
        }
        var decoded = 0;
        Run<DataException>(
            "png",
            Gen.UInt.Select(seed => Garbled(new Random((int)seed))),
            3000,
            bytes =>
            {
                PngReader.Decode(bytes, "x.png");
                Interlocked.Increment(ref decoded);
            }
        );
        Assert.True(decoded > 0, "no garbled picture was good enough to be read to its end");
    }

    [Fact]
    public void Maps_of_numpy() =>
        Run<DataException>("npy", Garbling.Of(Fixture("f8.npy")), 2000, AsFile("a.npy", p => FloatMap.ReadNpy(p)));

    [Fact]
    public void Portable_float_maps() =>
        Run<DataException>("pfm", Garbling.Of(Fixture("cv.pfm")), 2000, AsFile("a.pfm", p => FloatMap.ReadPfm(p)));
}
