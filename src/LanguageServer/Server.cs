using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.VisualStudio.Threading;
using Mtlc.LanguageServer.Documents;
using Mtlc.LanguageServer.Features;
using Mtlc.LanguageServer.Protocol;
using StreamJsonRpc;

namespace Mtlc.LanguageServer;

/// <summary>
/// The methods of the protocol. Changes are made one after the other, as they come; a request takes the snapshot of that moment
/// and runs beside others. What a change has made stale is given up, with the error that the protocol has for it. </summary>
public sealed class Server : IDisposable
{
    readonly string version;
    readonly CancellationTokenSource closing = new();
    readonly Publisher publisher;
    Snapshot snapshot;
    CancellationTokenSource current = new();
    ImmutableHashSet<string> clientCommands = [];
    bool watches,
        isInitialized,
        isShutDown;

    Server(WorkspaceFiles files, string version)
    {
        this.version = version;
        snapshot = Snapshot.Empty(files, []);
        publisher = new(() => Volatile.Read(ref snapshot), closing.Token);
    }

    /// <summary>Serves until the client says `exit`, or is gone.</summary>
    /// <returns>0 after `shutdown`, else 1, as the protocol has it.</returns>
    public static async Task<int> RunAsync(Stream input, Stream output, WorkspaceFiles files, string version)
    {
        using var server = new Server(files, version);
        using var formatter = new SystemTextJsonFormatter();
        ProtocolJson.Configure(formatter.JsonSerializerOptions);
        using var handler = new HeaderDelimitedMessageHandler(output, input, formatter);
        using var rpc = new JsonRpc(handler)
        {
            // In the order of their coming, each up to its first wait.
            SynchronizationContext = new NonConcurrentSynchronizationContext(sticky: false),
            CancelLocallyInvokedMethodsWhenConnectionIsClosed = true,
        };
        rpc.AddLocalRpcTarget(server, new JsonRpcTargetOptions { AllowNonPublicInvocation = false, DisposeOnDisconnect = false });
        server.Rpc = rpc;
        server.publisher.Start(rpc);
        rpc.StartListening();
        try
        {
            await Task.WhenAny(rpc.Completion, server.Exited).ConfigureAwait(false);
        }
        finally
        {
            await server.closing.CancelAsync().ConfigureAwait(false);
        }
        return server.isShutDown ? 0 : 1;
    }

    JsonRpc Rpc { get; set; } = null!;

    readonly TaskCompletionSource exit = new(TaskCreationOptions.RunContinuationsAsynchronously);

    Task Exited => exit.Task;

    public void Dispose()
    {
        closing.Dispose();
        current.Dispose();
    }

    // ---- The life of the server -------------------------------------------------------------------------------------

    [JsonRpcMethod("initialize", UseSingleObjectParameterDeserialization = true)]
    public InitializeResult Initialize(InitializeParams asked)
    {
        var folders = asked.WorkspaceFolders?.Select(f => f.Uri).ToList() ?? [];
        if (folders.Count == 0 && (asked.RootUri ?? asked.RootPath) is { } root)
            folders.Add(root);
        snapshot = snapshot.In([.. folders.Select(Paths.OfUri)]);
        watches =
            asked.Capabilities is { } capabilities
            && Has(capabilities, "workspace", "didChangeWatchedFiles", "dynamicRegistration");
        if (
            asked.InitializationOptions is { ValueKind: JsonValueKind.Object } options
            && options.TryGetProperty("commands", out var commands)
            && commands.ValueKind == JsonValueKind.Array
        )
            clientCommands =
            [
                .. commands.EnumerateArray().Where(c => c.ValueKind == JsonValueKind.String).Select(c => c.GetString()!),
            ];
        isInitialized = true;
        var able = new ServerCapabilities
        {
            SemanticTokensProvider = new(new(SemanticTokens.Types, SemanticTokens.Modifiers), true),
            ExecuteCommandProvider = new(Commands.Names),
        };
        return new(able, new("mtlc", version));
    }

    [JsonRpcMethod("initialized", UseSingleObjectParameterDeserialization = true)]
    public async Task InitializedAsync(JsonElement? _ = null)
    {
        if (!watches)
            return;
        var options = new DidChangeWatchedFilesOptions([new("**/*.mtl")]);
        try
        {
            await Rpc.InvokeWithParameterObjectAsync<object?>(
                    "client/registerCapability",
                    new RegistrationParams([new("mtl-files", "workspace/didChangeWatchedFiles", options)])
                )
                .ConfigureAwait(false);
        }
        catch (RemoteRpcException)
        {
            // Files are looked at again with every change, only later.
        }
    }

    [JsonRpcMethod("shutdown")]
    public object? Shutdown()
    {
        isShutDown = true;
        return null;
    }

    [JsonRpcMethod("exit")]
    public void Exit() => exit.TrySetResult();

    [JsonRpcMethod("$/setTrace", UseSingleObjectParameterDeserialization = true)]
    public void SetTrace(JsonElement? _ = null) { }

    // ---- Changes ----------------------------------------------------------------------------------------------------

    [JsonRpcMethod("textDocument/didOpen", UseSingleObjectParameterDeserialization = true)]
    public void DidOpen(DidOpenParams opened) => Become(snapshot.With(Document.Of(opened.TextDocument)));

    [JsonRpcMethod("textDocument/didChange", UseSingleObjectParameterDeserialization = true)]
    public void DidChange(DidChangeParams changed)
    {
        if (snapshot.Documents.GetValueOrDefault(Paths.OfUri(changed.TextDocument.Uri)) is { } document)
            Become(snapshot.With(document.With(changed.TextDocument.Version, changed.ContentChanges)));
    }

    [JsonRpcMethod("textDocument/didClose", UseSingleObjectParameterDeserialization = true)]
    public void DidClose(DidCloseParams closed) => Become(snapshot.Without(Paths.OfUri(closed.TextDocument.Uri)));

    [JsonRpcMethod("textDocument/didSave", UseSingleObjectParameterDeserialization = true)]
    public void DidSave(JsonElement? _ = null) { }

    [JsonRpcMethod("workspace/didChangeWatchedFiles", UseSingleObjectParameterDeserialization = true)]
    public void DidChangeWatchedFiles(DidChangeWatchedFilesParams _) => Become(snapshot.Refreshed());

    [JsonRpcMethod("workspace/didChangeConfiguration", UseSingleObjectParameterDeserialization = true)]
    public void DidChangeConfiguration(JsonElement? _ = null) { }

    [JsonRpcMethod("workspace/didChangeWorkspaceFolders", UseSingleObjectParameterDeserialization = true)]
    public void DidChangeWorkspaceFolders(DidChangeWorkspaceFoldersParams changed)
    {
        var removed = changed.Event.Removed.Select(f => Paths.OfUri(f.Uri)).ToHashSet(StringComparer.Ordinal);
        Become(
            snapshot.In([
                .. snapshot.Folders.Where(f => !removed.Contains(f)),
                .. changed.Event.Added.Select(f => Paths.OfUri(f.Uri)),
            ])
        );
    }

    void Become(Snapshot next)
    {
        Volatile.Write(ref snapshot, next);
        var stale = Interlocked.Exchange(ref current, new CancellationTokenSource());
        stale.Cancel();
        publisher.Wake();
    }

    // ---- Reads ------------------------------------------------------------------------------------------------------

    [JsonRpcMethod("textDocument/hover", UseSingleObjectParameterDeserialization = true)]
    public Task<Hover?> Hover(PositionParams at, CancellationToken token) =>
        Read(at, (file, offset, _) => Hovering.At(file, offset), token);

    [JsonRpcMethod("textDocument/completion", UseSingleObjectParameterDeserialization = true)]
    public Task<CompletionList?> Complete(PositionParams at, CancellationToken token) =>
        Read(at, (file, offset, _) => Completion.At(file, offset), token);

    [JsonRpcMethod("textDocument/signatureHelp", UseSingleObjectParameterDeserialization = true)]
    public Task<SignatureHelp?> SignatureHelp(PositionParams at, CancellationToken token) =>
        Read(at, (file, offset, _) => SignatureHelping.At(file, offset), token);

    [JsonRpcMethod("textDocument/definition", UseSingleObjectParameterDeserialization = true)]
    public Task<Location[]?> Definition(PositionParams at, CancellationToken token) =>
        Read(at, (file, offset, _) => References.Definition(file, offset), token);

    [JsonRpcMethod("textDocument/references", UseSingleObjectParameterDeserialization = true)]
    public Task<Location[]?> FindReferences(ReferenceParams at, CancellationToken token) =>
        Read(
            new(at.TextDocument, at.Position),
            (file, offset, stop) => References.Of(file, offset, at.Context?.IncludeDeclaration != false, stop),
            token
        );

    [JsonRpcMethod("textDocument/documentHighlight", UseSingleObjectParameterDeserialization = true)]
    public Task<DocumentHighlight[]?> Highlight(PositionParams at, CancellationToken token) =>
        Read(at, (file, offset, _) => References.Highlights(file, offset), token);

    [JsonRpcMethod("textDocument/prepareRename", UseSingleObjectParameterDeserialization = true)]
    public Task<PrepareRenameResult?> PrepareRename(PositionParams at, CancellationToken token) =>
        Read(at, (file, offset, _) => Renaming.Prepare(file, offset), token);

    [JsonRpcMethod("textDocument/rename", UseSingleObjectParameterDeserialization = true)]
    public Task<WorkspaceEdit?> Rename(RenameParams at, CancellationToken token) =>
        Read(new(at.TextDocument, at.Position), (file, offset, stop) => Renaming.Edit(file, offset, at.NewName, stop), token);

    [JsonRpcMethod("textDocument/documentSymbol", UseSingleObjectParameterDeserialization = true)]
    public Task<DocumentSymbol[]?> DocumentSymbols(DocumentParams of, CancellationToken token) =>
        Read(of.TextDocument, (file, _) => Symbols.Outline(file.Tree), token);

    [JsonRpcMethod("workspace/symbol", UseSingleObjectParameterDeserialization = true)]
    public Task<SymbolInformation[]?> WorkspaceSymbols(WorkspaceSymbolParams asked, CancellationToken token) =>
        Read<SymbolInformation[]>((all, _) => Symbols.Search(all, asked.Query), token);

    [JsonRpcMethod("textDocument/foldingRange", UseSingleObjectParameterDeserialization = true)]
    public Task<FoldingRange[]?> Fold(DocumentParams of, CancellationToken token) =>
        Read(of.TextDocument, (file, _) => Folding.Of(file), token);

    [JsonRpcMethod("textDocument/semanticTokens/full", UseSingleObjectParameterDeserialization = true)]
    public Task<SemanticTokensResult?> Tokens(DocumentParams of, CancellationToken token) =>
        Read(of.TextDocument, (file, _) => SemanticTokens.Of(file), token);

    [JsonRpcMethod("textDocument/formatting", UseSingleObjectParameterDeserialization = true)]
    public Task<TextEdit[]?> Format(DocumentParams of, CancellationToken token) =>
        Read(of.TextDocument, (file, _) => Formatting.Of(file.Source), token);

    [JsonRpcMethod("textDocument/inlayHint", UseSingleObjectParameterDeserialization = true)]
    public Task<InlayHint[]?> Hints(RangeParams of, CancellationToken token) =>
        Read(of.TextDocument, (file, _) => InlayHints.Of(file, of.Range), token);

    [JsonRpcMethod("textDocument/codeLens", UseSingleObjectParameterDeserialization = true)]
    public Task<CodeLens[]?> Lenses(DocumentParams of, CancellationToken token) =>
        Read(of.TextDocument, (file, _) => CodeLenses.Of(file, clientCommands), token);

    [JsonRpcMethod("textDocument/documentLink", UseSingleObjectParameterDeserialization = true)]
    public Task<DocumentLink[]?> Links(DocumentParams of, CancellationToken token) =>
        Read(of.TextDocument, (file, _) => DocumentLinks.Of(file), token);

    [JsonRpcMethod("textDocument/codeAction", UseSingleObjectParameterDeserialization = true)]
    public Task<CodeAction[]?> Actions(CodeActionParams of, CancellationToken token) =>
        Read(
            of.TextDocument,
            (file, _) =>
                CodeActions
                    .Of(file, of.Range)
                    .Where(a =>
                        of.Context.Only is not { Length: > 0 } only
                        || only.Any(o => a.Kind == o || a.Kind.StartsWith(o + ".", StringComparison.Ordinal))
                    )
                    .ToArray(),
            token
        );

    [JsonRpcMethod("workspace/executeCommand", UseSingleObjectParameterDeserialization = true)]
    public async Task<string?> Execute(ExecuteCommandParams asked, CancellationToken token)
    {
        if (!Commands.Names.Contains(asked.Command) || asked.Arguments is not [{ ValueKind: JsonValueKind.String } uri, ..])
            throw new LocalRpcException($"there is no command '{asked.Command}' with these arguments")
            {
                ErrorCode = ErrorCodes.RequestFailed,
            };
        var message = await Read(
                new TextDocumentIdentifier(uri.GetString()!),
                (file, _) => Commands.Message(asked.Command, file),
                token
            )
            .ConfigureAwait(false);
        if (message is not null)
            await Rpc.NotifyWithParameterObjectAsync("window/showMessage", new ShowMessageParams(3, message))
                .ConfigureAwait(false);
        return message;
    }

    [JsonRpcMethod("mtlc/graph", UseSingleObjectParameterDeserialization = true)]
    public Task<string?> DrawAsJson(DrawingParams of, CancellationToken token) =>
        Read(of.TextDocument, (file, _) => Commands.Graph(file, of.Phase), token);

    Task<T?> Read<T>(PositionParams at, Func<Analysis, int, CancellationToken, T?> read, CancellationToken token)
        where T : class => Read(at.TextDocument, (file, stop) => read(file, file.Source.OffsetOf(at.Position), stop), token);

    Task<T?> Read<T>(TextDocumentIdentifier document, Func<Analysis, CancellationToken, T?> read, CancellationToken token)
        where T : class =>
        Read<T>((all, stop) => all.Analyse(Paths.OfUri(document.Uri)) is { } file ? read(file, stop) : null, token);

    /// <summary>Reads the texts of this moment, away from the line of changes.</summary>
    async Task<T?> Read<T>(Func<Snapshot, CancellationToken, T?> read, CancellationToken token)
        where T : class
    {
        if (!isInitialized || isShutDown)
            throw new LocalRpcException("the server is not initialized, or has been shut down")
            {
                ErrorCode = isShutDown ? ErrorCodes.InvalidRequest : ErrorCodes.ServerNotInitialized,
            };
        var (moment, stale) = (snapshot, current.Token);
        try
        {
            using var both = CancellationTokenSource.CreateLinkedTokenSource(token, stale);
            return await Task.Run(
                    () =>
                    {
                        both.Token.ThrowIfCancellationRequested();
                        var result = read(moment, both.Token);
                        both.Token.ThrowIfCancellationRequested();
                        return result;
                    },
                    both.Token
                )
                .ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stale.IsCancellationRequested && !token.IsCancellationRequested)
        {
            throw new LocalRpcException("the text has changed meanwhile") { ErrorCode = ErrorCodes.ContentModified };
        }
    }

    static bool Has(JsonElement element, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element))
                return false;
        }
        return element.ValueKind == JsonValueKind.True;
    }
}
