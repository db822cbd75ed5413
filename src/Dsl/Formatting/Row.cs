namespace Mtlc.Dsl.Formatting;

/// <summary>A statement whose parts stand in columns with those of its neighbours of the same kind.</summary>
/// <param name="Kind">Neighbours of one kind are aligned.</param>
/// <param name="Cells">Parts and their columns, from left to right; a row may lack columns.</param>
/// <param name="Alone">How it is written where it is not aligned.</param>
sealed record Row(string Kind, IReadOnlyList<(int Column, Doc Part)> Cells, Doc Alone)
{
    public Row(string kind, params (int Column, Doc Part)[] cells)
        : this(kind, cells, Doc.Of(cells.SelectMany((c, i) => i == 0 ? new[] { c.Part } : [" ", c.Part]))) { }

    /// <summary>A piece without columns.</summary>
    public static Row Of(params Doc[] parts) => new("", (0, new Sequence(parts)));

    /// <summary>Whether it may stand in columns with the row before it: both of one kind and on one line.</summary>
    public bool Follows(Row before, int width) => Kind.Length > 0 && Kind == before.Kind && IsLine(width) && before.IsLine(width);

    bool IsLine(int width) => !HasBreak && Width <= width;

    int Width => Cells.Sum(c => c.Part.Width + 1) - 1;

    bool HasBreak => Cells.Any(c => c.Part.HasBreak) || Cells.SkipLast(1).Any(c => c.Part.EndsLine);

    /// <summary>Documents for neighbours: aligned, unless a line would become wider than <paramref name="width"/>.</summary>
    public static IReadOnlyList<Doc> Align(IReadOnlyList<Row> rows, int width)
    {
        if (rows.Count == 1)
            return [rows[0].Alone];
        var starts = Starts(rows);
        return rows.Any(r => starts[r.Cells[^1].Column] + r.Cells[^1].Part.Width > width)
            ? [.. rows.Select(r => r.Alone)]
            : [.. rows.Select(r => r.At(starts))];
    }

    static Dictionary<int, int> Starts(IReadOnlyList<Row> rows)
    {
        var starts = new Dictionary<int, int>();
        foreach (var column in rows.SelectMany(r => r.Cells).Select(c => c.Column).Distinct().Order())
        {
            starts[column] = rows.Where(r => r.Cells.Any(c => c.Column == column))
                .Max(r =>
                    r.Cells.LastOrDefault(c => c.Column < column) is { Part: { } before } cell
                        ? starts[cell.Column] + before.Width + 1
                        : 0
                );
        }
        return starts;
    }

    Sequence At(Dictionary<int, int> starts)
    {
        var parts = new List<Doc>();
        var end = 0;
        foreach (var (column, part) in Cells)
        {
            parts.Add(new string(' ', starts[column] - end));
            parts.Add(part);
            end = starts[column] + part.Width;
        }
        return new(parts);
    }
}
