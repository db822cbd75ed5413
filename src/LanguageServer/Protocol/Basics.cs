using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mtlc.LanguageServer.Protocol;

// The Language Server Protocol, version 3.17, as far as this server speaks it. Property names become camelCase; what is null is
// left out.

/// <summary>0-based line and UTF-16 column.</summary>
public readonly record struct Position(int Line, int Character);

/// <summary>The end is exclusive.</summary>
public readonly record struct Range(Position Start, Position End);

public sealed record Location(string Uri, Range Range);

public sealed record TextEdit(Range Range, string NewText);

public sealed record WorkspaceEdit(IReadOnlyDictionary<string, TextEdit[]> Changes);

public sealed record TextDocumentIdentifier(string Uri);

public sealed record VersionedTextDocumentIdentifier(string Uri, int Version);

public sealed record TextDocumentItem(string Uri, string LanguageId, int Version, string Text);

/// <summary>"markdown" or "plaintext".</summary>
public sealed record MarkupContent(string Kind, string Value)
{
    public static MarkupContent Markdown(string text) => new("markdown", text);
}

/// <param name="Name">"CommandName" of the client's or of this server's.</param>
public sealed record Command(string Title, [property: JsonPropertyName("command")] string Name, object[]? Arguments = null);

public enum DiagnosticSeverity
{
    Error = 1,
    Warning,
    Information,
    Hint,
}

public enum DiagnosticTag
{
    Unnecessary = 1,
    Deprecated,
}

public sealed record Diagnostic(
    Range Range,
    DiagnosticSeverity Severity,
    string Code,
    string Source,
    string Message,
    CodeDescription? CodeDescription = null,
    DiagnosticTag[]? Tags = null,
    DiagnosticRelatedInformation[]? RelatedInformation = null
);

public sealed record CodeDescription(string Href);

public sealed record DiagnosticRelatedInformation(Location Location, string Message);

public sealed record PublishDiagnosticsParams(string Uri, int? Version, Diagnostic[] Diagnostics);

/// <summary>Codes of errors that the protocol names.</summary>
public static class ErrorCodes
{
    public const int RequestFailed = -32803;
    public const int ContentModified = -32801;
    public const int InvalidRequest = -32600;
    public const int ServerNotInitialized = -32002;
}

/// <summary>How messages are written.</summary>
public static class ProtocolJson
{
    public static void Configure(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        options.NumberHandling = JsonNumberHandling.Strict;
    }
}
