using Mtlc.Compiler.Ir;
using Mtlc.Runtime.Training.Balancing;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace Mtlc.Tests.Training.Balancing;

/// <summary>What the tests of balancing schemes are made of.</summary>
static class Balancers
{
    public static TheoryData<string> Schemes { get; } =
    ["fixed", "uncertainty", "dwa", "geometric", "random", "gradnorm", "pcgrad"];

    public static Parameter Vector(params float[] values) => new(tensor(values));

    public static BalancingContext At(long step, params Parameter[] parameters) => new(step, parameters);

    public static double[] Gradient(Parameter parameter) => TensorAssert.Values(parameter.grad!);

    public static LossBalancer Create(string scheme)
    {
        Objective classes = new Objective.Term(Loss.Of("cross_entropy"), "semseg", ["semseg"]);
        Objective depth = new Objective.Scaled(0.5, new Objective.Term(Loss.Of("l2"), "depth", ["depth"]));
        return LossBalancer.Create(
            scheme == "fixed"
                ? new Objective.Sum([classes, depth])
                : new Objective.Balanced(BalancingScheme.Of(scheme), [classes, depth]),
            seed: 3
        );
    }

    public static Tensor[] Losses(params float[] values) => [.. values.Select(v => tensor(v, requires_grad: true))];
}
