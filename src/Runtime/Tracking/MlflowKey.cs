using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Mtlc.Runtime.Tracking;

/// <summary>
/// Names as MLflow takes them: letters, digits and `_-. /`, and a path that is its own shortest form
/// (mlflow/utils/validation.py). Any other character is written as its code in UTF-16 between underscores: "a,b" is `a_2c_b`. An
/// underscore that would read as the beginning of such a code is written as one itself, so that a key can be read back, and
/// different names have different keys. </summary>
static class MlflowKey
{
    const int Longest = 250,
        HashLetters = 12;

    public static string Of(string name)
    {
        var key = Escaped(name);
        return key.Length <= Longest ? key : Told(name);
    }

    /// <summary>The beginning of a key with a hash of the whole name, where the key itself is too long, or taken.</summary>
    public static string Told(string name)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.Unicode.GetBytes(name)))[..HashLetters];
        var key = Escaped(name);
        return $"{key[..Math.Min(key.Length, Longest - HashLetters - 1)].TrimEnd('/')}-{hash}";
    }

    static string Escaped(string name)
    {
        var key = new StringBuilder(name.Length);
        for (var i = 0; i < name.Length; i++)
        {
            var begins = i == 0 || name[i - 1] == '/';
            var isPlain = name[i] switch
            {
                '/' => !begins && i < name.Length - 1,
                // No "." or ".." is a part, or begins the whole.
                '.' => !begins || (i + 1 < name.Length && name[i + 1] is not ('.' or '/')),
                '_' => !ReadsAsCode(name, i),
                var c => IsTaken(c),
            };
            if (isPlain)
                key.Append(name[i]);
            else
                key.Append(CultureInfo.InvariantCulture, $"_{(int)name[i]:x2}_");
        }
        return key.ToString();
    }

    static bool IsTaken(char c) => char.IsLetterOrDigit(c) || c is '-' or ' ';

    // Two digits or more, and behind them an underscore, its own or that of another code.
    static bool ReadsAsCode(string name, int underscore)
    {
        var end = underscore + 1;
        while (end < name.Length && name[end] is (>= '0' and <= '9') or (>= 'a' and <= 'f'))
            end++;
        return end - underscore > 2
            && end < name.Length
            && !IsTaken(name[end])
            && name[end] != '.'
            && (name[end] != '/' || end == name.Length - 1);
    }
}
