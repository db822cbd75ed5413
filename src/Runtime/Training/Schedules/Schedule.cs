namespace Mtlc.Runtime.Training.Schedules;

/// <summary>Whether a schedule moves after every epoch or after every optimizer step.</summary>
public enum ScheduleStep { Epoch, Iteration }

/// <summary>Where training stands: everything a schedule depends on, so that resuming needs nothing else.</summary>
/// <param name="Iteration">Optimizer steps already taken.</param>
/// <param name="IterationsPerEpoch">Optimizer steps of an epoch, positive.</param>
/// <param name="Epochs">Epochs of the whole training, positive.</param>
public readonly record struct SchedulePosition(long Iteration, long IterationsPerEpoch, int Epochs)
{
    /// <summary>Epochs finished: whole ones, or with their fraction.</summary>
    public double Epoch(ScheduleStep step) => step == ScheduleStep.Epoch
        ? Iteration / IterationsPerEpoch
        : (double)Iteration / IterationsPerEpoch;
}

/// <summary>
/// What the learning rate is multiplied by, as a pure function of the position. Unlike the scheduler objects of PyTorch, which count calls
/// and must be saved, there is no state.
/// </summary>
public abstract record Schedule
{
    /// <summary>Always 1.</summary>
    public sealed record Constant : Schedule;

    /// <summary>(1 - epoch / epochs)^power, at least 1e-6 (DeepLab, Chen et al. 2017; the report steps it per epoch, power 0.9).</summary>
    public sealed record Poly(double Power = 0.9, ScheduleStep Step = ScheduleStep.Epoch) : Schedule;

    /// <summary>gamma^floor(epoch / every): drops by a factor each so many epochs.</summary>
    public sealed record Stairs(int Every, double Gamma = 0.1) : Schedule;

    /// <summary>From 1 to <c>Floor</c> along half a cosine (SGDR without restarts, Loshchilov and Hutter 2017).</summary>
    public sealed record Cosine(double Floor = 0, ScheduleStep Step = ScheduleStep.Iteration) : Schedule;

    /// <summary>
    /// The inner schedule, times a ramp that grows linearly from <c>From</c> at the first iteration to 1 after <c>Iterations</c>
    /// (Goyal et al. 2017). The inner schedule runs meanwhile: it is not shifted.
    /// </summary>
    public sealed record WarmUp(Schedule Inner, long Iterations, double From = 0.001) : Schedule;

    const double Smallest = 1e-6;

    /// <returns>The factor of the learning rate for the next optimizer step.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The position or a setting is out of range.</exception>
    public double Factor(SchedulePosition at)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(at.Iteration);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(at.IterationsPerEpoch);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(at.Epochs);
        return this switch
        {
            Poly poly => Math.Max(Smallest, Math.Pow(1 - Progress(at, poly.Step), poly.Power)),
            Stairs { Every: > 0 } stairs => Math.Pow(stairs.Gamma, Math.Floor(at.Epoch(ScheduleStep.Epoch) / stairs.Every)),
            Stairs stairs => throw new ArgumentOutOfRangeException(nameof(at), $"a step schedule drops every 1 epoch or more, not {stairs.Every}"),
            Cosine cosine => cosine.Floor + (1 - cosine.Floor) * (1 + Math.Cos(Math.PI * Progress(at, cosine.Step))) / 2,
            WarmUp warmUp => warmUp.Inner.Factor(at) * Ramp(warmUp, at.Iteration),
            _ => 1,
        };
    }

    static double Progress(SchedulePosition at, ScheduleStep step) => Math.Min(1, at.Epoch(step) / at.Epochs);

    static double Ramp(WarmUp warmUp, long iteration) => iteration >= warmUp.Iterations
        ? 1
        : warmUp.From + (1 - warmUp.From) * iteration / warmUp.Iterations;
}
