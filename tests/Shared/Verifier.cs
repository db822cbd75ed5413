using System.Runtime.CompilerServices;
using System.Text;
using VerifyTests;

namespace VerifyXunit;

/// <summary>
/// Snapshot tests with the names, files and calls of the package Verify.Xunit, whose dependency `Verify` our registry does not
/// serve: deleting this folder and referencing the package is the whole change. A text is compared with NAME.verified.EXT; on a
/// mismatch NAME.received.EXT is written beside it, and the message says how to look at the difference and how to accept it.
/// </summary>
public static class Verifier
{
    public static SettingsTask Verify(string text, VerifySettings? settings = null, [CallerFilePath] string sourceFile = "") =>
        Verify(text, "txt", settings, sourceFile);

    public static SettingsTask Verify(
        string text,
        string extension,
        VerifySettings? settings = null,
        [CallerFilePath] string sourceFile = ""
    ) => new(settings ?? new(), s => CompareAsync(text, extension, s, sourceFile));

    static async Task CompareAsync(string text, string extension, VerifySettings settings, string sourceFile)
    {
        var name = Path.Combine(Path.GetDirectoryName(sourceFile)!, settings.Directory ?? "", settings.FileName ?? TestName());
        name = Path.GetFullPath(name) + (settings.Parameters is null ? "" : "_" + settings.Parameters);
        var (verified, received) = ($"{name}.verified.{extension}", $"{name}.received.{extension}");
        var actual = Normalized(text);
        var expected = File.Exists(verified) ? Normalized(await File.ReadAllTextAsync(verified)) : null;
        if (actual == expected)
        {
            File.Delete(received);
            return;
        }
        Directory.CreateDirectory(Path.GetDirectoryName(received)!);
        await File.WriteAllTextAsync(received, actual + "\n", new UTF8Encoding(false));
        throw new VerifyException(Message(verified, received, expected, actual));
    }

    static string Message(string verified, string received, string? expected, string actual)
    {
        var message = new StringBuilder();
        if (expected is null)
        {
            message.Append("New snapshot, nothing to compare with.\n  look:   cat '").Append(received).Append('\'');
        }
        else
        {
            var (before, after) = (expected.Split('\n'), actual.Split('\n'));
            var line = 0;
            while (line < before.Length && line < after.Length && before[line] == after[line])
                line++;
            message.Append("The snapshot differs from line ").Append(line + 1).Append(" on:\n");
            message.Append("  - ").Append(line < before.Length ? before[line] : "(end)").Append('\n');
            message.Append("  + ").Append(line < after.Length ? after[line] : "(end)").Append('\n');
            message.Append("  look:   diff -u '").Append(verified).Append("' '").Append(received).Append('\'');
        }
        return message.Append("\n  accept: mv '").Append(received).Append("' '").Append(verified).Append('\'').ToString();
    }

    static string TestName()
    {
        var method = TestContext.Current.TestMethod ?? throw new InvalidOperationException("Verify is called outside a test.");
        var type = TestContext.Current.TestClass!.TestClassName;
        return $"{type[(type.LastIndexOfAny(['.', '+']) + 1)..]}.{method.MethodName}";
    }

    static string Normalized(string text) => text.TrimStart('\uFEFF').ReplaceLineEndings("\n").TrimEnd('\n');
}

/// <summary>A comparison that runs when awaited, after its settings.</summary>
public sealed class SettingsTask(VerifySettings settings, Func<VerifySettings, Task> compare)
{
    /// <summary>The snapshot's folder, relative to the test's source file.</summary>
    public SettingsTask UseDirectory(string directory)
    {
        settings.UseDirectory(directory);
        return this;
    }

    /// <summary>The snapshot's name instead of CLASS.METHOD.</summary>
    public SettingsTask UseFileName(string fileName)
    {
        settings.UseFileName(fileName);
        return this;
    }

    /// <summary>Appended to the name after `_`: what tells the cases of a theory apart.</summary>
    public SettingsTask UseTextForParameters(string text)
    {
        settings.UseTextForParameters(text);
        return this;
    }

    public TaskAwaiter GetAwaiter() => compare(settings).GetAwaiter();
}

public sealed class VerifyException(string message) : Exception(message);
