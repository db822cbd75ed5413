using System.Diagnostics;
using System.Globalization;
using Mtlc.Compiler;
using Mtlc.Runtime.Checkpoints;
using Mtlc.Runtime.Data.Loading;
using Mtlc.Runtime.Data.Samples;
using Mtlc.Runtime.Evaluation;
using Mtlc.Runtime.Files;
using Mtlc.Runtime.Reports;
using Mtlc.Runtime.Reports.Resources;
using Mtlc.Runtime.SelfTest;
using Mtlc.Runtime.Tasks;

namespace Mtlc.Runtime.Training;

/// <summary>The loop over steps, and when it evaluates, saves and ends.</summary>
sealed class TrainingLoop : IDisposable
{
    readonly CompiledProgram program;
    readonly TrainOptions options;
    readonly TrainingEvents events;
    readonly RunDirectory run;
    readonly IDataSource source;
    readonly TrainingStatistics statistics;
    readonly TrainingSession session;
    readonly SoundnessRecord soundness;
    readonly TrainingLoader loader;
    readonly RunRecorder recorder;
    readonly CheckpointWriter checkpoints;
    readonly Action requireOwn;
    readonly ResourceLog resources;
    readonly Lazy<SampleSheet> samples;
    readonly Stopwatch clock = Stopwatch.StartNew();
    readonly HashSet<string> corrupt = new(StringComparer.Ordinal),
        unscored = new(StringComparer.Ordinal);
    readonly long epochSteps,
        lastStep;

    long step,
        skipped;
    int skippedInARow;
    bool evaluationDue;
    BestEvaluation? best;
    (long Step, bool EvaluationDue, BestEvaluation? Best)? saved;
    EvaluationReport? lastReport,
        bestReport;

    /// <param name="requireOwn">Throws where the run's directory is no longer its own; called before each write.</param>
    public TrainingLoop(
        CompiledProgram program,
        TrainOptions options,
        TrainingEvents events,
        RunDirectory run,
        IDataSource source,
        TrainingStatistics statistics,
        TrainingSession session,
        RunState? from,
        SoundnessRecord soundness,
        Action requireOwn
    )
    {
        this.requireOwn = requireOwn;
        (this.program, this.options, this.events, this.run) = (program, options, events, run);
        (this.source, this.statistics, this.session, this.soundness) = (source, statistics, session, soundness);
        loader = new(source, program.Data, program.Train.StepSamples, program.Train.Seed);
        epochSteps = loader.StepsPerEpoch;
        lastStep = Math.Min(epochSteps * program.Train.Epochs, options.MaxSteps ?? long.MaxValue);
        if (from is not null)
        {
            (step, skipped, skippedInARow, evaluationDue, best) = (
                from.Step,
                from.Skipped,
                from.SkippedInARow,
                from.EvaluationDue,
                from.Best
            );
            saved = (step, evaluationDue, best);
        }
        FreeSpace.Require(run.Checkpoints, run.Root, MostCheckpoints(), session.Weights.Concat(session.OptimizerState));
        // Where nothing is left to train, the last evaluation is made again.
        recorder = new(run, session.LossNames, MetricKeys(), new(step, evaluationDue || step == lastStep, IsScheduled));
        // A checkpoint that lasts has the log of its steps.
        checkpoints = new(run.Checkpoints, program.Train.Checkpoint.Keep, recorder.FlushToDisk, events.Saved, requireOwn);
        resources = new(run, step, session.Inference.Parameters.Device);
        samples = new(() => new SampleSheet(program, source, statistics));
    }

    public TrainingResult Run(string device)
    {
        events.Started?.Invoke(
            new(
                run.Root,
                device,
                lastStep,
                epochSteps,
                program.Train.Epochs,
                step,
                session.TrainableParameters,
                loader.Samples,
                source.Count(Split.Validation),
                [.. session.LossNames]
            )
        );
        if (evaluationDue)
        {
            Evaluate(isScheduled: true, CancellationToken.None); // progress, even if the next request to stop is here already
            Save();
        }
        var first = step;
        var since = Stopwatch.GetTimestamp();
        foreach (var examples in loader.Read(step, lastStep))
        {
            checkpoints.Check(); // a save that failed ends the run at the next step
            var epoch = (int)(step / epochSteps) + 1;
            var parts = examples.Chunk(program.Train.Batch).Select(part => Batch.Of(part, session.Inference.Parameters.Device));
            var endsEvaluated = IsScheduled(step + 1) || step + 1 == lastStep;
            var outcome = session.Step(
                parts,
                new(step, epochSteps, program.Train.Epochs),
                endsEvaluated ? recorder.Gradient : null
            );
            step++;
            string[] names = [.. examples.Select(e => e.Name)];
            requireOwn();
            recorder.Step(step, epoch, outcome, names);
            Count(outcome, names);
            var duration = Stopwatch.GetElapsedTime(since);
            since = Stopwatch.GetTimestamp();
            resources.Step(step, examples.Count, duration);
            events.Stepped?.Invoke(
                new(
                    step,
                    epoch,
                    outcome.LearningRate,
                    outcome.Loss,
                    [.. outcome.Losses],
                    outcome.GradientNorm,
                    outcome.Skipped,
                    examples.Count,
                    duration,
                    (lastStep - step) * (clock.Elapsed / (step - first))
                )
            );
            // An epoch of skipped steps alone, or nothing but skipped steps, has trained nothing.
            if (
                skippedInARow > options.DivergenceBudget
                || (step % epochSteps == 0 && skippedInARow >= epochSteps)
                || (step == lastStep && skippedInARow >= step)
            )
                return Diverged();
            if (step % epochSteps == 0)
                EndEpoch();
            else if (program.Train.Checkpoint.Every is > 0 and var every && step % every == 0)
                Save();
            if (evaluationDue || (options.Stop.IsCancellationRequested && step < lastStep))
            {
                Save();
                return Result(TrainingOutcome.Stopped);
            }
            since = Stopwatch.GetTimestamp();
        }
        Save();
        // At a step limit, which is none of the recipe's: the checkpoint does not know of this one, so that the run can go on as
        // if never stopped.
        if ((lastReport is null || lastReport.Step < step) && !Evaluate(isScheduled: false, options.Stop))
            return Result(TrainingOutcome.Stopped);
        return Result(step == epochSteps * program.Train.Epochs ? TrainingOutcome.Completed : TrainingOutcome.StepLimit);
    }

    void EndEpoch()
    {
        session.EndEpoch();
        if (IsScheduled(step))
        {
            // Whatever the evaluation dies of, a sample or the end of memory: the epoch is not trained again for it.
            evaluationDue = true;
            Save();
            Evaluate(isScheduled: true, options.Stop);
        }
        Save();
    }

    bool IsScheduled(long step) =>
        step > 0
        && step % epochSteps == 0
        && (step / epochSteps % program.Train.Evaluate.Every == 0 || step / epochSteps == program.Train.Epochs);

    // They are the same, in the same order, whatever was evaluated.
    List<string> MetricKeys() =>
        [
            .. new TaskScores(
                program.Model,
                new(program.Model, statistics),
                source.Contract.ClassNames,
                program.Train.Evaluate
            ).Keys,
        ];

    // What may lie on the disk at one time: those kept, the best, and one that is being written.
    int MostCheckpoints()
    {
        var every = program.Train.Checkpoint.Every is > 0 and var steps ? steps : long.MaxValue;
        var saves = Math.Max(1, lastStep / epochSteps + lastStep / every + 1);
        return (int)Math.Min(saves, program.Train.Checkpoint.Keep + 2L);
    }

    void Count(StepOutcome outcome, IReadOnlyList<string> names)
    {
        if (outcome.Lowered is null) // an overflow that a lower scale may mend is no sign of divergence
            skippedInARow = outcome.Skipped ? skippedInARow + 1 : 0;
        if (!outcome.Skipped)
            return;
        skipped++;
        if (outcome.Lowered is { } scale)
        {
            events.Warned?.Invoke(
                FormattableString.Invariant(
                    $"step {step}: skipped, for its gradients overflowed fp16; losses are scaled by {scale} from here on"
                )
            );
            return;
        }
        events.Warned?.Invoke(
            string.Create(
                CultureInfo.InvariantCulture,
                $"step {step}: skipped, for its loss is {outcome.Loss} and the norm of its gradient {outcome.GradientNorm}; "
                    + $"samples {string.Join(", ", names)}"
            )
        );
    }

    /// <returns>Whether it was finished before the request to stop came.</returns>
    bool Evaluate(bool isScheduled, CancellationToken stop)
    {
        var began = Stopwatch.GetTimestamp();
        evaluationDue = isScheduled;
        TaskScores scores;
        int images;
        try
        {
            (scores, images, var unread, var hasMargins) = Scoring.Score(
                session.Inference,
                program,
                source,
                Split.Validation,
                statistics,
                events.Evaluating,
                stop
            );
            corrupt.UnionWith(unread);
            if (hasMargins && !run.ScoresWholePictures && lastReport is null)
                events.Warned?.Invoke(
                    "the run was started by a version that left the margins of pictures beyond a multiple of 32 out of "
                        + "its scores: "
                        + "those from here on are of whole pictures, and compare with the earlier ones only roughly"
                );
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return false;
        }
        catch (DataException e)
        {
            throw new DataException(
                $"{e.Message}; training is saved up to step {step}: 'mtlc resume {run.Root}' evaluates again once the "
                    + $"data are mended",
                e
            );
        }
        evaluationDue = false;
        var rows = scores.Rows;
        var score = scores.Score;
        var merit = TaskScores.Merit(score);
        // Of equals the one that has learnt for longer.
        var isBest = !double.IsNaN(merit) && (best is null || merit >= best.Score || double.IsNaN(best.Score));
        if (isBest && isScheduled)
            best = new(merit, step, CheckpointFolder.NameOf(step));
        var epoch = step % epochSteps == 0 ? (int)(step / epochSteps) : 0;
        requireOwn();
        recorder.Evaluation(step, (int)(step / epochSteps), resources.Seconds, rows, session.Trainable);
        resources.Sample(step);
        foreach (var (task, metrics) in scores.Segmentations)
            ConfusionFile.Write(run, task, metrics);
        var picture =
            options.Pictures && !samples.Value.IsEmpty
                ? recorder.Samples(samples.Value.Draw(session.Inference, Title(score)), step, epoch)
                : null;
        session.EndEvaluation();
        lastReport = new((int)(step / epochSteps), step, rows, score, isBest, images, Stopwatch.GetElapsedTime(began), picture)
        {
            Unlabelled = scores.Unlabelled,
        };
        foreach (var task in scores.Unlabelled.Where(unscored.Add))
            events.Warned?.Invoke(
                $"task '{task}' has no score: no sample of the {Split.Validation.Folder()} split has a label of it"
            );
        if (isBest)
            bestReport = lastReport;
        events.Evaluated?.Invoke(lastReport);
        return true;
    }

    string Title(Metrics.Metric score)
    {
        var shown = double.IsNaN(score.Value)
            ? ""
            : FormattableString.Invariant(
                $": {score.Key} {score.Value:0.00}{(score.Unit is "" or "%" ? score.Unit : " " + score.Unit)}"
            );
        return FormattableString.Invariant(
            $"{program.Model.Name}, step {step}, epoch {step / epochSteps} of {program.Train.Epochs}{shown}"
        );
    }

    void Save()
    {
        // Among bad steps the weights may have overflowed in the last good one: such a state must not push out one that can go
        // on.
        if (saved == (step, evaluationDue, best) || (skippedInARow > 0 && !session.IsFinite))
            return;
        var state = new RunState(
            program.Model.Name,
            program.Train.Seed,
            step,
            skipped,
            skippedInARow,
            evaluationDue,
            best,
            session.BalancingState
        );
        checkpoints.Save(state, session.Weights, session.OptimizerState);
        saved = (step, evaluationDue, best);
    }

    // The weights are those before the bad steps, none of which touched them.
    TrainingResult Diverged()
    {
        Save();
        checkpoints.Wait();
        var good = run.Checkpoints.All is [.., var last] ? $"the last good state is {Path.GetFileName(last)}; " : "";
        return Result(
            TrainingOutcome.Diverged,
            string.Create(
                CultureInfo.InvariantCulture,
                $"the loss or gradient of {skippedInARow} steps in a row was not finite (up to step {step}); {good}a lower "
                    + $"learning rate or train.clip_norm may help"
            )
        );
    }

    TrainingResult Result(TrainingOutcome outcome, string? message = null)
    {
        recorder.End(step, outcome);
        checkpoints.Wait(); // no run says that it ended before its last state is on the disk
        requireOwn();
        var (model, crop) = (program.Model.Training, program.Data.Augment.Crop);
        new RunResult(
            outcome,
            step,
            skipped,
            resources.Seconds,
            resources.StepSeconds,
            resources.ImagesPerSecond,
            model.TrainableCount,
            model.MultiplyAdds(crop.Height, crop.Width),
            resources.PeakMemory,
            message,
            resources.PeakGpuMemory,
            resources.CpuEnergy,
            resources.GpuEnergy
        )
        {
            Soundness = soundness,
        }.Write(run.Root);
        return new(
            outcome,
            run.Root,
            step,
            skipped,
            [.. corrupt.Union(loader.Corrupt.Values).Order(StringComparer.Ordinal)],
            lastReport,
            bestReport,
            clock.Elapsed,
            message
        );
    }

    public void Dispose()
    {
        checkpoints.Dispose();
        recorder.Dispose();
        resources.Dispose();
    }
}
