using System.Buffers.Binary;
using System.Text;
using Mtlc.Runtime.Checkpoints;
using Mtlc.Runtime.Files;
using Mtlc.Runtime.Torch;
using static TorchSharp.torch;

namespace Mtlc.Tests.Checkpoints;

public sealed class SafeTensorsTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("mtlc-safetensors").FullName;

    public SafeTensorsTests() => TorchRuntime.Start();

    string File(string name = "t.safetensors") => Path.Combine(folder, name);

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Round_trip_keeps_names_shapes_types_values_and_metadata()
    {
        using var scope = NewDisposeScope();
        var tensors = new (string, Tensor)[]
        {
            ("trunk.conv1.weight", randn(4, 3, 3, 3)),
            ("steps", tensor(7L)),
            ("mask", tensor(new[] { true, false, true })),
            ("bytes", tensor(new byte[] { 0, 255, 3 })),
            ("double", rand(3, dtype: ScalarType.Float64)),
            ("empty", zeros(0, 4)),
            ("half", rand(5).to(ScalarType.Float16)),
            ("bf16", rand(5).to(ScalarType.BFloat16)),
            ("view", arange(Held(0), Held(12), Held(1)).view(3, 4).t()),
            ("naïve \"name\"", ones(1).requires_grad_()),
        };
        var digest = SafeTensors.Save(File(), tensors, new Dictionary<string, string> { ["format"] = "mtlc/1", ["é"] = "ü\n" });
        using var loaded = SafeTensors.Load(File());
        Assert.Equal(digest, loaded.Sha256);
        Assert.Equal(
            Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.IO.File.ReadAllBytes(File()))),
            digest
        );
        Assert.Equal("ü\n", loaded.Metadata["é"]);
        Assert.Equal(tensors.Length, loaded.Tensors.Count);
        foreach (var (name, value) in tensors)
        {
            Assert.Equal(value.dtype, loaded.Tensors[name].dtype);
            Assert.Equal(value.shape, loaded.Tensors[name].shape);
            Assert.True(value.eq(loaded.Tensors[name]).all().item<bool>(), name);
        }
        Assert.Equal(["t.safetensors"], Directory.GetFiles(folder).Select(Path.GetFileName));
    }

    [Fact]
    public void Reads_the_bytes_that_the_format_prescribes()
    {
        Write(
            """{"b":{"dtype":"I16","shape":[2],"data_offsets":[4,8]},"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}   """,
            [0, 0, 0xC0, 0x3F, 1, 0, 0xFF, 0xFF]
        );
        using var loaded = SafeTensors.Load(File());
        Assert.Equal(["a", "b"], loaded.Tensors.Keys);
        Assert.Equal(1.5f, loaded.Tensors["a"].item<float>());
        Assert.Equal([1, -1], loaded.Tensors["b"].data<short>().ToArray());
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 7, "ends at byte 8")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 9, "describes 8 bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", 8, "takes 12")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", 12, "begins at byte 4")]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}}""",
        6,
        "begins at byte 2"
    )]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""",
        8,
        "'a' occurs twice"
    )]
    [InlineData("""{"a":{"dtype":"F8_E5M2","shape":[1],"data_offsets":[0,1]}}""", 1, "F8_E5M2")]
    [InlineData("""{"a":{"dtype":"3","shape":[1],"data_offsets":[0,1]}}""", 1, "element type 3")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4, "no natural number")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1e3],"data_offsets":[0,4]}}""", 4, "no natural number")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}""", 0, "damaged")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""", 4, "lacks")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}}""", 4, "'x'")]
    [InlineData("""{"a":{"dtype":"F32","data_offsets":[0,4]}}""", 4, "lacks")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}""", 4, "damaged")]
    [InlineData("""{"a":[1]}""", 0, "damaged")]
    [InlineData("""{"__metadata__":{"a":1}}""", 0, "damaged")]
    [InlineData("""{"__metadata__":{"a":{"b":{"c":{"d":1}}}}}""", 0, "damaged")]
    [InlineData("""{} {}""", 0, "damaged")]
    [InlineData("""[]""", 0, "begin")]
    [InlineData("", 0, "begin")]
    public void A_header_that_promises_something_else_is_refused(string header, int bytes, string expected)
    {
        Write(header, new byte[bytes]);
        var error = Assert.Throws<RunException>(() => SafeTensors.Load(File()));
        Assert.StartsWith(File(), error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message);
    }

    [Theory]
    [InlineData(0ul)]
    [InlineData(3ul)]
    [InlineData(1ul << 40)]
    [InlineData(ulong.MaxValue)]
    public void A_length_beyond_the_file_is_refused(ulong length)
    {
        var bytes = new byte[length == 0 ? 5 : 8];
        if (length != 0)
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, length);
        System.IO.File.WriteAllBytes(File(), bytes);
        Assert.Contains(File(), Assert.Throws<RunException>(() => SafeTensors.Load(File())).Message);
    }

    [Fact]
    public void Every_truncation_of_a_file_is_refused()
    {
        SafeTensors.Save(File(), [("a", arange(Held(0), Held(6), Held(1))), ("b", ones(2, 2))]);
        var whole = System.IO.File.ReadAllBytes(File());
        for (var length = 0; length < whole.Length; length++)
        {
            System.IO.File.WriteAllBytes(File("cut"), whole[..length]);
            Assert.Throws<RunException>(() => SafeTensors.Load(File("cut")));
        }
    }

    [Fact]
    public void A_missing_file_and_two_equal_names_are_errors()
    {
        Assert.Contains("no such file", Assert.Throws<RunException>(() => SafeTensors.Load(File("nothing"))).Message);
        Assert.Throws<ArgumentException>(() => SafeTensors.Save(File(), [("a", ones(1)), ("a", ones(1))]));
        Assert.Empty(Directory.GetFiles(folder));
    }

    [Fact]
    public void A_failing_save_leaves_the_file_before_it()
    {
        SafeTensors.Save(File(), [("a", ones(3))]);
        Assert.Throws<ArgumentException>(() =>
            SafeTensors.Save(File(), [("a", ones(3)), ("c", ones(1).to(ScalarType.ComplexFloat32))])
        );
        using var loaded = SafeTensors.Load(File());
        Assert.Equal(["a"], loaded.Tensors.Keys);
        Assert.Single(Directory.GetFiles(folder));
    }

    void Write(string header, byte[] data)
    {
        var json = Encoding.UTF8.GetBytes(header);
        var bytes = new byte[8 + json.Length + data.Length];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, json.Length);
        json.CopyTo(bytes, 8);
        data.CopyTo(bytes, 8 + json.Length);
        System.IO.File.WriteAllBytes(File(), bytes);
    }
}
