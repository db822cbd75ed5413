namespace Mtlc.Runtime.Data.Synthetic;

/// <summary>For each cell of a grid, the silhouettes that overlap it, in the order in which they were given.</summary>
sealed class CellLists
{
    readonly float left,
        top,
        size;

    public CellLists(float left, float top, float size, int columns, int rows, ReadOnlySpan<Silhouette> silhouettes)
    {
        (this.left, this.top, this.size, Columns, Rows) = (left, top, size, columns, rows);
        var found = new List<(int Cell, int Item)>(silhouettes.Length * 8);
        Starts = new int[columns * rows + 1];
        for (int i = 0; i < silhouettes.Length; i++)
        {
            ref readonly var s = ref silhouettes[i];
            int x0 = Math.Max((int)MathF.Floor((s.Left - left) / size), 0),
                x1 = Math.Min((int)MathF.Floor((s.Right - left) / size), columns - 1);
            int y0 = Math.Max((int)MathF.Floor((s.Top - top) / size), 0),
                y1 = Math.Min((int)MathF.Floor((s.Bottom - top) / size), rows - 1);
            for (int y = y0; y <= y1; y++)
            {
                for (int x = x0; x <= x1; x++)
                {
                    if (!s.Overlaps(left + x * size, top + y * size, left + (x + 1) * size, top + (y + 1) * size))
                        continue;
                    found.Add((y * columns + x, i));
                    Starts[y * columns + x + 1]++;
                }
            }
        }
        for (int i = 1; i < Starts.Length; i++)
            Starts[i] += Starts[i - 1];
        var next = Starts.AsSpan(0, columns * rows).ToArray();
        Items = new int[found.Count];
        foreach (var (cell, item) in found)
            Items[next[cell]++] = item;
    }

    public int Columns { get; }
    public int Rows { get; }

    /// <summary>The list of cell c is <c>Items[Starts[c]..Starts[c + 1]]</c>.</summary>
    public int[] Starts { get; }
    public int[] Items { get; }

    /// <summary>The cell of a point, or -1 outside the grid.</summary>
    public int Cell(float x, float y)
    {
        int column = (int)MathF.Floor((x - left) / size),
            row = (int)MathF.Floor((y - top) / size);
        return (uint)column < (uint)Columns && (uint)row < (uint)Rows ? row * Columns + column : -1;
    }
}
