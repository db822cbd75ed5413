using System.Security.Cryptography;
using System.Text;
using Mtlc.Compiler.Views;

namespace Mtlc.Compiler;

/// <summary>
/// The identity of an experiment: SHA-256 of what a program means, whatever its comments, names, layout and files. Two programs
/// have the same one if they build the same network with the same objective from the same data under the same settings.
/// </summary>
/// <param name="Run">64 hexadecimal digits; includes the seed.</param>
/// <param name="Recipe">The same without the seed: equal for repeats of one recipe.</param>
public sealed record RecipeDigest(string Run, string Recipe)
{
    public static RecipeDigest Of(CompiledProgram program) =>
        new(Hash(program), Hash(program with { Train = program.Train with { Seed = 0 } }));

    /// <summary>Enough digits to name a folder by.</summary>
    public static string Short(string digest) => digest[..12];

    static string Hash(CompiledProgram program) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(CanonicalText.Write(program))));
}
