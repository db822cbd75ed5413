using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Mtlc.Compiler.Ir;

namespace Mtlc.Compiler.Views;

/// <summary>The model's drawing as one self-contained SVG, light and dark.</summary>
public static class Svg
{
    const double BoxWidth = 196,
        BoxHeight = 62,
        LayerGap = 74,
        RowGap = 22,
        BendHeight = 16,
        Margin = 28,
        TitleHeight = 34;

    const string Style = """
        text{font-family:ui-sans-serif,system-ui,'Segoe UI',Helvetica,Arial,sans-serif;fill:#1b2430}
        .paper{fill:#fff}.title{font-size:16px;font-weight:600}.name{font-size:13px;font-weight:600}.more{font-size:11px;fill:#4d5b6b}.label{font-size:10.5px;fill:#4d5b6b}
        .box{stroke-width:1.4}.image{fill:#f1f3f5;stroke:#868e96}.encoder{fill:#e7f0fd;stroke:#3b74c4}.aspp{fill:#e6f6ee;stroke:#2b8a57}
        .let{fill:#f4effb;stroke:#7b55b3}.attention{fill:#fdeee2;stroke:#cf6a1b}.decoder{fill:#fdf6dc;stroke:#b08900}.task{fill:#fbe9ee;stroke:#c2365c}
        .arrow{fill:none;stroke:#5c6b7a;stroke-width:1.5}.a-skip{stroke:#3b74c4;stroke-dasharray:6 4}.a-attention{stroke:#cf6a1b;stroke-width:1.8}.a-deep{stroke:#c2365c;stroke-dasharray:2 4}
        .halo{stroke:#fff;stroke-width:3;paint-order:stroke}
        @media (prefers-color-scheme:dark){text{fill:#e8edf2}.paper{fill:#12171d}.more,.label{fill:#a7b4c2}.halo{stroke:#12171d}.arrow{stroke:#93a1af}
        .image{fill:#23292f}.encoder{fill:#152741}.aspp{fill:#12301f}.let{fill:#281d3a}.attention{fill:#3a2413}.decoder{fill:#33290a}.task{fill:#3a1420}
        .a-skip{stroke:#7aa7e8}.a-attention{stroke:#f0a060}.a-deep{stroke:#ee7f9c}}
        """;

    public static string Write(Model model, Graph graph)
    {
        var drawing = Drawing.Of(model, graph);
        var layout = new LayeredLayout(drawing, BoxHeight + RowGap, BendHeight);
        var top = layout.All.Min(p => p.Y);
        var width = 2 * Margin + layout.LayerCount * BoxWidth + (layout.LayerCount - 1) * LayerGap;
        var height = 2 * Margin + TitleHeight + layout.All.Max(p => p.Y) - top + BoxHeight;
        var text = new StringBuilder();
        text.Append(
            CultureInfo.InvariantCulture,
            $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {N(width)} {N(height)}\" width=\"{N(width)}\" "
                + $"height=\"{N(height)}\" role=\"img\">\n"
        );
        text.Append(
            CultureInfo.InvariantCulture,
            $"<title>{Escape(drawing.Title)}</title>\n<style>{Style.Replace("\n", "", StringComparison.Ordinal)}</style>\n"
        );
        text.Append("<defs>\n");
        foreach (var kind in new[] { "flow", "skip", "attention", "deep" })
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"<marker id=\"m-{kind}\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" "
                    + $"orient=\"auto\"><path d=\"M0 0 8 4 0 8z\" fill=\"{MarkerColor(kind)}\"/></marker>\n"
            );
        }
        text.Append("</defs>\n<rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n");
        text.Append(
            CultureInfo.InvariantCulture,
            $"<text class=\"title\" x=\"{N(Margin)}\" y=\"{N(Margin + 6)}\">{Escape(Title(drawing, graph))}</text>\n"
        );
        foreach (var arrow in drawing.Arrows)
            Arrow(text, arrow, layout, Y);
        foreach (var box in drawing.Boxes)
            Box(text, box, X(layout[box.Name].Layer), Y(layout[box.Name]));
        return text.Append("</svg>\n").ToString();

        double Y(LayeredLayout.Place place) => Margin + TitleHeight + place.Y - top + BoxHeight / 2;
    }

    static string Title(Drawing drawing, Graph graph) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{drawing.Title}: {graph.TrainableCount:N0} parameters, {graph.MultiplyAdds(256, 256) / 1e9:0.00} G "
                + $"multiply-adds at 256x256"
        );

    static double X(int layer) => Margin + layer * (BoxWidth + LayerGap);

    static void Box(StringBuilder text, DrawnBox box, double x, double y)
    {
        var lines = box.Lines.Where(l => l.Length > 0).ToImmutableArray();
        var radius = box.Kind is "task" or "image" or "input" ? BoxHeight / 2 : 7;
        var colour = box.Kind switch
        {
            "exchange" => "attention",
            "input" => "image",
            var kind => kind,
        };
        text.Append(
            CultureInfo.InvariantCulture,
            $"<g><rect class=\"box {colour}\" x=\"{N(x)}\" y=\"{N(y - BoxHeight / 2)}\" width=\"{N(BoxWidth)}\" "
                + $"height=\"{N(BoxHeight)}\" rx=\"{N(radius)}\"/>"
        );
        for (var i = 0; i < lines.Length; i++)
        {
            var baseline = y + 4.5 + (i - (lines.Length - 1) / 2.0) * 16.5;
            text.Append(
                CultureInfo.InvariantCulture,
                $"<text class=\"{(i == 0 ? "name" : "more")}\" x=\"{N(x + BoxWidth / 2)}\" y=\"{N(baseline)}\" "
                    + $"text-anchor=\"middle\">{Escape(Short(lines[i]))}</text>"
            );
        }
        text.Append("</g>\n");
    }

    static void Arrow(StringBuilder text, DrawnArrow arrow, LayeredLayout layout, Func<LayeredLayout.Place, double> y)
    {
        var route = layout[arrow];
        var (fromOffset, toOffset) = (Port(route[0].Right, route[1], y), Port(route[^1].Left, route[^2], y));
        var (x0, y0) = (X(route[0].Layer) + BoxWidth, y(route[0]) + fromOffset);
        var path = new StringBuilder(string.Create(CultureInfo.InvariantCulture, $"M{N(x0)} {N(y0)}"));
        for (var i = 1; i < route.Count; i++)
        {
            var isLast = i == route.Count - 1;
            var (x1, y1) = (X(route[i].Layer) - (isLast ? 1 : 0), y(route[i]) + (isLast ? toOffset : 0));
            var reach = (x1 - x0) / 2;
            path.Append(CultureInfo.InvariantCulture, $"C{N(x0 + reach)} {N(y0)} {N(x1 - reach)} {N(y1)} {N(x1)} {N(y1)}");
            (x0, y0) = (x1, y1);
            if (!isLast)
            {
                x0 += BoxWidth;
                path.Append(CultureInfo.InvariantCulture, $"H{N(x0)}");
            }
        }
        text.Append(
            CultureInfo.InvariantCulture,
            $"<path class=\"arrow a-{arrow.Kind}\" marker-end=\"url(#m-{arrow.Kind})\" d=\"{path}\"/>\n"
        );
        if (arrow.Label.Length > 0)
        {
            // On the level piece, where there is one: several arrows come together at the box.
            var (x, baseline) =
                route.Count > 2 ? (X(route[^2].Layer) + BoxWidth - 6, y(route[^2]) - 3) : (X(route[^1].Layer) - 10, y0 + 13);
            text.Append(
                CultureInfo.InvariantCulture,
                $"<text class=\"label halo\" x=\"{N(x)}\" y=\"{N(baseline)}\" text-anchor=\"end\">{Escape(arrow.Label)}</text>\n"
            );
        }
    }

    /// <summary>Arrows leave and reach a box one beside the other, in the order of where they come from.</summary>
    static double Port(List<LayeredLayout.Place> neighbours, LayeredLayout.Place neighbour, Func<LayeredLayout.Place, double> y)
    {
        var order = neighbours.OrderBy(y).ToList();
        var room = Math.Min(12, (BoxHeight - 16) / Math.Max(1, order.Count));
        return (order.IndexOf(neighbour) - (order.Count - 1) / 2.0) * room;
    }

    static string MarkerColor(string kind) =>
        kind switch
        {
            "skip" => "#3b74c4",
            "attention" => "#cf6a1b",
            "deep" => "#c2365c",
            _ => "#5c6b7a",
        };

    static string Short(string line) => line.Length <= 32 ? line : line[..31] + "…";

    static string N(double number) => Math.Round(number, 1).ToString(CultureInfo.InvariantCulture);

    static string Escape(string text) =>
        text.Replace("&", "&amp;", StringComparison.Ordinal)
            .Replace("<", "&lt;", StringComparison.Ordinal)
            .Replace(">", "&gt;", StringComparison.Ordinal);
}
