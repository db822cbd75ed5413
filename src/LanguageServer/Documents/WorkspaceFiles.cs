using Mtlc.Dsl.Text;

namespace Mtlc.LanguageServer.Documents;

/// <summary>The disk, as far as the server may look at it. It writes nothing but copies of the standard library.</summary>
/// <param name="Read">A file's text by its absolute path, or null where there is none that can be read.</param>
/// <param name="Stamp">What changes when the file does; null where there is no file.</param>
/// <param name="Programs">The .mtl files of a folder and below.</param>
/// <param name="Entries">Names of files and folders (with a slash behind them) in a folder.</param>
/// <param name="Standard">The path of a read-only copy of a file of the standard library, made where it is not there yet; null
/// where none can be.</param>
public sealed record WorkspaceFiles(
    Func<string, SourceText?> Read,
    Func<string, string?> Stamp,
    Func<string, IEnumerable<string>> Programs,
    Func<string, IEnumerable<string>> Entries,
    Func<SourceText, string?> Standard
);
