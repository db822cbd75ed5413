namespace Mtlc.Dsl.Text;

/// <summary>A piece of a source text.</summary>
public readonly record struct SourceSpan(SourceText Source, int Start, int Length)
{
    public int End => Start + Length;

    public string Text => Source.Content.Substring(Start, Length);

    public LinePosition Position => Source.Position(Start);

    /// <summary>The span from the start of this one to the end of another in the same source.</summary>
    public SourceSpan To(SourceSpan end) => new(Source, Start, Math.Max(end.End, End) - Start);

    public override string ToString() => $"{Source.Path}:{Position.Line}:{Position.Column}";
}
