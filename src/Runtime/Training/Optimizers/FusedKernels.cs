using TorchSharp;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Training.Optimizers;

/// <summary>
/// libtorch's fused updates, which TorchSharp does not offer, reached through TorchScript: one pass over all parameters instead
/// of a dozen small operations each. The text is constant, since a wrong script would end the process. </summary>
static class FusedKernels
{
    // A function that returns nothing cannot be invoked from TorchSharp; the first step or parameter serves as the result.
    const string Script = """
        def adam(params: List[Tensor], grads: List[Tensor], exp_avgs: List[Tensor], exp_avg_sqs: List[Tensor], steps: List[Tensor],
                 lr: float, beta1: float, beta2: float, weight_decay: float, eps: float):
            no_max: List[Tensor] = []
            torch._foreach_add_(steps, 1)
            torch._fused_adam_(params, grads, exp_avgs, exp_avg_sqs, no_max, steps, lr=lr, beta1=beta1, beta2=beta2,
                               weight_decay=weight_decay, eps=eps, amsgrad=False, maximize=False)
            return steps[0]

        def adamw(params: List[Tensor], grads: List[Tensor], exp_avgs: List[Tensor], exp_avg_sqs: List[Tensor], steps: List[Tensor],
                  lr: float, beta1: float, beta2: float, weight_decay: float, eps: float):
            no_max: List[Tensor] = []
            torch._foreach_add_(steps, 1)
            torch._fused_adamw_(params, grads, exp_avgs, exp_avg_sqs, no_max, steps, lr=lr, beta1=beta1, beta2=beta2,
                                weight_decay=weight_decay, eps=eps, amsgrad=False, maximize=False)
            return steps[0]

        def sgd_momentum(params: List[Tensor], grads: List[Tensor], buffers: List[Tensor],
                         lr: float, momentum: float, weight_decay: float, nesterov: bool):
            torch._fused_sgd_(params, grads, buffers, weight_decay=weight_decay, momentum=momentum, lr=lr, dampening=0.0,
                              nesterov=nesterov, maximize=False, is_first_step=False)
            return params[0]

        def sgd(params: List[Tensor], grads: List[Tensor], lr: float, weight_decay: float):
            no_buffers: List[Tensor] = []
            torch._fused_sgd_(params, grads, no_buffers, weight_decay=weight_decay, momentum=0.0, lr=lr, dampening=0.0,
                              nesterov=False, maximize=False, is_first_step=False)
            return params[0]

        def norm(grads: List[Tensor]):
            return torch.linalg_vector_norm(torch.stack(torch._foreach_norm(grads, 2)))

        def scale(grads: List[Tensor], factor: float):
            torch._foreach_mul_(grads, factor)
            return grads[0]

        """;

    static readonly Lazy<jit.CompilationUnit> Compiled = new(() => jit.compile(Script));

    /// <param name="arguments">Tensor arrays (none empty), numbers as double, truth values as bool.</param>
    /// <returns>The script's result, owned by the caller.</returns>
    public static Tensor Invoke(string function, params object[] arguments)
    {
        using var gradients = no_grad();
        var scalars = new List<Scalar>();
        try
        {
            for (var i = 0; i < arguments.Length; i++)
            {
                if (arguments[i] is not double number)
                    continue;
                scalars.Add(number.ToScalar());
                arguments[i] = scalars[^1];
            }
            return (Tensor)Compiled.Value.invoke(function, arguments);
        }
        finally
        {
            scalars.ForEach(s => s.Dispose());
        }
    }
}
