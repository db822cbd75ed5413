using System.Collections.Concurrent;
using System.Collections.Immutable;
using Mtlc.Compiler;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Recipes;
using Mtlc.Runtime.Checkpoints;
using Mtlc.Runtime.Data;
using Mtlc.Runtime.Data.Augmentation;
using Mtlc.Runtime.Data.Cityscapes;
using Mtlc.Runtime.Data.Loading;
using Mtlc.Runtime.Data.Samples;
using Mtlc.Runtime.Evaluation;
using Mtlc.Runtime.Files;
using Mtlc.Runtime.Machine;
using Mtlc.Runtime.Tasks;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Prediction;

/// <summary>How the predictions of a split lie on disk.</summary>
public enum PredictionLayout
{
    /// <summary>`semseg/N.png`, palette labels, and `depth/N.png`, disparity codes: what the course took in.</summary>
    MiniScapes,

    /// <summary>`ID_pred_labelIds.png`, label ids: what the Cityscapes benchmark takes in.</summary>
    Cityscapes,
}

/// <param name="Samples">Samples predicted.</param>
/// <param name="Files">The files written, in the order of the samples.</param>
/// <param name="Corrupt">Why samples were left out that could not be read (`corrupt: skip`).</param>
public sealed record SplitPredictions(int Samples, ImmutableArray<string> Files, ImmutableArray<string> Corrupt);

/// <summary>Applies a run to a split of its own data, whose labels need not exist.</summary>
public static class SplitPredictor
{
    /// <summary>
    /// Writes the model's first segmentation task and, where the layout has it, its first depth task for every sample of the
    /// split, each as large as its picture. </summary>
    /// <param name="progress">Samples predicted so far, and of how many.</param>
    /// <exception cref="DataException">The data have no such split, a picture cannot be read, or the layout cannot hold what the
    /// model predicts.</exception>
    /// <exception cref="RunException">The run has no good checkpoint, or its weights do not fit the program.</exception>
    public static SplitPredictions Run(
        CompiledProgram program,
        RunDirectory run,
        Split split,
        PredictionLayout layout,
        string folder,
        InferenceOptions? options = null,
        Action<int, int>? progress = null
    )
    {
        options ??= new();
        var (labels, depth) = Tasks(program.Model, layout);
        var data = DataSources.Open(program.Data.Source);
        var source = MappedSource.Of(data, program.Model);
        var count = source.Count(split);
        if (count == 0)
            throw new DataException($"the data has no samples to predict in its {split.Folder()} split");
        var targets = new TaskTargets(program.Model, StatisticsFile.Read(run));
        using var module = TrainedNetwork.Load(program, run, options, out _);
        using var inference = inference_mode();
        var corrupt = new ConcurrentQueue<string>();
        List<string> files = [];
        var taken = new HashSet<string>(StringComparer.Ordinal);
        var (samples, read) = (0, 0);
        var cores = MachineLimits.Current.Cores;
        foreach (
            var (index, sample) in ReadAhead.Run(
                Enumerable.Range(0, count),
                Read,
                program.Data.WorkersOn(cores),
                program.Data.Ahead(cores, batch: 1)
            )
        )
        {
            options.Stop.ThrowIfCancellationRequested();
            read++;
            if (sample is not null)
            {
                Predict(index, sample);
                samples++;
            }
            progress?.Invoke(read, count);
        }
        if (samples == 0)
            throw new DataException(
                $"none of the {count} pictures of the {split.Folder()} split can be read; the first: {corrupt.First()}"
            );
        return new(samples, [.. files], [.. corrupt.Order(StringComparer.Ordinal)]);

        (int, Sample?) Read(int index)
        {
            try
            {
                return (index, source.ReadPicture(split, index));
            }
            catch (DataException e) when (program.Data.Corrupt == CorruptPolicy.Skip)
            {
                corrupt.Enqueue(e.Message);
                return (index, null);
            }
        }

        void Predict(int index, Sample sample)
        {
            using var scope = NewDisposeScope();
            var (height, width) = (sample.Height, sample.Width);
            using var batch = Batch.Of([Preparation.Whole(sample)], module.Parameters.Device);
            var outputs = WholePictures.Predict(module, batch.Image);
            Tensor Of(ModelTask task) => targets.Prediction(task, outputs[task.Name]);
            var classes = labels is null ? null : TaskPixels.Classes(labels, Of(labels));
            if (layout == PredictionLayout.Cityscapes)
            {
                var id = Id(data, split, index);
                if (!taken.Add(id))
                    throw new DataException(
                        $"{sample.Name}: another sample's file is called {id} already; give the samples names that differ in "
                            + $"more than / and \\"
                    );
                files.Add(PredictionWriter.WriteCityscapes(folder, id, height, width, classes!));
            }
            else
                files.AddRange(
                    PredictionWriter.WriteMiniScapes(
                        folder,
                        index,
                        height,
                        width,
                        classes,
                        depth is null ? null : TaskPixels.Floats(Of(depth))
                    )
                );
        }
    }

    static (ClassTask? Labels, ModelTask? Depth) Tasks(Model model, PredictionLayout layout)
    {
        ModelTask? First(Modality modality) => model.Tasks.FirstOrDefault(t => !t.Auxiliary && t.Kind.Predicts == modality);
        var (labels, depth) = (
            (ClassTask?)First(Modality.Classes),
            layout == PredictionLayout.MiniScapes ? First(Modality.Depth) : null
        );
        var classes = DataContract.CityscapesClasses.Length;
        if (labels is null && depth is null)
            throw new DataException(
                $"the {layout} layout holds {(layout == PredictionLayout.MiniScapes ? "labels and depth" : "labels")}, and "
                    + $"the model predicts none"
            );
        if (labels is not null && labels.Classes != classes)
            throw new DataException(
                $"the {layout} layout holds the {classes} classes of Cityscapes, and task '{labels.Name}' has {labels.Classes}"
            );
        return (labels, depth);
    }

    /// <summary>The benchmark's name of a Cityscapes picture; for other data the sample's name, without its split and
    /// flat.</summary>
    static string Id(IDataSource source, Split split, int index)
    {
        if (source is CityscapesSource cityscapes)
            return cityscapes.Id(split, index);
        var (name, prefix) = (source.Name(split, index), $"{split.Folder()}/");
        // A name is the user's: as a path it could lead out of the folder.
        return (name.StartsWith(prefix, StringComparison.Ordinal) ? name[prefix.Length..] : name)
            .Replace('/', '_')
            .Replace('\\', '_');
    }
}
