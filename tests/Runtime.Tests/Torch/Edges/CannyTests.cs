using Mtlc.Runtime.Torch.Edges;
using static TorchSharp.torch;

namespace Mtlc.Tests.Torch.Edges;

public sealed class CannyTests
{
    static readonly Tensor Mean = tensor(new[] { 123.675f, 116.28f, 103.53f }).view(1, 3, 1, 1);
    static readonly Tensor Deviation = tensor(new[] { 58.395f, 57.12f, 57.375f }).view(1, 3, 1, 1);

    sealed record Case(Tensor Image, double Low, double High, byte[] Edges);

    [Fact]
    public void Edges_are_OpenCVs_to_the_pixel()
    {
        var withEdges = 0;
        foreach (var (image, low, high, expected) in Cases())
        {
            var edges = CannyEdges.Of(image, low, high);
            Assert.Equal([1, 1, image.shape[2], image.shape[3]], edges.shape);
            Assert.Equal(expected, edges.to(ScalarType.Byte).data<byte>().ToArray());
            withEdges += expected.Contains((byte)1) ? 1 : 0;
        }
        Assert.InRange(withEdges, 10, 24);
    }

    [Fact]
    public void A_batch_is_its_images_one_by_one()
    {
        var cases = Cases().Where(c => c.Image.shape[2] == 24).ToArray();
        Assert.True(cases.Length > 1);
        var batch = CannyEdges.Of(cat([.. cases.Select(c => c.Image)]), 50, 150);
        TensorAssert.Close(cat([.. cases.Select(c => CannyEdges.Of(c.Image, 50, 150))]), batch, 0);
    }

    [Fact]
    public void Only_pictures_have_edges() => Assert.Throws<ArgumentException>(() => CannyEdges.Of(zeros(1, 4, 8, 8), 100, 200));

    // canny.py describes the format.
    static IEnumerable<Case> Cases()
    {
        using var reader = new BinaryReader(File.OpenRead(Path.Combine(AppContext.BaseDirectory, "reference", "canny.bin")));
        while (reader.BaseStream.Position < reader.BaseStream.Length)
        {
            var (height, width) = (reader.ReadInt32(), reader.ReadInt32());
            var (low, high) = (reader.ReadDouble(), reader.ReadDouble());
            var rgb = tensor(reader.ReadBytes(height * width * 3))
                .view(1, height, width, 3)
                .permute(0, 3, 1, 2)
                .to(ScalarType.Float32);
            yield return new((rgb - Mean) / Deviation, low, high, reader.ReadBytes(height * width));
        }
    }
}
