namespace Mtlc.Dsl.Parsing;

/// <summary>
/// What a program may not exceed. No network that people write comes near; beyond, reading would take long or overflow the stack
/// of this phase or of one behind it.
/// </summary>
public static class SyntaxLimits
{
    /// <summary>Characters of a file.</summary>
    public const int FileLength = 1 << 20;

    /// <summary>Brackets open at one place.</summary>
    public const int Brackets = 200;

    /// <summary>Levels of one expression's tree: brackets, prefixes and links of chains such as `a + b + c` together.</summary>
    public const int ExpressionDepth = 500;

    /// <summary>Height or width of a picture.</summary>
    public const int Side = 1 << 16;

    /// <summary>Settings lie in settings this deep at most, and loops in loops.</summary>
    public const int Rules = 4 * ExpressionDepth;
}
