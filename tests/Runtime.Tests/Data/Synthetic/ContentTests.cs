using Mtlc.Compiler.Recipes;
using Mtlc.Runtime.Data.Samples;
using Mtlc.Runtime.Data.Synthetic;

namespace Mtlc.Tests.Data.Synthetic;

public sealed class ContentTests
{
    const byte Sky = 10;

    [Fact]
    public void Every_class_appears_within_64_scenes_and_common_ones_are_common()
    {
        var source = new SyntheticSource(64, new ImageSize(48, 96), seed: 0);
        var pixels = new long[256];
        for (int i = 0; i < 64; i++)
            foreach (byte label in source.Read(Split.Train, i).Classes!)
                pixels[label]++;

        var names = DataContract.CityscapesClasses;
        for (int c = 0; c < names.Length; c++)
            Assert.True(pixels[c] > 20, $"{names[c]} has {pixels[c]} pixels in 64 scenes");
        double total = pixels.Sum();
        Assert.InRange(pixels[0] / total, 0.15, 0.45);
        Assert.InRange(pixels[Sky] / total, 0.04, 0.30);
        Assert.InRange(pixels[255] / total, 0.0, 0.04);
        Assert.Equal(total, pixels[..19].Sum() + pixels[255]);
    }

    [Fact]
    public void Exactly_the_sky_and_the_bonnet_have_no_depth()
    {
        var source = new SyntheticSource(16, new ImageSize(64, 128), seed: 2);
        int bonnets = 0;
        for (int i = 0; i < 16; i++)
        {
            var scene = source.Render(Split.Train, i);
            for (int p = 0; p < scene.Depth.Length; p++)
            {
                bool blank = scene.Classes[p] is Sky or 255;
                Assert.Equal(blank, float.IsNaN(scene.Depth[p]));
                if (!blank)
                    Assert.InRange(scene.Depth[p], 4f, 300f);
            }
            if (Array.IndexOf(scene.Classes, (byte)255) >= 0)
                bonnets++;
        }
        Assert.InRange(bonnets, 1, 15);
    }

    [Fact]
    public void The_contract_holds_and_its_depth_statistics_are_right()
    {
        var size = new ImageSize(64, 128);
        var source = new SyntheticSource(96, size, seed: 5);
        var contract = source.Contract;
        Assert.Equal(DataContract.CityscapesClasses, contract.ClassNames);
        Assert.Equal((255, true, size), (contract.Ignore, contract.HasDepth, contract.FixedSize!.Value));

        double sum = 0,
            squares = 0,
            count = 0;
        for (int i = 0; i < 96; i++)
        {
            var sample = source.Read(Split.Train, i);
            Assert.Equal((64, 128), (sample.Height, sample.Width));
            foreach (float depth in sample.Depth!)
            {
                if (float.IsNaN(depth))
                    continue;
                sum += depth;
                squares += (double)depth * depth;
                count++;
            }
        }
        double mean = sum / count,
            deviation = Math.Sqrt(squares / count - mean * mean);
        Assert.InRange(mean / contract.Depth!.Mean, 0.9, 1.1);
        Assert.InRange(deviation / contract.Depth.Deviation, 0.88, 1.12);
    }

    [Fact]
    public void Pictures_have_light_and_colour()
    {
        var source = new SyntheticSource(12, new ImageSize(64, 128), seed: 7);
        for (int i = 0; i < 12; i++)
        {
            var rgb = source.Read(Split.Train, i).Rgb;
            double mean = rgb.Average(v => (double)v);
            double deviation = Math.Sqrt(rgb.Average(v => (v - mean) * (v - mean)));
            Assert.InRange(mean, 50, 190);
            Assert.InRange(deviation, 18, 110);
        }
    }

    [Theory]
    [InlineData(16, 16)]
    [InlineData(31, 77)]
    [InlineData(96, 48)]
    [InlineData(24, 160)]
    public void Any_size_can_be_drawn(int height, int width)
    {
        var source = new SyntheticSource(8, new ImageSize(height, width), 1);
        for (int i = 0; i < 8; i++)
        {
            var sample = source.Read(Split.Train, i);
            Assert.Equal(height * width * 3, sample.Rgb.Length);
            Assert.True(sample.Depth!.Where(d => !float.IsNaN(d)).Min() >= 4f);
        }
    }
}
