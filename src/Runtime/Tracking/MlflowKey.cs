using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Mtlc.Runtime.Tracking;

/// <summary>
/// Names as MLflow takes them: letters, digits and `_-. /`, and a path that is its own shortest form (mlflow/utils/validation.py). Any other letter is
/// written as its number, `_x28_` for a bracket, so that different names stay different.
/// </summary>
static partial class MlflowKey
{
    const int Longest = 250, HashLetters = 12;

    public static string Of(string name)
    {
        var key = string.Join('/', name.Split('/').Select(Part));
        return key.Length <= Longest ? key : Told(name);
    }

    /// <summary>The beginning of a key with a hash of the whole name, where the key itself is too long or taken.</summary>
    public static string Told(string name)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..HashLetters];
        var key = string.Join('/', name.Split('/').Select(Part));
        return $"{key[..Math.Min(key.Length, Longest - HashLetters - 1)].TrimEnd('/')}-{hash}";
    }

    static string Part(string part)
    {
        if (part.Length == 0)
            return "_x_";
        // What looks like an escape already is escaped, too; a dot is where the part is `.` or `..`.
        var isDots = part is "." or "..";
        var text = new StringBuilder(part.Length);
        for (var i = 0; i < part.Length; i++)
        {
            var c = part[i];
            var isPlain = c == '_' ? !Escape().IsMatch(part.AsSpan(i)) : char.IsLetterOrDigit(c) || c is '-' or ' ' || (c == '.' && !isDots);
            text.Append(isPlain ? c.ToString() : string.Create(CultureInfo.InvariantCulture, $"_x{(int)c:X2}_"));
        }
        return text.ToString();
    }

    [GeneratedRegex("^_x[0-9A-Fa-f]*_", RegexOptions.CultureInvariant)]
    private static partial Regex Escape();
}
