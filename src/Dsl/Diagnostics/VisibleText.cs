using System.Text;
using Wcwidth;

namespace Mtlc.Dsl.Diagnostics;

/// <summary>
/// Text of the user's made safe to show: control characters, which would command the terminal, become their pictures (U+2400...),
/// marks that turn the direction of writing, line separators and halves of surrogate pairs the replacement character. What nobody
/// reads to its end loses its middle. </summary>
public static class VisibleText
{
    public const int TabWidth = 4;

    /// <summary>A dozen rows of a terminal.</summary>
    const int Longest = 1000;

    public static string Of(string text) => Whole(Clipped(text, Longest));

    /// <summary>A text of at most so many letters, and a remark in place of those that were left out.</summary>
    public static string Clipped(string text, int longest)
    {
        if (text.Length <= longest)
            return text;
        var (head, tail) = (longest * 3 / 4, longest / 8);
        return string.Concat(
            text.AsSpan(0, head),
            FormattableString.Invariant($"... ({text.Length - head - tail} letters) ..."),
            text.AsSpan(text.Length - tail)
        );
    }

    /// <summary>The same at whatever length: of paths, for programs that open them.</summary>
    public static string Whole(string text)
    {
        if (!text.Any(NeedsCare))
            return text;
        var visible = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
            visible.Append(Shown(rune));
        return visible.ToString();
    }

    /// <summary>How one character is shown.</summary>
    public static string Shown(Rune rune) =>
        rune.Value switch
        {
            '\t' => new string(' ', TabWidth),
            < 0x20 => ((char)(0x2400 + rune.Value)).ToString(),
            0x7F => "\u2421",
            (>= 0x80 and < 0xA0) or 0x061C or 0x200E or 0x200F or (>= 0x2028 and <= 0x202E) or (>= 0x2066 and <= 0x2069) =>
                "\uFFFD",
            _ => rune.ToString(),
        };

    /// <summary>Columns of a terminal that a character takes as it is shown: none for marks, two for East Asian wide forms and
    /// emoji.</summary>
    public static int Columns(Rune rune) =>
        Shown(rune).EnumerateRunes().Sum(shown => Math.Max(0, UnicodeCalculator.GetWidth(shown)));

    static bool NeedsCare(char c) =>
        char.IsControl(c)
        || char.IsSurrogate(c)
        || c is '\u061C' or '\u200E' or '\u200F' or (>= '\u2028' and <= '\u202E') or (>= '\u2066' and <= '\u2069');
}
