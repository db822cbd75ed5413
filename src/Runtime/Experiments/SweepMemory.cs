using Mtlc.Compiler.Experiments;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Recipes;
using Mtlc.Runtime.Data.Samples;
using Mtlc.Runtime.Training;

namespace Mtlc.Runtime.Experiments;

/// <summary>Whether the points of a sweep fit into memory, so many at a time, told before the first of them runs.</summary>
/// <param name="memory">That all of them share; null where it is not known, and then everything fits.</param>
/// <param name="open">Gives a point's data, or null where they cannot be opened.</param>
public sealed class SweepMemory(DeviceMemory? memory, Func<SourceRecipe, IDataSource?> open)
{
    readonly Dictionary<SourceRecipe, ValidationPictures> known = [];

    /// <exception cref="NotEnoughMemoryException">A point does not fit, or not as many at a time.</exception>
    public void Require(IReadOnlyList<SweepPoint> points, int jobs)
    {
        if (memory is null)
            return;
        var checks = points
            .Select(p => (Point: p, Check: MemoryCheck.Of(p.Program, memory, Pictures(p.Program.Data.Source))))
            .ToList();
        var misfits = checks.FindAll(c => !c.Check.Fits);
        if (misfits is [var first, ..])
        {
            try
            {
                first.Check.Require(null);
            }
            catch (NotEnoughMemoryException e)
            {
                var others =
                    misfits.Count > 1
                        ? $"; nor do points {string.Join(", ", misfits.Skip(1).Select(m => m.Point.Number))} fit"
                        : "";
                throw new NotEnoughMemoryException(
                    $"point {first.Point.Number} ({first.Point.Label}): {e.Message}{others}",
                    e.Help
                );
            }
        }
        // The worst that can meet: the largest ones.
        var largest = checks.Select(c => c.Check.Plan.RunPeak).OrderDescending().ToList();
        if (largest.Take(jobs).Sum() > memory.Bytes)
        {
            var fit = Enumerable.Range(1, jobs).Last(n => largest.Take(n).Sum() <= memory.Bytes);
            throw new NotEnoughMemoryException(
                $"{jobs} points at a time would take up to {Amount.Bytes(largest.Take(jobs).Sum())}, and "
                    + $"{Amount.Bytes(memory.Bytes)} may be used ({memory.SetBy})",
                $"--jobs {fit} fits; --no-memory-check trains all the same"
            );
        }
    }

    ValidationPictures Pictures(SourceRecipe source)
    {
        if (!known.TryGetValue(source, out var pictures))
            known[source] = pictures = ValidationPictures.Of(source, open(source));
        return pictures;
    }
}
