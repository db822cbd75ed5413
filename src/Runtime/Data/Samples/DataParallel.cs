using System.Runtime.ExceptionServices;
using Mtlc.Runtime.Machine;

namespace Mtlc.Runtime.Data.Samples;

static class DataParallel
{
    /// <summary>
    /// Runs body(0) .. body(count - 1) on several threads. The first failure stops the rest and comes out as itself, not wrapped.
    /// </summary>
    /// <param name="workers">Threads; 0 for the number of cores.</param>
    public static void ForEach(int count, int workers, CancellationToken cancel, Action<int> body)
    {
        try
        {
            var options = new ParallelOptions
            {
                MaxDegreeOfParallelism = workers > 0 ? workers : MachineLimits.Current.Cores,
                CancellationToken = cancel,
            };
            Parallel.For(0, count, options, body);
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
    }
}
