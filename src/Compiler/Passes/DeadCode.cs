using Mtlc.Compiler.Ir;

namespace Mtlc.Compiler.Passes;

// node that no output needs
//   ====>  nothing
// Heads that only training needs vanish from inference; features that attention reads stay.
public static class DeadCode
{
    public static Graph Remove(Graph graph)
    {
        var needed = new HashSet<Node>(graph.Outputs.Select(o => o.Value));
        foreach (var node in graph.Nodes.Reverse())
        {
            if (needed.Contains(node))
                needed.UnionWith(node.Inputs);
        }
        return graph.With([.. graph.Nodes.Where(needed.Contains)], graph.Outputs);
    }
}
