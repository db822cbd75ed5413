using DiffPlex.Renderer;

namespace Mtlc.Cli.Output;

/// <summary>What changed in a text, as `diff -u` writes it and `patch` reads it.</summary>
internal static class UnifiedDiff
{
    public static string Of(string path, string before, string after) => UnidiffRenderer.GenerateUnidiff(before, after, path, path);
}
