using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Recipes;
using static TorchSharp.torch;
using TorchParameter = TorchSharp.Modules.Parameter;

namespace Mtlc.Runtime.Torch;

/// <summary>Parameters and buffers by state-dict name, in the order of the graph that they were made for.</summary>
public sealed class ParameterStore : IDisposable
{
    readonly OrderedDictionary<string, (Parameter Declared, Tensor Value)> entries = [];

    /// <summary>Makes and initialises each parameter. A start depends on the seed and the parameter's name, not on order or
    /// device.</summary>
    /// <param name="format">How the weights of convolutions lie in memory, and with them the maps of each module that has these
    /// parameters.</param>
    public ParameterStore(
        IEnumerable<Parameter> parameters,
        long seed = 0,
        Device? device = null,
        MemoryFormat format = MemoryFormat.ChannelsFirst
    )
    {
        TorchRuntime.Start();
        (Device, Format) = (device ?? CPU, format);
        var declared = parameters.ToArray();
        var values = new Tensor[declared.Length];
        System.Threading.Tasks.Parallel.For(0, declared.Length, i => values[i] = Laid(Initialization.Create(declared[i], seed)));
        foreach (var (parameter, value) in declared.Zip(values))
        {
            value.DetachFromDisposeScope();
            if (!entries.TryAdd(parameter.Name, (parameter, Wrapped(parameter, value, Device))))
                throw new ArgumentException($"two parameters are called {parameter.Name}");
        }
    }

    ParameterStore(IEnumerable<(Parameter Declared, Tensor Value)> all, Device device)
    {
        Device = device;
        foreach (var (parameter, value) in all)
            entries.Add(parameter.Name, (parameter, Wrapped(parameter, value, device)));
    }

    /// <summary>Parameters with values that are there already; on the same device they share their memory.</summary>
    internal static ParameterStore Of(
        IEnumerable<Parameter> parameters,
        IReadOnlyDictionary<string, Tensor> values,
        Device device
    ) => new(parameters.Select(p => (p, values[p.Name].alias())), device);

    public Device Device { get; private set; }

    internal MemoryFormat Format { get; }

    public IEnumerable<Parameter> Declared => entries.Values.Select(e => e.Declared);

    /// <summary>Name and value of everything, in order: the state dict.</summary>
    public IEnumerable<(string Name, Tensor Value)> All => entries.Select(e => (e.Key, e.Value.Value));

    /// <summary>Name and value of what the optimizer updates, in order.</summary>
    public IEnumerable<(string Name, Tensor Value)> Trainable =>
        entries.Where(e => e.Value.Declared.IsTrainable).Select(e => (e.Key, e.Value.Value));

    public Tensor this[string name] => entries[name].Value;

    public Tensor? Find(string name) => entries.TryGetValue(name, out var entry) ? entry.Value : null;

    /// <summary>Overwrites a value in place.</summary>
    /// <exception cref="ArgumentException">There is no such parameter, or the shape differs.</exception>
    public void Set(string name, Tensor value)
    {
        if (Find(name) is not { } target)
            throw new ArgumentException($"there is no parameter {name}");
        if (!target.shape.AsSpan().SequenceEqual(value.shape))
            throw new ArgumentException(
                $"{name} is [{string.Join(", ", target.shape)}], and the value given [{string.Join(", ", value.shape)}]"
            );
        using var gradients = no_grad();
        target.copy_(value);
    }

    /// <summary>Gives a value back, for which nobody will ask again.</summary>
    internal void Release(string name)
    {
        if (entries.Remove(name, out var entry))
            entry.Value.Dispose();
    }

    /// <summary>Moves everything. Optimizers that hold the parameters must be made afterwards.</summary>
    public void To(Device device)
    {
        foreach (var (name, (declared, value)) in entries.ToArray())
            entries[name] = (declared, Wrapped(declared, value, device));
        Device = device;
    }

    /// <exception cref="ArgumentException">It is missing or has another shape.</exception>
    internal void Require(Parameter parameter)
    {
        if (!entries.TryGetValue(parameter.Name, out var entry))
            throw new ArgumentException($"the parameters given lack {parameter.Name}");
        if (!entry.Declared.Dimensions.AsSpan().SequenceEqual(parameter.Dimensions.AsSpan()))
            throw new ArgumentException($"the parameters given have {entry.Declared}, and the graph wants {parameter}");
    }

    Tensor Laid(Tensor value)
    {
        if (Format == MemoryFormat.ChannelsFirst || value.dim() != 4)
            return value;
        using (value)
            return ChannelsLast.Of(value);
    }

    static Tensor Wrapped(Parameter declared, Tensor value, Device device)
    {
        using var gradients = no_grad();
        var moved =
            value.device_type == device.type
            && value.device_index == device.index
            && (value is TorchParameter || !declared.IsTrainable)
                ? value
            : declared.IsTrainable ? new TorchParameter(value.to(device, disposeAfter: true), requires_grad: true)
            : value.to(device, disposeAfter: true);
        return moved.DetachFromDisposeScope();
    }

    public void Dispose()
    {
        foreach (var (_, value) in entries.Values)
            value.Dispose();
    }
}
