using System.Text;

namespace Mtlc.Runtime.Reports.Page;

/// <summary>
/// Text that grows into a page. There is no template engine, on purpose: of the thousand lines of this room nine in ten choose
/// what is shown (rows, columns, notes, the paths of curves), every table goes through <see cref="Table"/>, and the one frame
/// is a raw string. Templates of Fluid or Scriban would need a record of their own for each section, name its members in a
/// language that no compiler checks, and bring a parser into every program. </summary>
sealed class Html
{
    readonly StringBuilder text = new();

    public static string Escape(string text) =>
        text.Replace("&", "&amp;", StringComparison.Ordinal)
            .Replace("<", "&lt;", StringComparison.Ordinal)
            .Replace(">", "&gt;", StringComparison.Ordinal)
            .Replace("\"", "&quot;", StringComparison.Ordinal);

    /// <summary>Markup as it is.</summary>
    public Html Raw(string markup)
    {
        text.Append(markup).Append('\n');
        return this;
    }

    /// <summary>An element with plain text inside.</summary>
    /// <param name="attributes">` class="x"`, escaped already.</param>
    public Html Element(string name, string content, string attributes = "") =>
        Raw($"<{name}{(attributes.Length > 0 ? " " + attributes : "")}>{Escape(content)}</{name}>");

    /// <summary>A table that scrolls sideways on a narrow screen.</summary>
    public Html Table(
        string caption,
        IEnumerable<string> head,
        IEnumerable<(string Row, IEnumerable<string> Cells)> rows,
        string attributes = ""
    )
    {
        Raw(
            $"<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
                + $"aria-label=\"{Escape(caption)}\"><table{(attributes.Length > 0 ? " " + attributes : "")}>"
        );
        Raw($"<caption><span>{Escape(caption)}</span></caption>");
        Raw($"<thead><tr>{string.Concat(head.Select(h => $"<th scope=\"col\">{h}</th>"))}</tr></thead><tbody>");
        foreach (var (row, cells) in rows)
            Raw($"<tr><th scope=\"row\">{row}</th>{string.Concat(cells)}</tr>");
        return Raw("</tbody></table></div>");
    }

    public override string ToString() => text.ToString();
}
