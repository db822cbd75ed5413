using Mtlc.Compiler;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Planning;
using Mtlc.Compiler.Recipes;
using Mtlc.Runtime.Checkpoints;
using Mtlc.Runtime.Data.Loading;
using Mtlc.Runtime.Evaluation;
using Mtlc.Runtime.Files;
using Mtlc.Runtime.Tasks;
using Mtlc.Runtime.Torch;
using Mtlc.Runtime.Training.Balancing;
using Mtlc.Runtime.Training.Optimizers;
using Mtlc.Runtime.Training.Schedules;
using Mtlc.Runtime.Weights;
using static TorchSharp.torch;
using TorchParameter = TorchSharp.Modules.Parameter;

namespace Mtlc.Runtime.Training;

/// <summary>What one step came to: plain numbers, no tensor outlives its step.</summary>
/// <param name="Losses">Each loss of the program before any weight.</param>
sealed record StepOutcome(double Loss, IReadOnlyList<double> Losses, double GradientNorm, double LearningRate, bool Skipped)
{
    /// <summary>The loss scale that it lowered, where its gradients overflowed at the one before; else null.</summary>
    public double? Lowered { get; init; }
}

/// <summary>Everything that a step changes: weights, optimizer, balancer; and how a step is made.</summary>
sealed class TrainingSession : IDisposable
{
    const string BalancingPrefix = "balancing:",
        LossScaleEntry = "loss_scale";

    readonly TrainRecipe recipe;
    readonly ImageSize crop;
    readonly Model model;
    readonly ParameterStore parameters;
    readonly GraphModule training;
    readonly ObjectiveLosses objective;
    readonly Optimizer optimizer;
    readonly LossBalancer balancer;
    readonly Optimizer? balancing;
    readonly TorchParameter[] trained;
    readonly string[] names;
    readonly (Tensor Buffer, Tensor Copy)[] buffers;
    LossScale? lossScale;

    public TrainingSession(CompiledProgram program, TrainingStatistics statistics, Device device)
    {
        (recipe, crop) = (program.Train, program.Data.Augment.Crop);
        model = program.Model;
        parameters = new ParameterStore(model.Training.Parameters, recipe.Seed, device, recipe.MemoryFormat);
        MapStatistics.Set(parameters, model, statistics);
        training = new GraphModule(model.TrainingStep, parameters);
        Inference = new GraphModule(model.Inference, parameters);
        objective = new ObjectiveLosses(model, new TaskTargets(model, statistics));
        optimizer = new Optimizer(recipe.Optimizer, parameters.Trainable, OptimizerGroup.Of(model.Training, recipe));
        balancer = LossBalancer.Create(model.Objective, recipe.Seed);
        if (balancer.Parameters.Count > 0)
        {
            // Decaying the scheme's own weights would be a prior on them.
            var named = balancer.Parameters.Select((p, i) => (FormattableString.Invariant($"{BalancingPrefix}{i}"), (Tensor)p));
            balancing = new Optimizer(recipe.Optimizer with { WeightDecay = 0 }, named);
        }
        lossScale = recipe.Precision == Precision.Fp16 ? new() : null;
        trained = [.. training.parameters()];
        names = [.. training.named_parameters().Select(p => p.name)];
        buffers =
        [
            .. training
                .Graph.Parameters.Where(p => !p.IsTrainable && !p.IsFrozen)
                .Select(p => parameters[p.Name])
                .Select(b => (b, b.clone().DetachFromDisposeScope())),
        ];
    }

    /// <summary>The inference graph on the very weights that are trained.</summary>
    public GraphModule Inference { get; }

    /// <summary>From here on, what frozen encoders make of a picture that comes again is not computed again. To be called once
    /// their weights are there.</summary>
    /// <param name="computer">What computes them, for files that other computers may see.</param>
    /// <param name="root">The folder of stored features.</param>
    public void Keep(KeptPlan plan, string computer, string root, TrainingEvents events)
    {
        if (plan.Text is { } told)
            events.Informed?.Invoke(told);
        var memory = new FeatureMemory(plan.Bytes);
        var stores = new List<FeatureStore>();
        if (plan.HasTraining)
        {
            // Training pictures come in other batches each time.
            var features = FrozenFeatures.Of(training.Graph, plan.Encoders);
            if (IsAloneAsBesideOthers(features))
                training.Kept = new(features, memory, bySample: true, plan.StoredTraining > 0 ? Store(features) : null);
            else
                events.Warned?.Invoke(
                    "this device computes a picture otherwise beside others: what frozen encoders make of training pictures is "
                        + "computed each time"
                );
        }
        if (plan.HasValidation)
        {
            var features = FrozenFeatures.Of(Inference.Graph, plan.Encoders);
            Inference.Kept = new(features, memory, bySample: false, plan.StoredValidation > 0 ? Store(features) : null);
        }
        if (stores.Count == 0)
            return;
        var ours = stores.Sum(s => s.AtStart);
        var others = stores[^1].All - ours;
        events.Informed?.Invoke(
            $"features are stored in {root}: {Amount.Bytes(ours)} of these are there, and {Amount.Bytes(others)} of others"
        );
        if (others + plan.OnDisk > plan.Store)
            events.Warned?.Invoke(
                $"{root}: others leave {Amount.Bytes(Math.Max(0, plan.Store - others))} of the {Amount.Bytes(plan.Store)} of "
                    + $"train.store_features: what does not fit is not stored; delete what is no longer of use there"
            );

        FeatureStore Store(FrozenFeatures features)
        {
            var digest = FeatureStore.Digest(features, parameters, computer);
            if (stores.Find(s => s.Name == digest) is { } known)
                return known;
            stores.Add(new(root, digest, plan.Store, events.Warned));
            return stores[^1];
        }
    }

    // On noise in two orders: the same bits of each picture.
    bool IsAloneAsBesideOthers(FrozenFeatures features)
    {
        using var scope = NewDisposeScope();
        using var gradients = no_grad();
        using var generator = new Generator(1);
        using var module = new GraphModule(
            training.Graph.With(training.Graph.Nodes, [.. features.Values.Select(v => new GraphOutput(v.Name, "", v, false))]),
            parameters
        );
        module.train();
        long[] shape = [recipe.Batch, module.InputChannels, crop.Height, crop.Width];
        var pictures = randn(shape, generator: generator).to(parameters.Device);
        var (ordered, rolled) = (module.forward(pictures), module.forward(pictures.roll(1, 0)));
        return ordered.All(o => o.Value.roll(1, 0).equal(rolled[o.Key]).all().item<bool>());
    }

    public IReadOnlyList<string> LossNames => objective.Names;

    public long TrainableParameters => training.Graph.TrainableCount;

    /// <param name="parts">The batches of the step (<see cref="TrainRecipe.Accumulate"/>), each disposed after its backward
    /// pass.</param>
    /// <param name="inspect">Sees each gradient, before clipping, under its parameter's name.</param>
    public StepOutcome Step(IEnumerable<Batch> parts, SchedulePosition at, Action<string, Tensor>? inspect = null)
    {
        using var scope = NewDisposeScope();
        training.train();
        Remember();
        StepGradients.Clear(trained);
        var before = balancer.State;

        var (total, scale) = (0.0, lossScale?.Value ?? 1);
        var terms = new double[LossNames.Count];
        foreach (var (part, batch) in parts.Index())
        {
            using (batch)
            {
                var (ofPart, ofTerms) = Backward(batch, at, part, scale);
                total += ofPart / recipe.Accumulate;
                for (var i = 0; i < terms.Length; i++)
                    terms[i] += ofTerms[i] / recipe.Accumulate;
            }
        }

        using var gradients = Mean(trained, scale);
        var norm = gradients.Norm();
        if (inspect is not null)
        {
            foreach (var (index, gradient) in gradients.Indices.Zip(gradients.Values))
                inspect(names[index], gradient);
        }
        var rate = recipe.Optimizer.Lr * LearningRateSchedule.Factor(recipe.Schedule, at);
        var skipped = !double.IsFinite(total) || !double.IsFinite(norm);
        // A loss that is not finite would be so at any scale.
        var lowered = double.IsFinite(total) && lossScale?.Update(skipped) == true ? lossScale.Value : (double?)null;
        if (skipped)
        {
            // Nothing of a bad step stays: not in the weights, not in the running statistics, not in the balancer.
            Restore();
            balancer.Load(before);
        }
        else
        {
            if (recipe.ClipNorm > 0)
                gradients.Clip(recipe.ClipNorm, norm);
            optimizer.Step(gradients, rate);
            StepBalancing(rate, scale);
        }
        StepGradients.Clear(trained);
        StepGradients.Clear(balancer.Parameters);
        return new(total, terms, norm, rate, skipped) { Lowered = lowered };
    }

    // Adds the gradients of one batch to those that are there.
    (double Total, IReadOnlyList<double> Terms) Backward(Batch batch, SchedulePosition at, int part, double scale)
    {
        using var scope = NewDisposeScope();
        training.Randomness = new(recipe.Seed, at.Step, part);
        var outputs = training.forward(batch.Image);
        var losses = objective.Compute(outputs, batch);
        foreach (var output in outputs.Values)
            output.Dispose(); // autograd keeps what backward needs
        // Until here nothing has waited for the device. The one wait of a step follows, at the end of its backward passes: the
        // optimizer must not run before it is known that the gradients are finite. All numbers that are logged are read there.
        var balanced = balancer.Backward(losses.Parts, new(at.Step, trained, part, recipe.Accumulate, scale));
        return (balanced.Total, losses.ReadTerms());
    }

    // What the batches of a step have added up, as the gradient of the mean of their objectives.
    StepGradients Mean(IReadOnlyList<TorchParameter> parameters, double scale)
    {
        var gradients = StepGradients.Of(parameters);
        var factor = recipe.Accumulate * scale;
        if (factor != 1)
            gradients.Scale(1 / factor);
        return gradients;
    }

    public void EndEpoch() => balancer.EndEpoch();

    /// <summary>Gives back the weights as the kernels of inference want them, which the next step makes stale.</summary>
    public void EndEvaluation() => Inference.train();

    void StepBalancing(double rate, double scale)
    {
        if (balancing is null)
            return;
        using var gradients = Mean(balancer.Parameters, scale);
        balancing.Step(gradients, rate);
    }

    void Remember()
    {
        using var gradients = no_grad();
        foreach (var (buffer, copy) in buffers)
            copy.copy_(buffer);
    }

    void Restore()
    {
        using var gradients = no_grad();
        foreach (var (buffer, copy) in buffers)
            buffer.copy_(copy);
    }

    /// <summary>Whether every weight and statistic is finite.</summary>
    public bool IsFinite
    {
        get
        {
            using var scope = NewDisposeScope();
            using var gradients = no_grad();
            return parameters.All.All(p => !p.Value.is_floating_point() || p.Value.isfinite().all().item<bool>());
        }
    }

    /// <summary>Of the balancer and, in fp16, of the loss scale.</summary>
    public IReadOnlyDictionary<string, double[]> BalancingState =>
        lossScale is null
            ? balancer.State
            : new Dictionary<string, double[]>(balancer.State) { [LossScaleEntry] = [lossScale.Value, lossScale.Good] };

    public IEnumerable<(string Name, Tensor Value)> Weights => parameters.All;

    public IEnumerable<(string Name, Tensor Value)> Trainable => names.Zip(trained, (name, value) => (name, (Tensor)value));

    public IEnumerable<(string Name, Tensor Value)> OptimizerState =>
        balancing is null ? optimizer.State : optimizer.State.Concat(balancing.State);

    /// <summary>Starts encoders from the weights that the program names.</summary>
    public void LoadPretrained(TrainingEvents events)
    {
        foreach (var encoder in EncoderWeightsLoader.Load(model, parameters, progress: Progress(events)))
            events.Pretrained?.Invoke(encoder);
    }

    /// <summary>Tells of downloads.</summary>
    public static IProgress<DownloadProgress>? Progress(TrainingEvents events) =>
        events.Downloading is { } report ? new Relay(report) : null;

    // Progress<T> would post to other threads, out of order.
    sealed class Relay(Action<DownloadProgress> report) : IProgress<DownloadProgress>
    {
        public void Report(DownloadProgress value) => report(value);
    }

    /// <exception cref="RunException">The checkpoint is of another program; the message lists the differences.</exception>
    public void Load(Checkpoint checkpoint)
    {
        TrainedNetwork.Load(parameters, checkpoint.Weights.Tensors, checkpoint.Path);
        var own = checkpoint.OptimizerState.Tensors.ToLookup(t =>
            balancing is not null && t.Key.StartsWith(BalancingPrefix, StringComparison.Ordinal)
        );
        optimizer.Restore(own[false].ToDictionary());
        balancing?.Restore(own[true].ToDictionary());
        try
        {
            balancer.Load(checkpoint.Run.Balancing);
            if (
                lossScale is not null
                && checkpoint.Run.Balancing.TryGetValue(LossScaleEntry, out var saved)
                && saved is [var value, var good]
            )
                lossScale = new(value, (long)good);
        }
        catch (ArgumentException e)
        {
            throw new RunException($"{checkpoint.Path}: {e.Message}", e);
        }
    }

    public void Dispose()
    {
        foreach (var (_, copy) in buffers)
            copy.Dispose();
        balancing?.Dispose();
        optimizer.Dispose();
        training.Kept?.Dispose();
        Inference.Kept?.Dispose();
        parameters.Dispose();
    }
}
