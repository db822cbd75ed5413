namespace Mtlc.Runtime.Data.Loading;

/// <summary>Computes the items of a sequence in parallel, ahead of whoever reads them, and hands them out in order.</summary>
static class ReadAhead
{
    /// <param name="keys">What to compute, enumerated no further ahead than <paramref name="ahead"/>.</param>
    /// <param name="workers">How many are computed at a time.</param>
    /// <param name="ahead">How many may be computed or waiting to be read: the bound on memory.</param>
    public static IEnumerable<TResult> Run<TKey, TResult>(
        IEnumerable<TKey> keys,
        Func<TKey, TResult> compute,
        int workers,
        long ahead
    )
    {
        using var slots = new SemaphoreSlim(workers);
        using var source = keys.GetEnumerator();
        var waiting = new Queue<Task<TResult>>();
        void Fill()
        {
            while (waiting.Count < ahead && source.MoveNext())
            {
                var key = source.Current;
                waiting.Enqueue(
                    Task.Run(async () =>
                    {
                        await slots.WaitAsync().ConfigureAwait(false);
                        try
                        {
                            return compute(key);
                        }
                        finally
                        {
                            slots.Release();
                        }
                    })
                );
            }
        }
        try
        {
            for (Fill(); waiting.Count > 0; Fill())
                yield return waiting.Dequeue().GetAwaiter().GetResult();
        }
        finally
        {
            // A reader that leaves early must not have the semaphore pulled from under those still computing.
            Task.WhenAll(waiting).ContinueWith(_ => { }, TaskScheduler.Default).Wait();
        }
    }
}
