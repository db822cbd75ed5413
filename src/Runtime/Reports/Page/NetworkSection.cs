using System.Globalization;
using System.Text;
using Mtlc.Compiler;
using Mtlc.Compiler.Views;
using Mtlc.Runtime.Reports.Runs;

namespace Mtlc.Runtime.Reports.Page;

/// <summary>Each different network once: its drawing, what its declarations cost, its source.</summary>
static class NetworkSection
{
    public static string Write(IReadOnlyList<StoredRun> runs)
    {
        var page = new Html();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        // Compiling hundreds of runs of one program again would tell nothing new.
        foreach (var run in runs.DistinctBy(StoredProgram.ModelKey))
        {
            if (StoredProgram.Compile(run) is { } program && seen.Add(TextDump.Write(program.Model.Training)))
                Network(page, program);
        }
        return page.ToString();
    }

    static void Network(Html page, CompiledProgram program)
    {
        var model = program.Model;
        var svg = Svg.Write(model, model.Training);
        var summary = Summary.Of(model, program.Data.Augment.Crop);
        page.Element("h3", model.Name);
        // As a picture of its own, so that its style and the page's do not meet.
        page.Raw(
            $"<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Drawing of {Html.Escape(model.Name)}\"><img "
                + $"class=\"drawing\" alt=\"The network {Html.Escape(model.Name)}: boxes are declarations, arrows are "
                + $"features\" src=\"data:image/svg+xml;base64,{Convert.ToBase64String(Encoding.UTF8.GetBytes(svg))}\"></div>"
        );
        page.Raw("<details><summary>Declarations</summary>");
        page.Table(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{summary.Parameters:N0} parameters, {summary.MultiplyAdds / 1e9:0.00} G multiply-adds for one picture of "
                    + $"{summary.Size}"
            ),
            ["", "kind", "shape", "parameters", "multiply-adds"],
            summary.Declarations.Select(d =>
                (
                    Html.Escape(d.Name),
                    (IEnumerable<string>)
                        [
                            $"<td>{Html.Escape(d.Kind)}</td>",
                            $"<td>{Html.Escape(d.Shape?.ToString() ?? "")}</td>",
                            Number($"{d.Parameters:N0}"),
                            Number($"{d.MultiplyAdds / 1e9:0.000} G"),
                        ]
                )
            )
        );
        page.Raw("</details><details><summary>Source</summary>");
        foreach (var source in program.Sources)
            page.Element("p", Path.GetFileName(source.Path), "class=\"note\"")
                .Raw($"<pre tabindex=\"0\"><code>{Html.Escape(source.Content)}</code></pre>");
        page.Raw("</details>");
    }

    static string Number(FormattableString text) => $"<td>{FormattableString.Invariant(text)}</td>";
}
