using System.Collections.Immutable;
using Mtlc.LanguageServer.Documents;
using Mtlc.LanguageServer.Features;
using Mtlc.LanguageServer.Protocol;
using StreamJsonRpc;
using Found = Mtlc.Dsl.Diagnostics.Diagnostic;

namespace Mtlc.LanguageServer;

/// <summary>
/// Tells the client what is wrong, after every change: one at a time, always of the newest texts. What has become stale while it
/// was being found is not told; the next round has begun then. </summary>
sealed class Publisher(Func<Snapshot> snapshot, CancellationToken closing)
{
    readonly SemaphoreSlim changed = new(0, 1);

    // What the client was told last, by path.
    ImmutableDictionary<string, (string Uri, ImmutableArray<Found> Found)> told = ImmutableDictionary.Create<
        string,
        (string, ImmutableArray<Found>)
    >(StringComparer.Ordinal);

    public void Start(JsonRpc rpc) => _ = Task.Run(() => RunAsync(rpc), CancellationToken.None);

    public void Wake()
    {
        lock (changed)
        {
            if (changed.CurrentCount == 0)
                changed.Release();
        }
    }

    async Task RunAsync(JsonRpc rpc)
    {
        try
        {
            while (true)
            {
                await changed.WaitAsync(closing).ConfigureAwait(false);
                var moment = snapshot();
                var found = Diagnostics.Of(moment, closing);
                if (snapshot() == moment)
                    await PublishAsync(rpc, moment, found).ConfigureAwait(false);
            }
        }
        catch (Exception exception)
            when (exception is OperationCanceledException or ObjectDisposedException or ConnectionLostException)
        {
            // The client is gone.
        }
    }

    async Task PublishAsync(JsonRpc rpc, Snapshot moment, ImmutableDictionary<string, ImmutableArray<Found>> found)
    {
        foreach (var (path, diagnostics) in found.OrderBy(f => f.Key, StringComparer.Ordinal))
        {
            var document = moment.Documents.GetValueOrDefault(path);
            var uri = document?.Uri ?? Paths.ToUri(path);
            if (document is null && diagnostics.IsEmpty && !told.ContainsKey(path))
                continue;
            await TellAsync(rpc, uri, document?.Version, diagnostics, moment).ConfigureAwait(false);
            told = told.SetItem(path, (uri, diagnostics));
        }
        foreach (var (path, (uri, _)) in told.Where(t => !found.ContainsKey(t.Key)))
        {
            await TellAsync(rpc, uri, null, [], moment).ConfigureAwait(false);
            told = told.Remove(path);
        }
    }

    static Task TellAsync(JsonRpc rpc, string uri, int? version, ImmutableArray<Found> diagnostics, Snapshot moment) =>
        rpc.NotifyWithParameterObjectAsync(
            "textDocument/publishDiagnostics",
            new PublishDiagnosticsParams(
                uri,
                version,
                [.. diagnostics.Select(d => Diagnostics.ToProtocol(d, span => References.Place(moment, Spot.Of(span))))]
            )
        );
}
