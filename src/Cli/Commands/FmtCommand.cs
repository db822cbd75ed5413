using System.CommandLine;
using System.Globalization;
using Mtlc.Cli.CommandLine;
using Mtlc.Cli.Errors;
using Mtlc.Cli.Files;
using Mtlc.Cli.Output;
using Mtlc.Compiler.Ir;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Formatting;

namespace Mtlc.Cli.Commands;

/// <summary>`mtlc fmt FILES`: programs in the one layout.</summary>
static class FmtCommand
{
    public static Verb Create()
    {
        var paths = new Argument<string[]>("PATH")
        {
            Description =
                "An .mtl file, a folder (every .mtl file in it and below, as a .gitignore there leaves it), or - for standard "
                + "input, which is written to standard output.",
            Arity = ArgumentArity.OneOrMore,
        };
        var check = new Option<bool>("--check")
        {
            Description = "Write nothing; name the files that would change, and return 1 if there are any.",
        };
        var diff = new Option<bool>("--diff")
        {
            Description = "Write nothing; print what would change as a unified diff, and return 1 if there is anything.",
        };
        var width = Count(
            "--width",
            "Columns that code stays within where it can be broken.",
            FormatStyle.Narrowest,
            FormatStyle.Widest,
            new FormatStyle().Width
        );
        var indent = Count("--indent", "Spaces a level.", 1, FormatStyle.LargestIndent, new FormatStyle().Indent);
        var verb = new Verb(
            "fmt",
            "Lay programs out in one style",
            "Comments and blank lines stay where they belong, columns are aligned, and what is too wide is broken. A file "
                + "that does not parse is left as it "
                + "is, its errors are shown, and 1 is returned. A file that has its layout is not written.",
            "mtlc fmt .  # every program in this folder and below",
            "mtlc fmt --check examples  # for continuous integration",
            "mtlc fmt - < a.mtl  # for editors"
        )
        {
            paths,
            check,
            diff,
            width,
            indent,
        };
        verb.SetAction(parsed =>
        {
            var style = new FormatStyle(parsed.GetValue(width), parsed.GetValue(indent));
            var files = Programs(parsed.GetRequiredValue(paths));
            var mode =
                parsed.GetValue(diff) ? Mode.Diff
                : parsed.GetValue(check) ? Mode.Check
                : Mode.Write;
            return files.Aggregate(ExitCode.Done, (code, file) => Math.Max(code, Format(file, style, mode)));
        });
        return verb;
    }

    enum Mode
    {
        Write,
        Check,
        Diff,
    }

    static int Format(string path, FormatStyle style, Mode mode)
    {
        var isInput = path == "-";
        var source = isInput ? UserText.ReadInput() : UserText.Read(path);
        var diagnostics = new DiagnosticBag();
        if (Formatter.Format(source, style, diagnostics, TaskKind.Vocabulary) is not { } laid)
        {
            Running.Programs.Show(diagnostics.ToSorted(), diagnostics.Suppressed);
            return ExitCode.ProgramErrors;
        }
        if (mode == Mode.Write)
        {
            if (isInput)
                Terminal.Output.Writer.Write(laid);
            else if (laid != source.Content)
                UserText.Replace(path, laid);
            return ExitCode.Done;
        }
        if (laid == source.Content)
            return ExitCode.Done;
        if (mode == Mode.Diff)
            Terminal.Output.Writer.Write(UnifiedDiff.Of(path, source.Content, laid));
        else
            Terminal.Output.WriteData(path);
        return ExitCode.ProgramErrors;
    }

    /// <exception cref="Failure">A path leads nowhere, or standard input is named beside others.</exception>
    static IEnumerable<string> Programs(string[] paths) =>
        !paths.Contains("-", StringComparer.Ordinal) ? ProgramFiles.Find(paths).Select(f => f.Path)
        : paths.Length == 1 ? paths
        : throw Failure.Usage("'-' stands for standard input and is given alone");

    static Option<int> Count(string name, string description, int smallest, int largest, int standard) =>
        new(name)
        {
            HelpName = "N",
            Description = $"{description} Default: {standard}.",
            DefaultValueFactory = _ => standard,
            CustomParser = result =>
            {
                var word = result.Tokens[0].Value;
                if (
                    int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
                    && count >= smallest
                    && count <= largest
                )
                    return count;
                result.AddError($"'{name}' takes a whole number from {smallest} to {largest}, not '{word}'");
                return standard;
            },
        };
}
