using Mtlc.Compiler.Experiments;

namespace Mtlc.Runtime.Experiments;

/// <param name="Rung">From 0.</param>
/// <param name="Epochs">In all, after which the job ends.</param>
public sealed record HalvingJob(SweepPoint Point, int Rung, int Epochs);

/// <summary>What a job came to.</summary>
/// <param name="Merit">The metric, negated where lower is better; NaN where there is none; null where the job failed and says
/// nothing.</param>
public readonly record struct HalvingResult(double? Merit);

/// <summary>
/// ASHA (Li et al. 2020): a free worker trains the best point that may be promoted, from the highest rung down, or else begins
/// another. Which point a worker gets would depend on who ends first, and a sweep that was killed could end otherwise than one
/// that was not. So time is counted in multiply-adds instead of seconds: the choices depend on the scores and the number of
/// workers alone, and are made anew from what lies on the disk. </summary>
public sealed class HalvingSchedule(Halving halving, IReadOnlyList<SweepPoint> points, int workers)
{
    readonly PriorityQueue<HalvingJob, (double End, int Number)> running = new();
    readonly List<(SweepPoint Point, double Merit)>[] rungs = [.. halving.Rungs.Select(_ => new List<(SweepPoint, double)>())];
    readonly HashSet<HalvingJob> begun = [];
    double time;
    int next;

    /// <summary>Goes on as far as the results reach.</summary>
    /// <param name="result">null where a job has not ended.</param>
    /// <returns>Jobs that must run now, as many as there are workers at most; none where all is done.</returns>
    public IReadOnlyList<HalvingJob> Advance(Func<HalvingJob, HalvingResult?> result)
    {
        while (true)
        {
            while (running.Count < workers && Choose() is { } job)
            {
                begun.Add(job);
                running.Enqueue(job, (time + Work(job), job.Point.Number));
            }
            if (!running.TryPeek(out var first, out var place))
                return [];
            if (result(first) is not { } ended)
                return
                [
                    .. running.UnorderedItems.Select(r => r.Element).Where(j => result(j) is null).OrderBy(j => j.Point.Number),
                ];
            running.Dequeue();
            time = place.End;
            if (ended.Merit is { } merit)
                rungs[first.Rung].Add((first.Point, double.IsNaN(merit) ? double.NegativeInfinity : merit));
        }
    }

    /// <summary>The last job that a point was given.</summary>
    public HalvingJob Last(SweepPoint point) => begun.Where(j => j.Point == point).MaxBy(j => j.Rung)!;

    HalvingJob? Choose()
    {
        for (var rung = rungs.Length - 2; rung >= 0; rung--)
        {
            var best = rungs[rung]
                .OrderByDescending(p => p.Merit)
                .ThenBy(p => p.Point.Number)
                .Take(rungs[rung].Count / halving.Factor);
            foreach (var (point, _) in best.Where(p => double.IsFinite(p.Merit)))
            {
                if (Job(point, rung + 1) is var job && !begun.Contains(job))
                    return job;
            }
        }
        return next < points.Count ? Job(points[next++], 0) : null;
    }

    HalvingJob Job(SweepPoint point, int rung) => new(point, rung, halving.Rungs[rung]);

    double Work(HalvingJob job)
    {
        var (program, before) = (job.Point.Program, job.Rung > 0 ? halving.Rungs[job.Rung - 1] : 0);
        var crop = program.Data.Augment.Crop;
        return (double)program.Model.Training.MultiplyAdds(crop.Height, crop.Width) * (job.Epochs - before);
    }
}
