using System.Text;

namespace Mtlc.Dsl.Diagnostics;

/// <summary>`file(line,column): error CODE: message`, one a line, as MSBuild, Visual Studio and VS Code's problem matcher read
/// it.</summary>
static class MsBuildText
{
    public static string Of(IEnumerable<Diagnostic> diagnostics)
    {
        var text = new StringBuilder();
        foreach (var d in diagnostics)
        {
            var (line, column) = d.Span.Position;
            text.Append(VisibleText.Whole(d.Span.Source.Path)).Append('(').Append(line).Append(',').Append(column).Append("): ");
            text.Append(d.Severity == Severity.Error ? "error " : "warning ")
                .Append(d.Code)
                .Append(": ")
                .Append(VisibleText.Of(d.Message));
            if (d.Label is not null)
                text.Append("; ").Append(VisibleText.Of(d.Label));
            text.Append('\n');
        }
        return text.ToString();
    }
}
