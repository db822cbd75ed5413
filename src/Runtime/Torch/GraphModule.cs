using System.Collections.Immutable;
using System.Diagnostics;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Ops;
using Mtlc.Compiler.Recipes;
using Mtlc.Compiler.Targets.LibTorch;
using static TorchSharp.torch;
using TorchParameter = TorchSharp.Modules.Parameter;

namespace Mtlc.Runtime.Torch;

/// <summary>
/// Runs a graph: pictures [N, 3, H, W] in, with the maps that it reads behind their channels; predictions by
/// <see cref="GraphOutput.Name"/> out. Each intermediate is released after its last reader; what the backward pass needs,
/// autograd keeps. Several modules may share one <see cref="ParameterStore"/>: a training and an inference graph of one model
/// then have the same weights. </summary>
public sealed class GraphModule : nn.Module<Tensor, IReadOnlyDictionary<string, Tensor>>
{
    Schedule whole;
    Schedule? rest; // where what Kept has is given
    readonly bool ownsParameters,
        constant;
    readonly NodeWeights weights;
    bool disposed;

    /// <summary>A node, where its operands and parameters lie, and which values nobody reads after it.</summary>
    sealed record Step(Node Node, int[] Inputs, Parameter[] Parameters, int[] Released);

    /// <param name="Given">The steps whose values <see cref="Kept"/> has, in its order.</param>
    sealed record Schedule(Step[] Steps, Region[] Regions, ImmutableArray<(string Name, int Value)> Outputs, int[] Given);

    /// <summary>Consecutive steps that are recomputed together, the outside values that they read, and their values that others
    /// read.</summary>
    sealed record Region(int First, int End, int[] Inputs, int[] Outputs, Parameter[] Weights);

    /// <summary>A module of its own, with initial weights that are a function of the seed and each parameter's name.</summary>
    public GraphModule(Graph graph, long seed = 0, Device? device = null)
        : this(graph, new ParameterStore(graph.Parameters, seed, device), ownsParameters: true) { }

    /// <summary>A module on parameters that others may use too.</summary>
    /// <param name="ownsParameters">Whether disposing the module disposes them.</param>
    /// <param name="constant">
    /// For a frozen graph: the parameters are the module's alone and never change again. It then gives back each that it has
    /// folded or prepacked for its kernels, and has no parameters to enumerate; the memory of evaluation is less by the size of
    /// the network. </param>
    /// <exception cref="ArgumentException">The store lacks a parameter of the graph, or a graph that is trained was said to be
    /// constant.</exception>
    public GraphModule(Graph graph, ParameterStore parameters, bool ownsParameters = false, bool constant = false)
        : base(graph.Name)
    {
        if (constant && !graph.IsFrozen)
            throw new ArgumentException($"{graph.Name} is a graph to train: its parameters are not constant");
        foreach (var parameter in graph.Parameters)
            parameters.Require(parameter);
        (Graph, Parameters, this.ownsParameters, this.constant) = (graph, parameters, ownsParameters, constant);
        weights = new(graph, parameters, constant);
        InputChannels = graph
            .Nodes.Select(n => n.Op)
            .OfType<MapInput>()
            .Select(m => m.Start + m.Channels)
            .Append(Model.PictureChannels)
            .Max();
        whole = Plan(graph, []);
    }

    public Graph Graph { get; }

    /// <summary>Of the picture, and behind them those of the maps that it reads.</summary>
    public int InputChannels { get; }

    public ParameterStore Parameters { get; }

    /// <summary>Told of each operation that was run on the CPU, with the time that it took.</summary>
    internal Action<Node, TimeSpan>? Timed { get; set; }

    /// <summary>What frozen encoders made of pictures that came before, which is not computed again; null: nothing is
    /// kept.</summary>
    internal KeptFeatures? Kept
    {
        get;
        set
        {
            field = value;
            rest = value is null ? null : Plan(Graph, value.Features.Values, isGiven: true);
            whole = Plan(Graph, value?.Features.Values ?? []);
        }
    }

    /// <summary>What dropout draws from in training.</summary>
    public RandomStream Randomness { get; set; }

    /// <param name="input">[N, 3, H, W] float32, normalised as <see cref="Compiler.Ops.Image"/> says; of a graph with other
    /// inputs (<see cref="Compiler.Ops.MapInput"/>) [N, 3 + their channels, H, W], the maps as the data have them, NaN where
    /// there is no number.</param>
    /// <returns>Each output once, owned by the caller (or its dispose scope).</returns>
    public override IReadOnlyDictionary<string, Tensor> forward(Tensor input)
    {
        if (input.dim() != 4 || input.dtype != ScalarType.Float32)
            throw new ArgumentException(
                $"expected pictures [N, 3, H, W] of float32, but this is {input.dtype} [{string.Join(", ", input.shape)}]"
            );
        if (input.shape[1] < InputChannels)
            throw new ArgumentException(
                $"the network reads {InputChannels} channels of picture and maps, and is given {input.shape[1]}"
            );
        using var scope = NewDisposeScope();
        using var gradients = Graph.IsFrozen ? no_grad() : null;
        weights.Refresh();
        weights.Prepack(input);
        var context = new PrimitiveContext(
            Parameters.Format == MemoryFormat.ChannelsLast ? ChannelsLast.Of(input) : input,
            training && !Graph.IsFrozen,
            Randomness
        );
        var known = Kept?.Find(input);
        var schedule = known is null ? whole : rest!;
        var values = new Tensor?[schedule.Steps.Length];
        foreach (var (i, value) in (known ?? []).Index())
            values[schedule.Given[i]] = value;
        var made = known is null && Kept is not null ? new Tensor[schedule.Given.Length] : null;
        var next = 0;
        foreach (var region in schedule.Regions)
        {
            Run(schedule, next, region.First, values, context, made: made);
            RunAgainLater(schedule, region, values, context);
            next = region.End;
        }
        Run(schedule, next, schedule.Steps.Length, values, context, made: made);
        if (made is not null)
            Kept!.Add(made);
        var results = new OrderedDictionary<string, Tensor>();
        foreach (var (name, value) in schedule.Outputs)
            results.Add(name, values[value]!.alias().MoveToOuterDisposeScope());
        return results;
    }

    // Steps from first to end - 1; a value is released after its last reader. What an earlier step made and is no longer read,
    // the caller releases.
    /// <param name="made">Gets copies of what is to be kept, before anybody writes over it.</param>
    void Run(
        Schedule schedule,
        int first,
        int end,
        Tensor?[] values,
        PrimitiveContext context,
        int own = 0,
        Tensor[]? made = null
    )
    {
        var still = context.Training ? context with { Training = false } : context;
        for (var i = first; i < end; i++)
        {
            var step = schedule.Steps[i];
            if (values[i] is null)
            {
                var operands = Array.ConvertAll(step.Inputs, j => values[j]!);
                var start = Timed is null ? 0 : Stopwatch.GetTimestamp();
                values[i] =
                    RunFused(step, operands)
                    ?? Primitives.Run(
                        step.Node,
                        operands,
                        Array.ConvertAll(step.Parameters, p => weights[p]),
                        step.Node.IsFrozen ? still : context
                    );
                Timed?.Invoke(step.Node, Stopwatch.GetElapsedTime(start));
                if (made is not null && Array.IndexOf(schedule.Given, i) is >= 0 and var place)
                    made[place] = Copied(values[i]!);
            }
            foreach (var dead in step.Released.Where(d => d >= own))
                Release(values, dead);
        }
    }

    // As it lies in memory.
    static Tensor Copied(Tensor value)
    {
        using var gradients = no_grad();
        return empty_strided(value.shape, value.stride(), value.dtype, value.device).copy_(value);
    }

    void RunAgainLater(Schedule schedule, Region region, Tensor?[] values, PrimitiveContext context)
    {
        Tensor[] Operations(Tensor[] read, bool repeats)
        {
            var own = new Tensor?[region.End];
            foreach (var (i, input) in region.Inputs.Index())
                own[input] = read[i];
            Run(schedule, region.First, region.End, own, context with { Repeats = repeats }, region.First);
            return Array.ConvertAll(region.Outputs, i => own[i]!);
        }
        var made = Recomputation.Run(
            Operations,
            Array.ConvertAll(region.Inputs, i => values[i]!),
            Array.ConvertAll(region.Weights, p => Parameters[p.Name])
        );
        foreach (var (i, output) in region.Outputs.Index())
            values[output] = made[i];
        foreach (var dead in schedule.Steps[region.First..region.End].SelectMany(s => s.Released).Where(d => d < region.First))
            Release(values, dead);
    }

    static void Release(Tensor?[] values, int dead)
    {
        values[dead]!.Dispose();
        values[dead] = null;
    }

    /// <summary>Training or evaluation; a frozen graph (<see cref="Graph.IsFrozen"/>) evaluates in either, and gives no
    /// gradients.</summary>
    public override void train(bool on = true)
    {
        base.train(on);
        weights.Forget();
    }

    // Convolutions of a frozen graph whose weights were prepacked, for Winograd or for libtorch's fused kernels; null for
    // everything else.
    Tensor? RunFused(Step step, Tensor[] x) =>
        FusedConv.Parts(step.Node.Op) is ({ } conv, var relu) && weights.Prepacked(step.Parameters[0]) is { } weight
            ? weight.Run(conv, relu, x[0], conv.Bias ? weights[step.Parameters[1]] : null, x.Length > 1 ? x[1] : null)
            : null;

    // Liveness, once: nodes that no output needs are left out; a value is released by its last reader, outputs never.
    /// <param name="kept">Nodes whose values may be there already.</param>
    /// <param name="isGiven">Whether they are: what they read is then needed by others alone.</param>
    static Schedule Plan(Graph graph, ImmutableArray<Node> kept, bool isGiven = false)
    {
        var needed = new HashSet<Node>(graph.Outputs.Select(o => o.Value));
        var given = isGiven ? kept.ToHashSet() : [];
        foreach (var node in graph.Nodes.Reverse())
        {
            if (needed.Contains(node) && !given.Contains(node))
                needed.UnionWith(node.Inputs);
        }
        var nodes = graph.Nodes.Where(needed.Contains).ToArray();
        var index = nodes.Select((node, i) => (node, i)).ToDictionary(x => x.node, x => x.i);
        var lastReader = new int[nodes.Length];
        for (var i = 0; i < nodes.Length; i++)
        {
            lastReader[i] = i; // of what nobody reads: a value that is given, and its graph has no more use for
            foreach (var input in given.Contains(nodes[i]) ? [] : nodes[i].Inputs)
                lastReader[index[input]] = i;
        }
        foreach (var output in graph.Outputs)
            lastReader[index[output.Value]] = -1;
        var released = Enumerable.Range(0, nodes.Length).ToLookup(i => lastReader[i]);
        var steps = nodes.Select(
            (node, i) =>
                new Step(
                    node,
                    given.Contains(node) ? [] : [.. node.Inputs.Select(n => index[n])],
                    [.. node.Parameters],
                    [.. released[i]]
                )
        );
        Step[] all = [.. steps];
        return new(
            all,
            graph.IsFrozen ? [] : [.. Regions(all)],
            [.. graph.Outputs.Select(o => (o.Name, index[o.Value]))],
            [.. kept.Select(n => index[n])]
        );
    }

    static IEnumerable<Region> Regions(Step[] steps)
    {
        foreach (var (first, end) in Graph.Regions(Array.ConvertAll(steps, s => s.Node)))
        {
            var own = steps[first..end];
            var released = own.SelectMany(s => s.Released).ToHashSet();
            yield return new(
                first,
                end,
                [.. own.SelectMany(s => s.Inputs).Where(i => i < first).Distinct()],
                [.. Enumerable.Range(first, end - first).Where(i => !released.Contains(i))],
                [.. own.SelectMany(s => s.Parameters).SelectMany(p => p.Stored).Where(p => p.IsTrainable).Distinct()]
            );
        }
    }

    // TorchSharp keeps parameters per module; here they belong to the store, in the order of the graph.

    public override IEnumerable<(string name, TorchParameter parameter)> named_parameters(bool recurse = true) =>
        disposed || constant
            ? []
            : Graph.Parameters.Where(p => p.IsTrainable).Select(p => (p.Name, (TorchParameter)Parameters[p.Name]));

    public override IEnumerable<(string name, Tensor buffer)> named_buffers(
        bool recurse = true,
        bool include_nonpersistent = true
    ) => disposed || constant ? [] : Graph.Parameters.Where(p => !p.IsTrainable).Select(p => (p.Name, Parameters[p.Name]));

    public override Dictionary<string, Tensor> state_dict(Dictionary<string, Tensor>? destination = null, string? prefix = null)
    {
        destination ??= [];
        foreach (var parameter in constant ? [] : Graph.Parameters)
            destination.TryAdd(
                string.IsNullOrEmpty(prefix) ? parameter.Name : $"{prefix}.{parameter.Name}",
                Parameters[parameter.Name]
            );
        return destination;
    }

    public override bool has_parameter(string target) => get_parameter(target) is not null;

    public override bool has_buffer(string target) => get_buffer(target) is not null;

    public override TorchParameter? get_parameter(string target) => Parameters.Find(target) as TorchParameter;

    public override Tensor? get_buffer(string target) =>
        Parameters.Find(target) is { } tensor and not TorchParameter ? tensor : null;

    protected override void _toEpilog(ScalarType? dtype, Device? device, bool non_blocking)
    {
        if (dtype is not null and not ScalarType.Float32)
            throw new NotSupportedException("a graph is float32");
        if (device is not null && constant)
            throw new NotSupportedException("constant parameters stay where they are");
        if (device is not null)
            Parameters.To(device);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            weights.Dispose();
        if (disposing && ownsParameters)
            Parameters.Dispose();
        disposed = true; // TorchSharp's modules dispose what they enumerate, and the store may have other users
        base.Dispose(disposing);
    }
}
