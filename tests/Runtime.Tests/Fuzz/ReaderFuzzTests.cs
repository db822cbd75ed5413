using System.Globalization;
using System.IO.Compression;
using Mtlc.Runtime.Checkpoints;
using Mtlc.Runtime.Data;
using Mtlc.Runtime.Data.Images;
using Mtlc.Runtime.Torch;
using Mtlc.Runtime.Weights;
using Mtlc.Tests.Weights;
using static TorchSharp.torch;

namespace Mtlc.Tests.Fuzz;

/// <summary>
/// Files mutated at random: a reader gives a value or its own exception, nothing else. MTLC_FUZZ_ITERATIONS makes a run longer, MTLC_FUZZ_SEED
/// another one. Parser, binder and lowering: Compiler.Tests; garbled manifests: ManifestTests; PNG behind valid checksums: PngReaderTests.
/// </summary>
public sealed class ReaderFuzzTests
{
    static int Iterations(int standard) =>
        int.Parse(Environment.GetEnvironmentVariable("MTLC_FUZZ_ITERATIONS") ?? standard.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    static Random Seeded() => new(int.Parse(Environment.GetEnvironmentVariable("MTLC_FUZZ_SEED") ?? "1", CultureInfo.InvariantCulture));

    static byte[] Mutated(byte[] original, Random random)
    {
        var bytes = original.ToList();
        for (var edits = random.Next(1, 6); edits > 0 && bytes.Count > 0; edits--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(6))
            {
                case 0: bytes[at] = (byte)random.Next(256); break;
                case 1: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 2: bytes.RemoveRange(at, Math.Min(random.Next(1, 9), bytes.Count - at)); break;
                case 3: bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(1, 33), bytes.Count - at))); break;
                case 4: bytes[at] = (byte)"0123456789-.\"{}[]:,"[random.Next(19)]; break;
                default:
                    for (var i = 0; i < 4 && at + i < bytes.Count; i++)
                        bytes[at + i] = 0xFF;
                    break;
            }
        }
        return [.. bytes];
    }

    static void Run<TExpected>(byte[] original, int iterations, Action<byte[]> read) where TExpected : Exception
    {
        var random = Seeded();
        for (var i = 0; i < iterations; i++)
        {
            var bytes = Mutated(original, random);
            try
            {
                read(bytes);
            }
            catch (TExpected)
            {
            }
            catch (Exception e)
            {
                Assert.Fail($"{e.GetType().Name}: {e.Message} for {Convert.ToBase64String(bytes)}\n{e.StackTrace}");
            }
        }
    }

    [Fact]
    public void Safetensors()
    {
        TorchRuntime.Start();
        var folder = Directory.CreateTempSubdirectory("mtlc-fuzz-").FullName;
        try
        {
            var path = Path.Combine(folder, "a.safetensors");
            using (var scope = NewDisposeScope())
                SafeTensors.Save(path, [("a", arange(Held(0), Held(6), Held(1)).view(2, 3)), ("b", zeros(0, 4)), ("c", ones(3))], new Dictionary<string, string> { ["k"] = "v" });
            Run<RunException>(File.ReadAllBytes(path), Iterations(3000), bytes =>
            {
                File.WriteAllBytes(path, bytes);
                SafeTensors.Load(path).Dispose();
            });
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData("tiny.pth")]
    [InlineData("tiny-legacy.pth")]
    public void Archives_of_torch(string file) =>
        Run<DataException>(TorchArchiveTests.File(file), Iterations(3000), bytes => Read(bytes));

    /// <summary>The pickle inside the archive, with the archive's checksums right: the mutations reach the machine that reads it.</summary>
    [Fact]
    public void Pickles()
    {
        var records = new List<(string Path, byte[] Content)>();
        using (var zip = new ZipArchive(new MemoryStream(TorchArchiveTests.File("tensors.pth"))))
            foreach (var entry in zip.Entries)
            {
                using var stream = entry.Open();
                var content = new MemoryStream();
                stream.CopyTo(content);
                records.Add((entry.FullName, content.ToArray()));
            }
        var pickle = records.Single(r => r.Path.EndsWith("data.pkl", StringComparison.Ordinal));
        Run<DataException>(pickle.Content, Iterations(3000), bytes =>
        {
            var stream = new MemoryStream();
            using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
                foreach (var (path, content) in records)
                {
                    using var entry = zip.CreateEntry(path, CompressionLevel.NoCompression).Open();
                    entry.Write(path == pickle.Path ? bytes : content);
                }
            Read(stream.ToArray());
        });
    }

    static void Read(byte[] archive)
    {
        foreach (var tensor in TorchArchive.Read(archive))
            _ = tensor.Dimensions.Length;
    }

    [Theory]
    [InlineData("pil-palette-4.png")]
    [InlineData("cv-rgb-16.png")]
    [InlineData("f8.npy")]
    [InlineData("cv.pfm")]
    public void Pictures_and_maps(string file)
    {
        var bytes = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Data", "fixtures", file));
        var path = Path.Combine(Directory.CreateTempSubdirectory("mtlc-fuzz-").FullName, file);
        try
        {
            Run<DataException>(bytes, Iterations(2000), mutated =>
            {
                File.WriteAllBytes(path, mutated);
                switch (Path.GetExtension(file))
                {
                    case ".png": PngReader.Read(path); break;
                    case ".npy": FloatMap.ReadNpy(path); break;
                    default: FloatMap.ReadPfm(path); break;
                }
            });
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        }
    }
}
