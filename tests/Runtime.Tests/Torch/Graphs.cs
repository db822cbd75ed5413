using System.Collections.Immutable;
using Mtlc.Compiler.Ir;

namespace Mtlc.Tests.Torch;

/// <summary>Builds graphs by hand.</summary>
sealed class Graphs
{
    readonly List<Node> nodes = [];
    readonly List<GraphOutput> outputs = [];

    public Node Image { get; }

    public Graphs() => Image = Add("image", new Compiler.Ops.Image());

    public Node Add(string name, Op op, params Node[] inputs)
    {
        ImmutableArray<TensorShape> shapes = [.. inputs.Select(i => i.Shape)];
        var shape = op.Infer(shapes, new Refusal()) ?? throw new InvalidOperationException(name);
        ImmutableArray<Parameter> parameters =
        [
            .. op.Parameters(shapes).Select(s => new Parameter(s.Name.Length == 0 ? name : $"{name}.{s.Name}", s)),
        ];
        var node = new Node(name, op, [.. inputs], parameters, shape, name.Split('.')[0], null);
        nodes.Add(node);
        return node;
    }

    /// <summary>The same operation with the very parameters of an earlier node.</summary>
    public Node Again(string name, Node earlier, Node input)
    {
        var shape = earlier.Op.Infer([input.Shape], new Refusal()) ?? throw new InvalidOperationException(name);
        var node = new Node(name, earlier.Op, [input], earlier.Parameters, shape, name.Split('.')[0], null);
        nodes.Add(node);
        return node;
    }

    public Graphs Predict(string name, string task, Node value, bool isFinal = true)
    {
        outputs.Add(new(name, task, value, isFinal));
        return this;
    }

    public Graph Build(string name = "net") => new(name, [.. nodes], [.. outputs]);

    sealed class Refusal : IShapeErrors
    {
        public TensorShape? ChannelsDiffer(int first, int second) => throw new InvalidOperationException("channels");

        public TensorShape? ResolutionsDiffer(int first, int second) => throw new InvalidOperationException("resolutions");

        public TensorShape? NotPlain(int operand) => throw new InvalidOperationException("a plain map");

        public TensorShape? Invalid(string message, string? help = null) => throw new InvalidOperationException(message);
    }
}
