using System.Collections.Immutable;
using Mtlc.Runtime.Files;
using Mtlc.Runtime.Weights;

namespace Mtlc.Tests.Weights;

/// <summary>Files that PyTorch itself wrote (tests/reference/make_archives.py), in the format since 1.6 and the one
/// before.</summary>
public sealed class TorchArchiveTests
{
    public static byte[] File(string name) =>
        System.IO.File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "reference", name));

    static ImmutableArray<StoredTensor> Read(ReadOnlyMemory<byte> file) => TorchArchive.Read(file)[0].Tensors;

    static StoredTensor Tensor(string file, string name) => Read(File(file)).Single(t => t.Name == name);

    [Theory]
    [InlineData("tensors.pth")]
    [InlineData("tensors-legacy.pth")]
    public void Every_element_type_and_view_is_read(string file)
    {
        Assert.Equal(
            [
                "plain",
                "transposed",
                "window",
                "parameter",
                "half",
                "bfloat16",
                "double",
                "long",
                "int",
                "short",
                "char",
                "byte",
                "bool",
                "empty",
            ],
            Read(File(file)).Select(t => t.Name)
        );
        Assert.Equal([2, 2, 1, 3], Tensor(file, "plain").Dimensions);
        Assert.Equal(Enumerable.Range(0, 12).Select(i => (float)i), Tensor(file, "plain").ToFloats());
        Assert.Equal([3, 2], Tensor(file, "transposed").Dimensions);
        Assert.Equal([0, 3, 1, 4, 2, 5], Tensor(file, "transposed").ToFloats());
        Assert.Equal([3, 4, 5, 6], Tensor(file, "window").ToFloats());
        Assert.Equal([1, -2], Tensor(file, "parameter").ToFloats());
        Assert.Equal([1.5f, -2], Tensor(file, "half").ToFloats());
        Assert.Equal([1.5f, -3], Tensor(file, "bfloat16").ToFloats());
        Assert.Equal([0.1f], Tensor(file, "double").ToFloats());
        Assert.Equal([-7], Tensor(file, "long").ToInt64s());
        Assert.Empty(Tensor(file, "long").Dimensions);
        Assert.Equal([1 << 20, -5], Tensor(file, "int").ToInt64s());
        Assert.Equal([-300], Tensor(file, "short").ToInt64s());
        Assert.Equal([-3], Tensor(file, "char").ToInt64s());
        Assert.Equal([200], Tensor(file, "byte").ToInt64s());
        Assert.Equal([1, 0], Tensor(file, "bool").ToInt64s());
        Assert.Equal([0, 3], Tensor(file, "empty").Dimensions);
        Assert.Empty(Tensor(file, "empty").ToFloats());
    }

    [Theory]
    [InlineData("tiny.pth")]
    [InlineData("tiny-legacy.pth")]
    [InlineData("checkpoint.pth")]
    [InlineData("checkpoint-legacy.pth")]
    public void A_networks_state_dict_is_read_bit_for_bit(string file)
    {
        var tensors = Read(File(file));
        Assert.Equal(
            [
                "conv1.weight",
                "bn1.weight",
                "bn1.bias",
                "bn1.running_mean",
                "bn1.running_var",
                "bn1.num_batches_tracked",
                "layer1.0.weight",
                "layer1.0.bias",
                "layer1.2.weight",
                "layer1.2.bias",
                "layer1.2.running_mean",
                "layer1.2.running_var",
                "layer1.2.num_batches_tracked",
                "fc.weight",
                "fc.bias",
            ],
            tensors.Select(t => t.Name)
        );
        foreach (var tensor in tensors)
            Assert.Equal(Rule.Parameter(tensor.Name, [.. tensor.Dimensions.Select(d => (int)d)]), tensor.ToFloats());
    }

    [Theory]
    [InlineData("tensors.pth")]
    [InlineData("tensors-legacy.pth")]
    [InlineData("tiny-legacy.pth")]
    public void A_file_cut_anywhere_is_refused(string file)
    {
        var whole = File(file);
        for (var length = 0; length < whole.Length; length++)
            Assert.Throws<DataException>(() => TorchArchive.Read(whole.AsMemory(0, length)));
    }

    [Theory]
    [InlineData("tensors.pth")]
    [InlineData("tensors-legacy.pth")]
    public void Damage_is_refused_or_changes_numbers_only(string file)
    {
        var random = new Random(1);
        for (var round = 0; round < 3000; round++)
        {
            var bytes = File(file);
            for (var i = random.Next(1, 4); i > 0; i--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            try
            {
                foreach (var tensor in TorchArchive.Read(bytes).SelectMany(t => t.Tensors))
                    Assert.True(tensor.ToFloats().Length <= bytes.Length);
            }
            catch (DataException)
            {
                // What else is thrown fails the test.
            }
        }
    }

    [Fact]
    public void Anything_else_is_called_what_it_is()
    {
        Assert.Contains(
            "no file of torch.save",
            Assert.Throws<DataException>(() => TorchArchive.Read("<html>404</html>"u8.ToArray())).Message
        );
        Assert.Contains("no file of torch.save", Assert.Throws<DataException>(() => TorchArchive.Read(default)).Message);
    }
}
