using System.Globalization;
using System.Text.Json;
using Mtlc.Cli.CommandLine;
using Mtlc.Cli.Errors;
using Mtlc.Cli.Output;
using Mtlc.Compiler.Ir;
using Mtlc.Runtime.Doctor;
using Mtlc.Runtime.SelfTest;

namespace Mtlc.Cli.Commands;

/// <summary>`mtlc doctor`: what a report of a fault should say of the machine.</summary>
static class DoctorCommand
{
    public static Verb Create()
    {
        var format = Choices.OneOf("--format", "How the report is printed.", "table", "table", "json");
        var verb = new Verb(
            "doctor",
            "Tell about this machine, and whether it computes rightly",
            "Shows system, processor and its caches, cores and memory that may be used, libtorch and where it was loaded "
                + "from, which kernels are active, GPUs, and caches "
                + "on disk; and runs the self-test, which holds what libtorch and mtlc's own kernels compute against "
                + "double precision. "
                + "Exit code 1 where something is wrong. Put its output into a report of a fault.",
            "mtlc doctor",
            "mtlc doctor --format json > doctor.json"
        )
        {
            format,
        };
        verb.SetAction(parsed =>
        {
            var report = MachineReport.Make();
            if (parsed.GetRequiredValue(format) == "json")
                JsonText.Write(Terminal.Output, json => WriteJson(json, report));
            else
                Write(Terminal.Output, report);
            return report.IsWrong ? ExitCode.ProgramErrors : ExitCode.Done;
        });
        return verb;
    }

    static void Write(Terminal output, MachineReport report)
    {
        output.WriteLine(VersionLine.Text);
        var left = report.Sections.SelectMany(s => s.Facts).Max(f => f.Name.Length) + 4;
        foreach (var section in report.Sections)
        {
            output.WriteLine();
            output.WriteLine(output.Style(section.Title, Ink.Bold));
            foreach (var fact in section.Facts)
                Write(output, fact, left);
        }
        foreach (var test in report.SelfTests)
            Write(output, test);
        output.WriteLine();
        output.WriteText(
            report.IsWrong ? "Something is wrong here." : "Nothing wrong was found.",
            report.IsWrong ? Ink.Red : Ink.Green
        );
    }

    static void Write(Terminal output, Fact fact, int left)
    {
        var text = fact.Note is null ? Text(fact) : $"{Text(fact)} ({fact.Note})";
        var lines = Wrapping.Words(text, Math.Max(20, (output.Width ?? int.MaxValue) - left));
        for (var i = 0; i < lines.Count; i++)
        {
            var line = fact.IsWrong ? output.Style(lines[i], Ink.Red) : lines[i];
            output.WriteLine((i == 0 ? $"  {fact.Name}" : "").PadRight(left) + line);
        }
    }

    static void Write(Terminal output, SelfTestReport test)
    {
        output.WriteLine();
        output.WriteLine(
            output.Style(
                string.Create(CultureInfo.InvariantCulture, $"self-test on {test.Device}, {test.Time.TotalSeconds:F1} s"),
                Ink.Bold
            )
        );
        var table = new TextTable(
            new("what"),
            new TableColumn("answers", IsNumber: true, Rank: 3),
            new TableColumn("wrong", IsNumber: true),
            new TableColumn("largest error", IsNumber: true, Rank: 2),
            new TableColumn("of bound", IsNumber: true, Rank: 1)
        );
        foreach (var kind in test.Lines.GroupBy(l => l.Kind))
        {
            table.Add(
                kind.Key,
                Quantity.Grouped(kind.Count()),
                Quantity.Grouped(kind.Count(l => !l.Passed)),
                Quantity.Figures(kind.Max(l => l.Error), 2),
                Quantity.Figures(kind.Max(l => l.OfBound), 2)
            );
        }
        table.Write(output);
        foreach (var line in test.Failures)
            output.WriteText(
                $"wrong: {line.Kind}, {line.Name}: error {Quantity.Figures(line.Error, 2)}, "
                    + $"{Quantity.Figures(line.OfBound, 2)} of the bound",
                Ink.Red
            );
        foreach (var what in test.Left)
            output.WriteText($"not tested: {what}");
    }

    static string Text(Fact fact) =>
        fact.Value switch
        {
            bool isSo => isSo ? "yes" : "no",
            long bytes when fact.IsBytes => Amount.Bytes(bytes),
            string { Length: 0 } => "-",
            var value => Convert.ToString(value, CultureInfo.InvariantCulture)!,
        };

    static void WriteJson(Utf8JsonWriter json, MachineReport report)
    {
        json.WriteBoolean("ok", !report.IsWrong);
        json.WriteString("mtlc", VersionLine.Text);
        foreach (var section in report.Sections)
        {
            json.WriteStartObject(Key(section.Title));
            foreach (var fact in section.Facts)
            {
                json.WritePropertyName(Key(fact.Name) + (fact.IsBytes ? "_bytes" : ""));
                JsonSerializer.Serialize(json, fact.Value);
                if (fact.Note is not null)
                    json.WriteString(Key(fact.Name) + "_note", fact.Note);
            }
            json.WriteEndObject();
        }
        json.WriteStartArray("self_tests");
        foreach (var test in report.SelfTests)
        {
            json.WriteStartObject();
            json.WriteString("device", test.Device);
            json.WriteBoolean("passed", test.Passed);
            json.Number("seconds", test.Time.TotalSeconds);
            json.WriteStartArray("not_tested");
            foreach (var what in test.Left)
                json.WriteStringValue(what);
            json.WriteEndArray();
            json.WriteStartArray("answers");
            foreach (var line in test.Lines)
            {
                json.WriteStartObject();
                json.WriteString("kind", line.Kind);
                json.WriteString("name", line.Name);
                json.Number("error", line.Error);
                json.Number("of_bound", line.OfBound);
                json.WriteBoolean("passed", line.Passed);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    static string Key(string name) => name.Replace(' ', '_');
}
