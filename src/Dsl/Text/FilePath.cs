namespace Mtlc.Dsl.Text;

/// <summary>A file or folder that a program names.</summary>
/// <param name="Text">As written; empty where none is named.</param>
/// <param name="Folder">Where a relative one starts: the folder of the text that names it, or empty for the working
/// folder.</param>
public readonly record struct FilePath(string Text, string Folder = "")
{
    public bool IsEmpty => string.IsNullOrEmpty(Text);

    /// <summary>To open it by.</summary>
    public string Full => Path.Combine(Folder ?? "", Text ?? "");

    /// <summary>The same wherever the program lies and is started: an absolute path as written, any other relative to the
    /// program's folder.</summary>
    public string From(string folder) =>
        IsEmpty || Path.IsPathRooted(Text)
            ? ToString()
            : Path.GetRelativePath(Path.GetFullPath(folder.Length == 0 ? "." : folder), Path.GetFullPath(Full))
                .Replace('\\', '/');

    public override string ToString() => Text ?? "";
}
