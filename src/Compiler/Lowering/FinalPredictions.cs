using Mtlc.Compiler.Binding;
using Mtlc.Dsl.Diagnostics;

namespace Mtlc.Compiler.Lowering;

/// <summary>
/// Which decoder makes each task's scored prediction: the one from which no other decoder of the task can be reached, through
/// attention and other tasks too. The others are deep supervision.
/// </summary>
static class FinalPredictions
{
    public static IReadOnlyDictionary<string, StatementSymbol> Of(ModelSymbol model, DiagnosticBag diagnostics)
    {
        var finals = new Dictionary<string, StatementSymbol>(StringComparer.Ordinal);
        foreach (var task in model.Tasks.Keys)
        {
            var decoders = model.Decoders.Where(d => d.Syntax.Tasks.Any(t => t.Text == task)).Select(d => d.Statement).ToList();
            var read = decoders.Count > 1 ? ReadBy(decoders, model) : [];
            var last = decoders.Where(d => !read.Contains(d)).ToList();
            if (last.Count > 1)
                diagnostics.TwoFinalPredictions(last[1].Name.Span, task, last[0].Name.Text, last[1].Name.Text, last[0].Name.Span);
            if (last.Count > 0)
                finals[task] = last[0];
        }
        return finals;
    }

    /// <summary>Every statement that one of these reads, directly or not.</summary>
    static HashSet<StatementSymbol> ReadBy(IEnumerable<StatementSymbol> decoders, ModelSymbol model)
    {
        var read = new HashSet<StatementSymbol>();
        var open = new Stack<StatementSymbol>(decoders);
        while (open.TryPop(out var statement))
        {
            foreach (var (name, _) in statement.Reads)
            {
                if (model.Statements.TryGetValue(name, out var source) && read.Add(source))
                    open.Push(source);
            }
        }
        return read;
    }
}
