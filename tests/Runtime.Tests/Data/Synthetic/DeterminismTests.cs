using System.Security.Cryptography;
using Mtlc.Compiler.Recipes;
using Mtlc.Runtime.Data.Samples;
using Mtlc.Runtime.Data.Synthetic;
using Mtlc.Runtime.Files;

namespace Mtlc.Tests.Data.Synthetic;

public sealed class DeterminismTests
{
    static readonly ImageSize Size = new(64, 128);

    [Fact]
    public void A_scene_is_the_same_each_time_and_from_each_source()
    {
        var first = new SyntheticSource(20, Size, seed: 3);
        var second = new SyntheticSource(500, Size, seed: 3);
        for (int i = 0; i < 4; i++)
        {
            Assert.Equal(Digest(first.Render(Split.Train, i)), Digest(first.Render(Split.Train, i)));
            Assert.Equal(Digest(first.Render(Split.Train, i)), Digest(second.Render(Split.Train, i)));
        }
    }

    [Fact]
    public void Seed_split_and_index_each_change_the_scene()
    {
        var source = new SyntheticSource(20, Size, seed: 3);
        var other = new SyntheticSource(20, Size, seed: 4);
        string[] digests =
        [
            Digest(source.Render(Split.Train, 0)),
            Digest(source.Render(Split.Train, 1)),
            Digest(source.Render(Split.Validation, 0)),
            Digest(source.Render(Split.Test, 0)),
            Digest(other.Render(Split.Train, 0)),
        ];
        Assert.Equal(digests.Length, digests.Distinct().Count());
    }

    [Fact]
    public void Many_threads_draw_what_one_draws()
    {
        var source = new SyntheticSource(20, Size, seed: 8);
        var serial = Enumerable.Range(0, 12).Select(i => Digest(source.Render(Split.Train, i))).ToArray();
        var parallel = new string[12];
        Parallel.For(
            0,
            12,
            new ParallelOptions { MaxDegreeOfParallelism = 7 },
            i => parallel[i] = Digest(source.Render(Split.Train, i))
        );
        Assert.Equal(serial, parallel);
    }

    [Fact]
    public void A_sample_is_the_rendered_scene_without_its_normals()
    {
        var source = new SyntheticSource(20, Size, seed: 1);
        var sample = source.Read(Split.Validation, 2);
        var scene = source.Render(Split.Validation, 2);
        Assert.Equal("validation/2", sample.Name);
        Assert.Equal(scene.Rgb, sample.Rgb);
        Assert.Equal(scene.Classes, sample.Classes);
        Assert.Equal(scene.Depth, sample.Depth);
        Assert.Equal(scene.Camera, sample.Camera);
    }

    [Fact]
    public void Splits_have_sensible_sizes_and_end()
    {
        var source = new SyntheticSource(160, Size, seed: 0);
        Assert.Equal((160, 20, 20), (source.Count(Split.Train), source.Count(Split.Validation), source.Count(Split.Test)));
        Assert.Equal(8, new SyntheticSource(3, Size, 0).Count(Split.Validation));
        var error = Assert.Throws<DataException>(() => source.Read(Split.Validation, 20));
        Assert.Contains("validation/20", error.Message);
        Assert.Throws<DataException>(() => new SyntheticSource(0, Size, 0));
        Assert.Throws<DataException>(() => new SyntheticSource(5, new ImageSize(64, 8), 0));
    }

    static string Digest(RenderedScene scene)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(scene.Rgb);
        hash.AppendData(scene.Classes);
        hash.AppendData(System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(scene.Depth));
        hash.AppendData(System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(scene.Normals));
        return Convert.ToHexString(hash.GetHashAndReset());
    }
}
