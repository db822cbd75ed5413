using System.Collections.Immutable;
using Mtlc.Compiler;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Ops;
using Mtlc.Compiler.Recipes;
using Mtlc.Compiler.Tasks;
using Mtlc.Dsl.Text;
using Mtlc.Runtime.Data.Samples;
using Mtlc.Runtime.Files;
using Mtlc.Tests.Torch;

namespace Mtlc.Tests.Training;

/// <summary>A network of a few hundred parameters with every kind of task, and pictures of coloured blocks from which all can be
/// learnt.</summary>
static class TinyRun
{
    /// <param name="isPlain">Whether batch norm and dropout are left out: what a sample does then depends on no other.</param>
    public static CompiledProgram Program(
        int epochs = 2,
        int batch = 4,
        OptimizerRecipe? optimizer = null,
        Objective? objective = null,
        DataRecipe? data = null,
        CheckpointRecipe? checkpoint = null,
        int accumulate = 1,
        bool isPlain = false
    )
    {
        var g = new Graphs();
        var stem = g.Add("trunk.conv", new Conv(12, 3, 2, Bias: false), g.Image);
        var features = g.Add("trunk.relu", new Relu(), isPlain ? stem : g.Add("trunk.bn", new BatchNorm(), stem));
        var dropped = isPlain ? features : g.Add("trunk.drop", new Dropout(0.1), features);
        Node Head(string name, int channels, Node from, Op? activation = null)
        {
            var logits = g.Add($"{name}.full", new ResizeLike(), g.Add($"{name}.predict", new Conv(channels, 3), from), g.Image);
            return activation is null ? logits : g.Add($"{name}.activation", activation, logits);
        }
        var early = Head("early", 3, features);
        var semseg = Head("semseg", 3, dropped);
        var depth = Head("depth", 1, dropped);
        var contour = Head("contour", 1, dropped, new Sigmoid());
        var normals = Head("normals", 3, dropped, new Tanh());
        var training = g.Predict("early", "semseg", early, false)
            .Predict("semseg", "semseg", semseg)
            .Predict("depth", "depth", depth)
            .Predict("contour", "contour", contour)
            .Predict("normals", "normals", normals)
            .Build("tiny");
        var inference = training.With(training.Nodes, [.. training.Outputs.Where(o => o.IsFinal)]);
        ImmutableArray<ModelTask> tasks =
        [
            new SegmentationTask(3) { Name = "semseg" },
            new DepthTask { Name = "depth" },
            new ContourTask { Name = "contour", Of = "semseg" },
            new NormalsTask { Name = "normals", Of = "depth" },
        ];
        objective ??= new Objective.Sum([
            new Objective.Scaled(0.5, new Objective.Term(Loss.Of("cross_entropy"), "semseg", ["early", "semseg"])),
            new Objective.Scaled(0.5, new Objective.Term(Loss.Of("l2"), "depth", ["depth"])),
            new Objective.Scaled(0.1, new Objective.Term(Loss.Of("balanced_bce"), "contour", ["contour"])),
            new Objective.Scaled(0.1, new Objective.Term(Loss.Of("l1"), "normals", ["normals"])),
        ]);
        var model = new Model("tiny", tasks, training, inference, objective, [], []);
        data ??= new DataRecipe(Augment: new AugmentRecipe(new ImageSize(32, 32)), Workers: 2);
        var train = new TrainRecipe(
            optimizer ?? new AdamRecipe(1e-2),
            new PolyRecipe(),
            batch,
            epochs,
            3,
            Checkpoint: checkpoint,
            Evaluate: new EvaluateRecipe(Samples: 2),
            Accumulate: accumulate
        );
        return new(
            model,
            data,
            train,
            [],
            [new SourceText("tiny.mtl", "# built by hand\n"), new SourceText("lib/recipe.mtl", "# beside it\n")]
        );
    }

    /// <summary>Three blocks a picture: red is class 0 at 5 m, green class 1 at 10 m, blue class 2 at 20 m; the first row is
    /// unlabelled.</summary>
    public sealed class Blocks(int training = 16, int validation = 4, int? corrupt = null) : IDataSource
    {
        public DataContract Contract => new(["red", "green", "blue"], 255, true, new(40, 64), null);

        public int Count(Split split) =>
            split == Split.Train ? training
            : split == Split.Validation ? validation
            : 0;

        public string Name(Split split, int index) => FormattableString.Invariant($"{split}/{index}");

        public Sample Read(Split split, int index)
        {
            if (split == Split.Train && index == corrupt)
                throw new DataException($"{Name(split, index)}: truncated");
            const int height = 40,
                width = 64;
            var random = new Random(index * 2 + (int)split);
            var (rgb, classes, depth) = (new byte[height * width * 3], new byte[height * width], new float[height * width]);
            var (first, second) = (random.Next(8, 32), random.Next(33, 56));
            for (var p = 0; p < classes.Length; p++)
            {
                var k =
                    p % width < first ? 0
                    : p % width < second ? 1
                    : 2;
                for (var c = 0; c < 3; c++)
                    rgb[p * 3 + c] = (byte)(random.Next(40) + (c == k ? 200 : 20));
                (classes[p], depth[p]) = p < width ? ((byte)255, float.NaN) : ((byte)k, 5 << k);
            }
            return new(Name(split, index), height, width, rgb, classes, depth);
        }
    }
}
