namespace Mtlc.Cli.Output;

/// <summary>A page of Markdown (headings, paragraphs, fenced code) as text in a terminal.</summary>
static class ManualPage
{
    const int WidestText = 100;

    public static void Write(Terminal terminal, string page)
    {
        var width = Math.Min(terminal.Width ?? WidestText, WidestText);
        var paragraph = new List<string>();
        var inCode = false;
        foreach (var line in page.TrimEnd().Split('\n').Append(""))
        {
            if (line.StartsWith("```", StringComparison.Ordinal))
            {
                inCode = !inCode;
                continue;
            }
            var isProse = !inCode && line.Length > 0 && line[0] != '#';
            if (isProse)
            {
                paragraph.Add(line);
                continue;
            }
            Wrapping.Words(string.Join(' ', paragraph), width).ForEach(terminal.WriteLine);
            paragraph.Clear();
            if (inCode)
                terminal.WriteLine(line.Length == 0 ? "" : $"    {line}");
            else if (line.StartsWith('#'))
                Wrapping.Words(line.TrimStart('#', ' '), width).ForEach(l => terminal.WriteLine(terminal.Style(l, Ink.Bold)));
            else
                terminal.WriteLine();
        }
    }
}
