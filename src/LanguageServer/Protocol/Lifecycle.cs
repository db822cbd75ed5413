using System.Text.Json;

namespace Mtlc.LanguageServer.Protocol;

public sealed record InitializeParams(
    int? ProcessId,
    string? RootUri,
    string? RootPath,
    WorkspaceFolder[]? WorkspaceFolders,
    JsonElement? Capabilities,
    JsonElement? InitializationOptions
);

public sealed record WorkspaceFolder(string Uri, string Name);

public sealed record InitializeResult(ServerCapabilities Capabilities, ServerInfo ServerInfo);

public sealed record ServerInfo(string Name, string Version);

public sealed record ServerCapabilities
{
    public string PositionEncoding { get; init; } = "utf-16";
    public TextDocumentSyncOptions TextDocumentSync { get; init; } = new(true, 2, new(false));
    public bool HoverProvider { get; init; } = true;
    public CompletionOptions CompletionProvider { get; init; } = new([".", "/", ":", "\"", ">"]);
    public SignatureHelpOptions SignatureHelpProvider { get; init; } = new(["(", ","]);
    public bool DefinitionProvider { get; init; } = true;
    public bool ReferencesProvider { get; init; } = true;
    public bool DocumentHighlightProvider { get; init; } = true;
    public bool DocumentSymbolProvider { get; init; } = true;
    public bool WorkspaceSymbolProvider { get; init; } = true;
    public bool DocumentFormattingProvider { get; init; } = true;
    public bool FoldingRangeProvider { get; init; } = true;
    public bool InlayHintProvider { get; init; } = true;
    public CodeActionOptions CodeActionProvider { get; init; } = new(["quickfix", "refactor.extract"]);
    public RenameOptions RenameProvider { get; init; } = new(true);
    public ResolveOptions CodeLensProvider { get; init; } = new(false);
    public ResolveOptions DocumentLinkProvider { get; init; } = new(false);
    public required SemanticTokensOptions SemanticTokensProvider { get; init; }
    public required ExecuteCommandOptions ExecuteCommandProvider { get; init; }
}

public sealed record TextDocumentSyncOptions(bool OpenClose, int Change, SaveOptions Save);

public sealed record SaveOptions(bool IncludeText);

public sealed record CompletionOptions(string[] TriggerCharacters);

public sealed record SignatureHelpOptions(string[] TriggerCharacters);

public sealed record CodeActionOptions(string[] CodeActionKinds);

public sealed record RenameOptions(bool PrepareProvider);

public sealed record ResolveOptions(bool ResolveProvider);

public sealed record SemanticTokensOptions(SemanticTokensLegend Legend, bool Full);

public sealed record SemanticTokensLegend(string[] TokenTypes, string[] TokenModifiers);

public sealed record ExecuteCommandOptions(string[] Commands);

public sealed record DidOpenParams(TextDocumentItem TextDocument);

public sealed record DidChangeParams(VersionedTextDocumentIdentifier TextDocument, TextDocumentContentChange[] ContentChanges);

/// <param name="Range">null: the text is the whole document's.</param>
public sealed record TextDocumentContentChange(Range? Range, string Text);

public sealed record DidCloseParams(TextDocumentIdentifier TextDocument);

public sealed record DidChangeWatchedFilesParams(FileEvent[] Changes);

public sealed record FileEvent(string Uri, int Type);

public sealed record DidChangeWorkspaceFoldersParams(WorkspaceFoldersChange Event);

public sealed record WorkspaceFoldersChange(WorkspaceFolder[] Added, WorkspaceFolder[] Removed);

public sealed record RegistrationParams(Registration[] Registrations);

public sealed record Registration(string Id, string Method, object? RegisterOptions);

public sealed record DidChangeWatchedFilesOptions(FileSystemWatcher[] Watchers);

public sealed record FileSystemWatcher(string GlobPattern);

public sealed record ShowMessageParams(int Type, string Message);

public sealed record ExecuteCommandParams(string Command, JsonElement[]? Arguments);
