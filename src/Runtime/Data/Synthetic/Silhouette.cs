using System.Numerics;

namespace Mtlc.Runtime.Data.Synthetic;

/// <summary>The convex outline of projected points, for telling which cells of a grid a solid can appear in.</summary>
readonly struct Silhouette
{
    /// <summary>Edges as half planes: outside where X * x + Y * y &gt; Z.</summary>
    readonly Vector3[] edges;

    public float Left { get; }
    public float Top { get; }
    public float Right { get; }
    public float Bottom { get; }

    public Silhouette(ReadOnlySpan<Vector2> points, float margin)
    {
        (Left, Top, Right, Bottom) = (float.MaxValue, float.MaxValue, float.MinValue, float.MinValue);
        foreach (var p in points)
        {
            (Left, Right) = (MathF.Min(Left, p.X - margin), MathF.Max(Right, p.X + margin));
            (Top, Bottom) = (MathF.Min(Top, p.Y - margin), MathF.Max(Bottom, p.Y + margin));
        }
        edges = Hull(points, margin);
    }

    /// <summary>The whole of a rectangle.</summary>
    public Silhouette(float left, float top, float right, float bottom) =>
        (Left, Top, Right, Bottom, edges) = (left, top, right, bottom, []);

    public bool Overlaps(float x0, float y0, float x1, float y1)
    {
        foreach (var e in edges)
            if (e.X * (e.X > 0f ? x0 : x1) + e.Y * (e.Y > 0f ? y0 : y1) > e.Z)
                return false;
        return true;
    }

    /// <summary>Gift wrapping: few points, and any three of them may be in line.</summary>
    static Vector3[] Hull(ReadOnlySpan<Vector2> points, float margin)
    {
        int start = 0;
        for (int i = 1; i < points.Length; i++)
            if (points[i].X < points[start].X || points[i].X == points[start].X && points[i].Y < points[start].Y)
                start = i;
        var result = new List<Vector3>(points.Length);
        int from = start;
        for (int step = 0; step < points.Length; step++)
        {
            int to = -1;
            for (int i = 0; i < points.Length; i++)
            {
                if (points[i] == points[from])
                    continue;
                if (to < 0)
                {
                    to = i;
                    continue;
                }
                var (a, b) = (points[to] - points[from], points[i] - points[from]);
                float turn = a.X * b.Y - a.Y * b.X;
                if (turn < 0f || turn == 0f && b.X * b.X + b.Y * b.Y > a.X * a.X + a.Y * a.Y)
                    to = i;
            }
            if (to < 0)
                break;
            var edge = points[to] - points[from];
            float length = MathF.Sqrt(edge.X * edge.X + edge.Y * edge.Y);
            var normal = new Vector2(edge.Y, -edge.X) / length;
            result.Add(new Vector3(normal, normal.X * points[from].X + normal.Y * points[from].Y + margin));
            if (points[to] == points[start])
                break;
            from = to;
        }
        return [.. result];
    }
}
