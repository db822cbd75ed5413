using System.Security.Cryptography;
using System.Text;

namespace Mtlc.Runtime.Tracking;

/// <summary>
/// Names as MLflow takes them: letters, digits and `_-. /`, and a path that is its own shortest form (mlflow/utils/validation.py). Any other letter
/// becomes `_`; of two names that would be one key then, the second is told by a hash of it.
/// </summary>
static class MlflowKey
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

    static string Part(string part) => part is "" or "." or ".."
        ? new string('_', Math.Max(1, part.Length))
        : string.Concat(part.Select(c => char.IsLetterOrDigit(c) || c is '_' or '-' or '.' or ' ' ? c : '_'));
}
