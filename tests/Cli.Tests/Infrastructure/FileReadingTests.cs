using System.Text.RegularExpressions;

namespace Mtlc.Tests.Infrastructure;

public class FileReadingTests
{
    /// <summary>A reader that opens a path by itself would wait for pipes and read devices without end.</summary>
    [Fact]
    public void Every_file_is_opened_in_one_place()
    {
        var own = new Regex(
            @"(?<![A-Za-z])File\.(OpenRead|OpenText|OpenHandle|ReadAll\w+|ReadLines\w*)\b|new StreamReader\([a-z]*[pP]ath|FileMode\.Open, FileAccess\.Read\b"
        );
        string[] exempt =
        [
            "RegularFile.cs",
            "FileStatus.cs",
            "ProcessorEnergy.cs",
            "SystemFiles.cs",
            "StopSignals.cs", // the kernel's files
            "Snapshots.cs", // in a test of the user's, who names his own files: without the runtime
            "RunLock.cs", // opens its own lock to see whether it is held
        ];
        var found = Directory
            .EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(f => !exempt.Contains(Path.GetFileName(f)) && !f.Split(Path.DirectorySeparatorChar).Contains("obj"))
            .SelectMany(f => File.ReadLines(f).Where(l => own.IsMatch(l)).Select(l => $"{Path.GetFileName(f)}: {l.Trim()}"));
        Assert.Empty(found);
    }
}
