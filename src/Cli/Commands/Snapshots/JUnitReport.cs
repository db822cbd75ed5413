using System.Text;
using System.Xml;
using System.Xml.Linq;
using Mtlc.Compiler.Views;

namespace Mtlc.Cli.Commands.Snapshots;

/// <summary>Results as JUnit's XML, which continuous integration services show: a case a snapshot, its program the
/// class.</summary>
static class JUnitReport
{
    static readonly XmlWriterSettings Settings = new()
    {
        Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
        Indent = true,
    };

    public static void Write(string path, IReadOnlyList<SnapshotResult> results)
    {
        var cases = results.Select(r => new XElement(
            "testcase",
            new XAttribute("classname", Plain(r.Program)),
            new XAttribute("name", r.Part is { } part ? Snapshot.Word(part) : "compiles"),
            new XAttribute("time", "0"),
            r.Outcome switch
            {
                SnapshotOutcome.Differs => Trouble("failure", "the snapshot is not what the program compiles to", r),
                SnapshotOutcome.Missing => Trouble("failure", "there is no snapshot", r),
                SnapshotOutcome.Broken => Trouble("error", "the program has errors", r),
                _ => null,
            }
        ));
        var failures = results.Count(r => r.Outcome is SnapshotOutcome.Differs or SnapshotOutcome.Missing);
        var counts = new[]
        {
            ("tests", results.Count),
            ("failures", failures),
            ("errors", results.Count(r => r.Outcome == SnapshotOutcome.Broken)),
        }
            .Select(c => new XAttribute(c.Item1, c.Item2))
            .ToList();
        var suite = new XElement("testsuite", new XAttribute("name", "mtlc snapshot"), counts, cases);
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder)
            Directory.CreateDirectory(folder);
        using var writer = XmlWriter.Create(path, Settings);
        new XDocument(new XElement("testsuites", counts, suite)).Save(writer);
    }

    static XElement Trouble(string kind, string message, SnapshotResult result) =>
        new(kind, new XAttribute("message", message), new XAttribute("type", result.Outcome.ToString()), Plain(result.Message));

    /// <summary>Without what no XML document can hold.</summary>
    static string Plain(string text) =>
        string.Concat(text.EnumerateRunes().Select(r => r.IsBmp && !XmlConvert.IsXmlChar((char)r.Value) ? "?" : r.ToString()));
}
