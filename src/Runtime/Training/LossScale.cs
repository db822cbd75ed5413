namespace Mtlc.Runtime.Training;

/// <summary>
/// Dynamic loss scaling (Micikevicius et al. 2018), by the numbers of PyTorch's GradScaler: gradients of a loss multiplied by the
/// scale, so that small ones are not lost in fp16; the scale is halved where they overflow, and that step skipped, and doubled
/// after 2000 good steps in a row. </summary>
public sealed class LossScale(double value = LossScale.Start, long good = 0)
{
    public const double Start = 65_536,
        Floor = 1;
    public const int GrowthInterval = 2000;

    public double Value { get; private set; } = value;

    /// <summary>Good steps since it last changed.</summary>
    public long Good { get; private set; } = good;

    /// <summary>What a step has shown.</summary>
    /// <returns>Whether the scale had room to fall: an overflow says nothing about the training then.</returns>
    public bool Update(bool overflowed)
    {
        if (!overflowed)
        {
            if (++Good == GrowthInterval)
                (Value, Good) = (2 * Value, 0);
            return false;
        }
        var fell = Value > Floor;
        (Value, Good) = (Math.Max(Floor, Value / 2), 0);
        return fell;
    }
}
