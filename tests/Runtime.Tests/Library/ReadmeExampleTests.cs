using System.Runtime.CompilerServices;
using Mtlc.Compiler;
using Mtlc.Compiler.Views;
using Mtlc.Dsl.Text;
using Mtlc.Runtime.Torch;
using TorchSharp;

namespace Mtlc.Tests.Library;

/// <summary>Changes the process's current directory: runs alone.</summary>
[CollectionDefinition("current directory", DisableParallelization = true)]
public class CurrentDirectoryCollection;

/// <summary>The README's example of the library, line by line.</summary>
[Collection("current directory")]
public class ReadmeExampleTests
{
    [Fact]
    public void TheExampleRuns()
    {
        Directory.SetCurrentDirectory(Root());
        // README
        string path = "examples/branched.mtl";
        var compilation = Compilation.Compile(
            new SourceText(path, File.ReadAllText(path)),
            p => new SourceText(p, File.ReadAllText(p))
        );
        var model = compilation.Program!.Model; // null where compilation.Diagnostics has errors
        string dump = TextDump.Write(model.Training); // the graph, one line a node

        TorchRuntime.Start();
        using var module = new GraphModule(model.Inference, seed: 0);
        module.eval();
        using var picture = torch.randn(1, 3, 64, 128); // normalised as torchvision does
        var predictions = module.call(picture); // "semseg": [1, 19, 64, 128], "depth": [1, 1, 64, 128]
        var weights = module.state_dict(); // "trunk.layer4.0.downsample.0.weight", ...
        // README

        Assert.Contains("trunk.conv1 = conv(image", dump, StringComparison.Ordinal);
        Assert.Equal([1, 19, 64, 128], predictions["semseg"].shape);
        Assert.Equal([1, 1, 64, 128], predictions["depth"].shape);
        Assert.Equal([512, 256, 1, 1], weights["trunk.layer4.0.downsample.0.weight"].shape);
    }

    [Fact]
    public void TheReadmeShowsTheExample()
    {
        var test = File.ReadAllText(ThisFile()).Split("// README\n")[1];
        var lines = test.TrimEnd().Split('\n').Select(l => l.Length > 8 ? l[8..] : "");
        Assert.Contains(string.Join('\n', lines), File.ReadAllText(Path.Combine(Root(), "README.md")), StringComparison.Ordinal);
    }

    static string Root() => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(ThisFile())!, "../../.."));

    static string ThisFile([CallerFilePath] string path = "") => path;
}
