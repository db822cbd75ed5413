namespace Mtlc.Tests.Lowering;

/// <summary>Encoders and networks from papers: parameters to the unit, as computed from the papers' definitions.</summary>
public class PublishedNetworkTests
{
    public static TheoryData<string> Published =>
        new(
            Directory
                .EnumerateFiles(Folder, "*.mtl")
                .Select(f => Path.GetFileNameWithoutExtension(f)!)
                .Where(n => n != "recipe")
                .Order(StringComparer.Ordinal)
        );

    static string Folder => Path.Combine(Programs.Root, "examples", "published");

    [Theory]
    [MemberData(nameof(Published))]
    public void Published_networks_compile_without_a_word(string name) =>
        Assert.Equal("", Programs.Text(Programs.CompileFile(Path.Combine(Folder, name + ".mtl"))));

    [Theory]
    [InlineData("mit_b0", 3_319_392)]
    [InlineData("mit_b1", 13_151_424)]
    [InlineData("mit_b2", 24_196_288)]
    [InlineData("mit_b3", 44_072_128)]
    [InlineData("mit_b4", 60_842_688)]
    [InlineData("mit_b5", 81_443_008)]
    [InlineData("hrnet_w18", 9_562_260)]
    [InlineData("hrnet_w32", 29_305_536)]
    [InlineData("hrnet_w48", 65_325_120)]
    public void Encoders_have_the_papers_parameters(string encoder, long parameters)
    {
        var model = Programs.Model(
            $$"""
            model net {
              task depth: depth
              encoder trunk: {{encoder}}
              decoder head: [trunk/4, trunk/8, trunk/16, trunk/32] -> depth { using: hrnet_head }
              loss: l2(depth)
            }
            """
        );
        Assert.Equal(
            parameters,
            model
                .Training.Parameters.Where(p => p.IsTrainable && p.Name.StartsWith("trunk.", StringComparison.Ordinal))
                .Sum(p => p.Count)
        );
    }

    [Theory]
    [InlineData("swin_t", 27_517_818)]
    [InlineData("swin_s", 48_835_722)]
    [InlineData("swin_b", 86_741_176)]
    [InlineData("swin_v2_t", 27_581_034)]
    [InlineData("vit_b_16", 85_798_656)]
    [InlineData("dinov2_vits14", 22_056_576)]
    [InlineData("dinov2_vitb14", 86_580_480)]
    [InlineData("dinov2_vits14_reg", 22_056_576 + 4 * 384)]
    [InlineData("dinov2_vitl14", 304_368_640)]
    [InlineData("dinov3_vitb16", 85_669_632)]
    public void Transformers_have_the_papers_parameters(string encoder, long parameters)
    {
        var model = Programs.Model(
            $$"""
            model net {
              task depth: depth
              encoder trunk: {{encoder}}
              decoder head: trunk -> depth
              loss: l2(depth)
            }
            data { source: synthetic { size: 224x224 }, augment.crop: 224 }
            """
        );
        Assert.Equal(
            parameters,
            model
                .Training.Parameters.Where(p => p.IsTrainable && p.Name.StartsWith("trunk.", StringComparison.Ordinal))
                .Sum(p => p.Count)
        );
    }

    [Theory]
    [InlineData("mit_b0", 256, 19, 3_719_027)]
    [InlineData("mit_b0", 256, 150, 3_752_694)]
    [InlineData("mit_b5", 768, 150, 84_708_694)]
    public void SegFormers_have_the_papers_parameters(string encoder, int width, int classes, long parameters) =>
        Assert.Equal(
            parameters,
            Programs
                .Model(
                    $$"""
                    model segformer {
                      task semseg: segmentation { classes: {{classes}} }
                      encoder trunk: {{encoder}}
                      decoder head: [trunk/4, trunk/8, trunk/16, trunk/32] -> semseg { using: segformer_head, width: {{width}}, kernel: 1 }
                      loss: cross_entropy(semseg)
                    }
                    """,
                    "data.source=manifest(\"absent.yaml\")"
                )
                .Training.TrainableCount
        );

    // torchvision's ResNet-50 without its classifier; of one channel its first convolution has 2 * 64 * 7 * 7 numbers less. A
    // gate of c channels has two 1x1 convolutions by c / 16.
    [Fact]
    public void ESANet_has_two_encoders_and_two_gates_a_stage()
    {
        int[] stages = [64, 256, 512, 1024, 2048];
        var model = Programs.Example("published/esanet");
        long Of(string statement) =>
            model
                .Training.Parameters.Where(p => p.IsTrainable && p.Name.StartsWith(statement, StringComparison.Ordinal))
                .Sum(p => p.Count);

        Assert.Equal(23_508_032, Of("rgb."));
        Assert.Equal(23_508_032 - 2 * 64 * 49, Of("geometry."));
        Assert.Equal(2 * stages.Sum(c => 2 * c * (c / 16) + c / 16 + c), Of("fuse."));
    }
}
