using Mtlc.Cli.Errors;

namespace Mtlc.Cli.Files;

/// <summary>Folders that a verb will write to.</summary>
static class OutputPath
{
    /// <summary>The folder as given, once it is sure that no file is in its way.</summary>
    /// <exception cref="Failure">The path, or a part of it, is a file.</exception>
    public static string Folder(string path)
    {
        for (var part = Path.GetFullPath(path); part is not null; part = Path.GetDirectoryName(part))
        {
            if (File.Exists(part))
                throw Failure.InputOutput(
                    $"'{path}' cannot be a folder: '{Path.GetRelativePath(Environment.CurrentDirectory, part)}' is a file"
                );
            if (Directory.Exists(part))
                break;
        }
        return path;
    }
}
