using Mtlc.Compiler.Recipes;
using Mtlc.Runtime.Training.Schedules;

namespace Mtlc.Tests.Training.Schedules;

public sealed class ScheduleTests
{
    static double At(ScheduleRecipe schedule, long step, long stepsPerEpoch = 100, int epochs = 16) =>
        LearningRateSchedule.Factor(schedule, new(step, stepsPerEpoch, epochs));

    [Fact]
    public void Poly_is_the_references_and_holds_still_within_an_epoch()
    {
        foreach (var row in Reference.At("poly_lr").EnumerateArray())
        {
            var (epoch, epochs) = (row.GetProperty("epoch").GetInt32(), row.GetProperty("epochs").GetInt32());
            var (power, factor) = (row.GetProperty("power").GetDouble(), row.GetProperty("factor").GetDouble());
            Assert.Equal(factor, At(new PolyRecipe(power), epoch * 100, 100, epochs), 5e-10);
            Assert.Equal(factor, At(new PolyRecipe(power), epoch * 100 + 99, 100, epochs), 5e-10);
        }
    }

    [Fact]
    public void Poly_per_step_falls_at_every_step()
    {
        var poly = new PolyRecipe(0.9, SchedulePeriod.Step);
        Assert.Equal(Math.Pow(1 - 150.0 / 1600, 0.9), At(poly, 150), 12);
        Assert.True(At(poly, 151) < At(poly, 150));
    }

    [Fact]
    public void Steps_drop_by_gamma_after_every_so_many_epochs()
    {
        var step = new StepRecipe(Every: 5, Gamma: 0.1);
        Assert.Equal(1, At(step, 499), 12);
        Assert.Equal(0.1, At(step, 500), 12);
        Assert.Equal(0.001, At(step, 1599), 12);
    }

    [Fact]
    public void Cosine_runs_from_one_to_its_minimum_and_stays_there()
    {
        var cosine = new CosineRecipe(Minimum: 0.2);
        Assert.Equal(1, At(cosine, 0), 12);
        Assert.Equal(0.6, At(cosine, 800), 12);
        Assert.Equal(0.2, At(cosine, 1600), 12);
        Assert.Equal(0.2, At(cosine, 5000), 12);
        Assert.Equal(
            At(new CosineRecipe(0.2, SchedulePeriod.Epoch), 100),
            At(new CosineRecipe(0.2, SchedulePeriod.Epoch), 199),
            12
        );
    }

    [Fact]
    public void Warm_up_rises_linearly_to_the_schedule_and_no_step_is_lost()
    {
        var constant = new ConstantRecipe(Warmup: 0.5);
        Assert.Equal(1.0 / 50, At(constant, 0), 12);
        Assert.Equal(0.5, At(constant, 24), 12);
        Assert.Equal(1, At(constant, 49), 12);
        Assert.Equal(1, At(constant, 1000), 12);
        Assert.Equal(At(new PolyRecipe(), 150) / 2, At(new PolyRecipe(Warmup: 3.02), 150), 12);
    }

    [Fact]
    public void A_run_without_steps_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => At(new ConstantRecipe(), 0, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => At(new ConstantRecipe(), -1));
    }
}
