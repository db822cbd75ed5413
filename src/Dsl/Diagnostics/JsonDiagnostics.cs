using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Mtlc.Dsl.Text;

namespace Mtlc.Dsl.Diagnostics;

/// <summary>
/// An array of objects with code, severity, message, file, line, column, endLine, endColumn, label, notes and help. Lines and
/// columns are 1-based, the end is exclusive, columns count UTF-16 units. A note has a message and, where it speaks of a place,
/// the place. </summary>
static class JsonDiagnostics
{
    public static string Of(IEnumerable<Diagnostic> diagnostics)
    {
        using var stream = new MemoryStream();
        using (
            var json = new Utf8JsonWriter(
                stream,
                new()
                {
                    Indented = true,
                    NewLine = "\n",
                    Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
                }
            )
        )
        {
            json.WriteStartArray();
            foreach (var diagnostic in diagnostics)
                Write(json, diagnostic);
            json.WriteEndArray();
        }
        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }

    static void Write(Utf8JsonWriter json, Diagnostic diagnostic)
    {
        json.WriteStartObject();
        json.WriteString("code", diagnostic.Code);
        json.WriteString("severity", diagnostic.Severity == Severity.Error ? "error" : "warning");
        json.WriteString("message", VisibleText.Of(diagnostic.Message));
        Write(json, diagnostic.Span);
        WriteOptional(json, "label", diagnostic.Label);
        json.WriteStartArray("notes");
        foreach (var note in diagnostic.Notes)
        {
            json.WriteStartObject();
            json.WriteString("message", VisibleText.Of(note.Message));
            if (note.Span is { } span)
                Write(json, span);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        WriteOptional(json, "help", diagnostic.Help);
        json.WriteEndObject();
    }

    static void Write(Utf8JsonWriter json, SourceSpan span)
    {
        var end = span.Source.Position(span.End);
        json.WriteString("file", VisibleText.Whole(span.Source.Path));
        json.WriteNumber("line", span.Position.Line);
        json.WriteNumber("column", span.Position.Column);
        json.WriteNumber("endLine", end.Line);
        json.WriteNumber("endColumn", end.Column);
    }

    static void WriteOptional(Utf8JsonWriter json, string name, string? text)
    {
        if (text is null)
            json.WriteNull(name);
        else
            json.WriteString(name, VisibleText.Of(text));
    }
}
