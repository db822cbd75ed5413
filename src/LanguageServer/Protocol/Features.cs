using System.Text.Json.Serialization;

namespace Mtlc.LanguageServer.Protocol;

public sealed record DocumentParams(TextDocumentIdentifier TextDocument);

public sealed record PositionParams(TextDocumentIdentifier TextDocument, Position Position);

public sealed record RangeParams(TextDocumentIdentifier TextDocument, Range Range);

public sealed record ReferenceParams(TextDocumentIdentifier TextDocument, Position Position, ReferenceContext? Context);

public sealed record ReferenceContext(bool IncludeDeclaration);

public sealed record RenameParams(TextDocumentIdentifier TextDocument, Position Position, string NewName);

public sealed record PrepareRenameResult(Range Range, string Placeholder);

public sealed record Hover(MarkupContent Contents, Range Range);

public enum CompletionItemKind
{
    Text = 1,
    Method,
    Function,
    Constructor,
    Field,
    Variable,
    Class,
    Interface,
    Module,
    Property,
    Unit,
    Value,
    Enum,
    Keyword,
    Snippet,
    Color,
    File,
    Reference,
    Folder,
    EnumMember,
    Constant,
    Struct,
    Event,
    Operator,
    TypeParameter,
}

public sealed record CompletionItem(
    string Label,
    CompletionItemKind Kind,
    string? Detail = null,
    MarkupContent? Documentation = null,
    string? SortText = null,
    TextEdit? TextEdit = null
);

public sealed record CompletionList(bool IsIncomplete, CompletionItem[] Items);

public sealed record SignatureHelp(SignatureInformation[] Signatures, int ActiveSignature, int ActiveParameter);

public sealed record SignatureInformation(string Label, MarkupContent? Documentation, ParameterInformation[] Parameters);

/// <param name="Label">Start and end in the signature's label.</param>
public sealed record ParameterInformation(int[] Label);

public enum SymbolKind
{
    File = 1,
    Module,
    Namespace,
    Package,
    Class,
    Method,
    Property,
    Field,
    Constructor,
    Enum,
    Interface,
    Function,
    Variable,
    Constant,
    String,
    Number,
    Boolean,
    Array,
    Object,
    Key,
    Null,
    EnumMember,
    Struct,
    Event,
    Operator,
    TypeParameter,
}

public sealed record DocumentSymbol(
    string Name,
    string? Detail,
    SymbolKind Kind,
    Range Range,
    Range SelectionRange,
    DocumentSymbol[] Children
);

public sealed record WorkspaceSymbolParams(string Query);

public sealed record SymbolInformation(string Name, SymbolKind Kind, Location Location, string? ContainerName);

public sealed record DocumentHighlight(Range Range, int Kind);

public sealed record FoldingRange(int StartLine, int EndLine, string? Kind);

public sealed record SemanticTokensResult(int[] Data);

public sealed record InlayHint(Position Position, string Label, bool PaddingLeft, MarkupContent? Tooltip = null);

public sealed record CodeLens(Range Range, Command Command);

public sealed record DocumentLink(Range Range, string Target, string? Tooltip = null);

public sealed record CodeActionParams(TextDocumentIdentifier TextDocument, Range Range, CodeActionContext Context);

public sealed record CodeActionContext(CodeActionDiagnostic[]? Diagnostics, string[]? Only);

/// <summary>What of a diagnostic the client sends back matters here.</summary>
public sealed record CodeActionDiagnostic(Range Range, object? Code, string Message);

public sealed record CodeAction(
    string Title,
    string Kind,
    WorkspaceEdit Edit,
    bool? IsPreferred = null,
    [property: JsonPropertyName("diagnostics")] Diagnostic[]? Fixes = null
);

/// <summary>Of `mtlc/graph`, a request of this server's own.</summary>
/// <param name="Phase">"train", or "infer".</param>
public sealed record DrawingParams(TextDocumentIdentifier TextDocument, string? Phase);
