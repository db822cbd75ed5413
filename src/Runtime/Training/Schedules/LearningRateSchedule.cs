using Mtlc.Compiler.Recipes;

namespace Mtlc.Runtime.Training.Schedules;

/// <summary>Where training stands: everything a schedule depends on, so that resuming needs nothing else.</summary>
/// <param name="Step">Optimizer steps already taken.</param>
/// <param name="StepsPerEpoch">Optimizer steps of an epoch, positive.</param>
/// <param name="Epochs">Epochs of the whole training, positive.</param>
public readonly record struct SchedulePosition(long Step, long StepsPerEpoch, int Epochs)
{
    /// <summary>Epochs finished: whole ones, or with their fraction.</summary>
    public double Epoch(SchedulePeriod per) => per == SchedulePeriod.Epoch ? Step / StepsPerEpoch : (double)Step / StepsPerEpoch;
}

/// <summary>
/// What the learning rate is multiplied by, as a pure function of the position. Unlike the scheduler objects of PyTorch, which
/// count their calls and must be saved, nothing here has state. </summary>
public static class LearningRateSchedule
{
    // The course's template floors its polynomial here.
    const double SmallestPoly = 1e-6;

    /// <returns>The factor of the optimizer's learning rate for the next step.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The step is negative, or the run has no steps.</exception>
    public static double Factor(ScheduleRecipe schedule, SchedulePosition at)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(at.Step);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(at.StepsPerEpoch);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(at.Epochs);
        var factor = schedule switch
        {
            // DeepLab (Chen et al. 2017)
            PolyRecipe poly => Math.Max(SmallestPoly, Math.Pow(1 - Progress(at, poly.Per), poly.Power)),
            StepRecipe step => Math.Pow(step.Gamma, Math.Floor(at.Epoch(SchedulePeriod.Epoch) / step.Every)),
            // SGDR (Loshchilov and Hutter 2017), without restarts
            CosineRecipe cosine => cosine.Minimum + (1 - cosine.Minimum) * (1 + Math.Cos(Math.PI * Progress(at, cosine.Per))) / 2,
            ConstantRecipe => 1,
            _ => throw new ArgumentException($"there is no schedule for {schedule.GetType().Name}", nameof(schedule)),
        };
        return factor * WarmUp(schedule.Warmup, at);
    }

    static double Progress(SchedulePosition at, SchedulePeriod per) => Math.Min(1, at.Epoch(per) / at.Epochs);

    // Gradual warm-up (Goyal et al. 2017): the ramp multiplies the schedule, which runs meanwhile. The first step is not wasted
    // on a factor of 0: over w steps the factors are 1/w, 2/w, ..., 1.
    static double WarmUp(double epochs, SchedulePosition at) =>
        epochs <= 0 ? 1 : Math.Min(1, (at.Step + 1) / (epochs * at.StepsPerEpoch));
}
