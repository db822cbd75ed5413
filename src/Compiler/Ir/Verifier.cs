namespace Mtlc.Compiler.Ir;

/// <summary>What every graph satisfies: the specification of a graph, checked after lowering and after each pass.</summary>
public static class Verifier
{
    /// <exception cref="InvalidGraphException">A fault of the compiler, never of the user's program.</exception>
    public static void Check(Graph graph, string after)
    {
        var seen = new HashSet<Node>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        var parameters = new Dictionary<string, Parameter>(StringComparer.Ordinal);
        foreach (var node in graph.Nodes)
        {
            Require(node.Name.Length > 0 && names.Add(node.Name), $"two nodes are called '{node.Name}'");
            foreach (var input in node.Inputs)
                Require(seen.Contains(input), $"'{node.Name}' reads '{input.Name}' before it is made");
            Require(
                node.Op.Casts is not null
                    || node.Inputs.Where((_, i) => node.Op.ReadsValues(i)).All(i => i.Precision == node.Precision),
                $"'{node.Name}' mixes number formats"
            );
            var shapes = node.InputShapes;
            Require(shapes.Index().All(s => node.Op.Takes(s.Index, s.Item)), $"'{node.Name}' needs plain maps");
            Require(node.Op.Infer(shapes, NoErrors.Instance) == node.Shape, $"'{node.Name}' is not {node.Shape}");
            var specs = node.Op.Parameters(shapes);
            Require(
                specs.Length == node.Parameters.Length,
                $"'{node.Name}' has {node.Parameters.Length} parameters and needs {specs.Length}"
            );
            for (var i = 0; i < specs.Length; i++)
            {
                var parameter = node.Parameters[i];
                Require(
                    parameter.Dimensions.AsSpan().SequenceEqual(specs[i].Dimensions.AsSpan()),
                    $"'{parameter}' does not fit '{node.Name}'"
                );
                if (!parameters.TryAdd(parameter.Name, parameter))
                    Require(parameters[parameter.Name] == parameter, $"two parameters are called '{parameter.Name}'");
            }
            Require(seen.Add(node), $"'{node.Name}' stands there twice");
        }
        Require(graph.Outputs.Length > 0, "there is no output");
        var outputs = new HashSet<string>(StringComparer.Ordinal);
        foreach (var output in graph.Outputs)
        {
            Require(outputs.Add(output.Name), $"two outputs are called '{output.Name}'");
            Require(seen.Contains(output.Value), $"the output '{output.Name}' is not in the graph");
            Require(output.Value.Precision == Precision.Float32, $"the output '{output.Name}' is {output.Value.Precision}");
            Require(
                output.Value.Shape.SameResolution(TensorShape.Input(1)),
                $"the output '{output.Name}' is {output.Value.Shape}"
            );
        }

        void Require(bool holds, string message)
        {
            if (!holds)
                throw new InvalidGraphException($"graph '{graph.Name}' after {after}: {message}");
        }
    }

    internal sealed class NoErrors : IShapeErrors
    {
        public static readonly NoErrors Instance = new();

        public TensorShape? ChannelsDiffer(int first, int second) => null;

        public TensorShape? ResolutionsDiffer(int first, int second) => null;

        public TensorShape? NotPlain(int operand) => null;

        public TensorShape? Invalid(string message, string? help = null) => null;
    }
}

/// <summary>The compiler broke one of its own rules.</summary>
public sealed class InvalidGraphException(string message) : Exception(message);
