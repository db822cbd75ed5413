using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Ops;
using Mtlc.Compiler.Targets.LibTorch;
using Mtlc.Runtime.Torch.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Torch;

/// <summary>
/// What the nodes of a graph read: stored parameters, and those derived from them. A frozen graph's derived parameters are
/// computed once, and again after a stored one changed; any other graph's anew in each forward pass, so that gradients flow
/// through them. </summary>
/// <param name="constant">
/// Stored parameters never change again: each is given back as soon as all that is made from it is made, so that weights lie in
/// memory once. </param>
sealed class NodeWeights(Graph graph, ParameterStore store, bool constant) : IDisposable
{
    readonly Dictionary<Parameter, int> readers = graph
        .Nodes.SelectMany(n => n.Parameters)
        .Distinct()
        .SelectMany(p => p.Stored.Distinct())
        .GroupBy(p => p)
        .ToDictionary(g => g.Key, g => g.Count());
    readonly HashSet<Parameter> settled = [];
    readonly Dictionary<Parameter, Tensor> derived = [];
    readonly Dictionary<Parameter, PrepackedWeight> prepacked = [];
    readonly Parameter[] watched = [.. graph.Parameters.Where(p => !p.Spec.IsInteger)];
    (nint Handle, long Version)[] seen = [];
    bool isLaidOut;

    /// <summary>The value, which belongs to the store, to this, or to the current dispose scope.</summary>
    public Tensor this[Parameter parameter]
    {
        get
        {
            if (parameter.Derivation is null)
                return store[parameter.Name];
            if (!graph.IsFrozen)
                return DerivedParameters.Compute(parameter, store);
            if (!derived.TryGetValue(parameter, out var value))
            {
                derived.Add(parameter, value = DerivedParameters.Compute(parameter, store).DetachFromDisposeScope());
                Settle(parameter);
            }
            return value;
        }
    }

    /// <summary>A convolution's weight prepacked for a kernel (<see cref="Prepack"/>), in place of the plain one, which is
    /// forgotten; null where there is none.</summary>
    public PrepackedWeight? Prepacked(Parameter parameter) => prepacked.TryGetValue(parameter, out var value) ? value : null;

    /// <summary>
    /// Folds the weights of a frozen graph, and on the CPU lays them out for its kernels, where that is not done yet. It is done
    /// before any map is there, so that maps do not come on top of weights that are there twice. </summary>
    /// <param name="pictures">[N, 3, H, W]: the size for which kernels are chosen, the first time.</param>
    public void Prepack(Tensor pictures)
    {
        if (!graph.IsFrozen || isLaidOut)
            return;
        if (constant)
            TensorHeap.ForGood(() => PrepackAll(pictures));
        else
            PrepackAll(pictures);
        isLaidOut = true;
    }

    void PrepackAll(Tensor pictures)
    {
        var (batch, height, width) = (pictures.shape[0], (int)pictures.shape[2], (int)pictures.shape[3]);
        var layable = FusedConvolution.IsAvailable && pictures.device_type == DeviceType.CPU;
        foreach (var node in graph.Nodes)
        {
            if (
                layable
                && FusedConv.Parts(node.Op).Conv is { } conv
                && node.Inputs[0] is { Precision: Precision.Float32, Shape: var shape }
            )
            {
                var (rows, columns) = shape.Lie(height, width);
                Pack(node.Parameters[0], conv, [batch, shape.Channels, rows, columns]);
            }
            foreach (var parameter in node.Parameters.Where(p => p.Derivation is not null && !prepacked.ContainsKey(p)))
                _ = this[parameter];
        }
    }

    void Pack(Parameter parameter, Conv conv, long[] input)
    {
        if (prepacked.ContainsKey(parameter) || PrepackedWeight.Of(conv, this[parameter], input) is not { } weight)
            return;
        weight.Value.DetachFromDisposeScope();
        prepacked.Add(parameter, weight);
        if (derived.Remove(parameter, out var plain))
            plain.Dispose();
        Settle(parameter);
    }

    // Its value no longer needs what is stored.
    void Settle(Parameter parameter)
    {
        if (!constant || !settled.Add(parameter))
            return;
        foreach (var stored in parameter.Stored.Distinct())
        {
            if (--readers[stored] == 0)
                store.Release(stored.Name);
        }
    }

    /// <summary>Forgets what was computed from parameters that were moved or written since.</summary>
    public void Refresh()
    {
        if (!graph.IsFrozen || constant)
            return;
        var now = Array.ConvertAll(watched, p => (store[p.Name].Handle, TensorVersion.Of(store[p.Name])));
        if (now.AsSpan().SequenceEqual(seen))
            return;
        Forget();
        seen = now;
    }

    public void Forget()
    {
        if (!constant)
            Clear();
    }

    void Clear()
    {
        foreach (var value in derived.Values.Concat(prepacked.Values.Select(w => w.Value)))
            value.Dispose();
        derived.Clear();
        prepacked.Clear();
        seen = [];
        isLaidOut = false;
    }

    public void Dispose() => Clear();
}
