using static TorchSharp.torch;

namespace Mtlc.Runtime.Torch;

/// <summary>
/// Operations whose values are forgotten after the forward pass and computed again, from what they read, in the backward pass
/// (Chen et al. 2016, "Training deep nets with sublinear memory cost"). Weights are arguments like the values read, so that their
/// gradients come back as results: whoever asks for the gradients of one loss alone gets them, and nothing is added to others on
/// the way. </summary>
static class Recomputation
{
    /// <param name="operations">
    /// From values read to values that others read. The second argument tells whether it is the repetition, which must draw the
    /// same random numbers and leave running statistics alone. </param>
    /// <param name="weights">The trained parameters that the operations use.</param>
    /// <returns>In the caller's dispose scope.</returns>
    public static Tensor[] Run(Func<Tensor[], bool, Tensor[]> operations, Tensor[] inputs, Tensor[] weights)
    {
        if (!is_grad_enabled())
            return operations(inputs, false);
        var call = new Call(operations, weights);
        var results = Function.apply([call, .. inputs, .. weights]);
        call.Release();
        return [.. results];
    }

    sealed class Call(Func<Tensor[], bool, Tensor[]> operations, Tensor[] weights)
    {
        bool[] wanted = [];
        Tensor[] made = [];

        public List<Tensor> Forward(Tensor[] read)
        {
            wanted = Array.ConvertAll(read, x => x.requires_grad);
            made = operations(read, false);
            return [.. made];
        }

        public Tensor[] Inputs(object[] arguments) => [.. arguments[1..^weights.Length].Cast<Tensor>()];

        // What autograd gives to others are new objects around the same memory: these would hold it longer than it is needed.
        public void Release()
        {
            foreach (var value in made)
                value.Dispose();
            made = [];
        }

        /// <returns>One for each argument of the function; null where there is none.</returns>
        public List<Tensor?> Backward(List<Tensor> read, List<Tensor> gradients)
        {
            using var grad = enable_grad();
            Tensor[] leaves = [.. read.Select((x, i) => x.detach().requires_grad_(wanted[i]))];
            var values = operations(leaves, true);
            int[] reached =
            [
                .. Enumerable.Range(0, values.Length).Where(i => !gradients[i].IsInvalid && values[i].requires_grad),
            ];
            if (reached.Length == 0)
                return [.. new Tensor?[1 + read.Count + weights.Length]];
            var found = autograd.grad(
                [.. reached.Select(i => values[i])],
                [.. leaves.Where((_, i) => wanted[i]), .. weights],
                [.. reached.Select(i => gradients[i])],
                allow_unused: true
            );
            var next = 0;
            return
            [
                null,
                .. wanted.Select(w => w ? Defined(found[next++]) : null),
                .. weights.Select(_ => Defined(found[next++])),
            ];
        }

        static Tensor? Defined(Tensor? gradient) => gradient is null || gradient.IsInvalid ? null : gradient;
    }

    sealed class Function : autograd.MultiTensorFunction<Function>
    {
        // Read by the caller after this has returned, on a thread that may have no dispose scope.
        [ThreadStatic]
        static List<Tensor?>? returned;

        public override string Name => "Recomputed";

        public override List<Tensor> forward(autograd.AutogradContext context, params object[] arguments)
        {
            var call = (Call)arguments[0];
            var inputs = call.Inputs(arguments);
            context.set_materialize_grads(false);
            context.save_data("call", call);
            context.save_for_backward([.. inputs]);
            return call.Forward(inputs);
        }

        public override List<Tensor> backward(autograd.AutogradContext context, List<Tensor> gradients)
        {
            TorchRuntime.Start();
            returned?.ForEach(t => t?.Dispose());
            using var scope = NewDisposeScope();
            returned = ((Call)context.get_data("call")).Backward(context.get_saved_variables(), gradients);
            returned.ForEach(t => t?.MoveToOuterDisposeScope());
            foreach (var gradient in gradients.Where(g => !g.IsInvalid))
                gradient.Dispose();
            return returned!;
        }
    }
}
