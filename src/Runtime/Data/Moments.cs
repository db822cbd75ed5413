namespace Mtlc.Runtime.Data;

/// <summary>Count, mean and sum of squared deviations of many numbers, without the cancellation of "sum of squares minus square of sum".</summary>
internal struct Moments
{
    long count;
    double mean, squares;

    public readonly long Count => count;

    public readonly double Mean => mean;

    /// <summary>Standard deviation of all numbers (divided by their count).</summary>
    public readonly double Deviation => count == 0 ? 0 : Math.Sqrt(squares / count);

    /// <summary>One more number (Welford 1962).</summary>
    public void Add(double value)
    {
        count++;
        var delta = value - mean;
        mean += delta / count;
        squares += delta * (value - mean);
    }

    /// <summary>All numbers of another set (Chan, Golub and LeVeque 1979).</summary>
    public void Add(in Moments other)
    {
        if (other.count == 0) return;
        var total = count + other.count;
        var delta = other.mean - mean;
        squares += other.squares + delta * delta * count / total * other.count;
        mean += delta * other.count / total;
        count = total;
    }
}
