using Mtlc.Cli.CommandLine;
using Mtlc.Cli.Files;
using Mtlc.LanguageServer;

namespace Mtlc.Cli.Commands;

/// <summary>`mtlc lsp`: the language server, for editors.</summary>
static class LspCommand
{
    public static Verb Create()
    {
        var verb = new Verb(
            "lsp",
            "Serve an editor over standard input and output",
            "Speaks the Language Server Protocol, version 3.17. Editors start it themselves: docs/editors.md has the settings "
                + "of VS Code, Neovim, Helix and Emacs. "
                + "Nothing is written but a copy of the standard library in the cache folder, which 'go to definition' opens. "
                + "It ends with 0 when the editor shuts it down, and with 1 "
                + "when the editor is gone without a word.",
            "mtlc lsp 2> lsp.log  # as an editor calls it, with what goes wrong in a file"
        );
        verb.SetAction(_ =>
        {
            using var input = Console.OpenStandardInput();
            using var output = Console.OpenStandardOutput();
            // The output is the protocol's: whatever else were printed would break it.
            Console.SetOut(TextWriter.Null);
            return Server.RunAsync(input, output, EditorFiles.Create(), VersionLine.Number).GetAwaiter().GetResult();
        });
        return verb;
    }
}
