using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Ops;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Torch;

/// <summary>
/// What the nodes of a graph read: stored parameters, and those derived from them. A frozen graph's derived parameters are computed once,
/// and again after a stored one changed; any other graph's anew in each forward pass, so that gradients flow through them.
/// </summary>
/// <param name="constant">
/// Stored parameters never change again: each is given back as soon as all that is made from it is made, so that weights lie in memory once.
/// </param>
sealed class NodeWeights(Graph graph, ParameterStore store, bool constant) : IDisposable
{
    readonly Dictionary<Parameter, int> readers = graph.Nodes.SelectMany(n => n.Parameters).Distinct().SelectMany(p => p.Stored.Distinct())
        .GroupBy(p => p).ToDictionary(g => g.Key, g => g.Count());
    readonly HashSet<Parameter> settled = [];
    readonly Dictionary<Parameter, Tensor> derived = [];
    readonly Dictionary<Parameter, LaidWeight> packed = [];
    readonly Parameter[] watched = [.. graph.Parameters.Where(p => !p.Spec.IsInteger)];
    (nint Handle, long Version)[] seen = [];

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

    /// <summary>A convolution's weight laid out for a kernel, in place of the plain one, which is forgotten; null where it cannot be.</summary>
    /// <param name="input">[N, C, H, W]: the size for which the kernel is chosen, the first time.</param>
    public LaidWeight? Packed(Parameter parameter, Conv conv, long[] input)
    {
        if (packed.TryGetValue(parameter, out var value))
            return value;
        if (LaidWeight.Of(conv, this[parameter], input) is not { } laid)
            return null;
        laid.Value.DetachFromDisposeScope();
        packed.Add(parameter, value = laid);
        if (derived.Remove(parameter, out var plain))
            plain.Dispose();
        Settle(parameter);
        return value;
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
        foreach (var value in derived.Values.Concat(packed.Values.Select(w => w.Value)))
            value.Dispose();
        derived.Clear();
        packed.Clear();
        seen = [];
    }

    public void Dispose() => Clear();
}
