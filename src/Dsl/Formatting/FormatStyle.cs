namespace Mtlc.Dsl.Formatting;

/// <summary>What a user may choose of the layout.</summary>
/// <param name="Width">Columns that code keeps within where it can be broken; comments and texts are never broken.</param>
/// <param name="Indent">Spaces a level.</param>
public sealed record FormatStyle(int Width = 130, int Indent = 2)
{
    public const int Narrowest = 40;
    public const int Widest = 1000;
    public const int LargestIndent = 16;
}
