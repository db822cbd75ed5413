using Mtlc.Cli.CommandLine;
using Mtlc.Cli.Errors;
using Mtlc.Cli.Output;
using Mtlc.Cli.Running;
using Mtlc.Compiler.Lowering;
using Mtlc.Runtime.Data;
using Mtlc.Runtime.Data.Samples;

namespace Mtlc.Cli.Commands.Data;

/// <summary>`mtlc data check SOURCE`: decode everything once.</summary>
static class DataCheckCommand
{
    public static Verb Create()
    {
        var (source, set) = (DataArgument.Create(), Choices.Set());
        var format = Choices.OneOf("--format", "How the findings are printed.", "table", "table", "json");
        var verb = new Verb(
            "check",
            "Decode every sample once and list the bad ones",
            "Bad is: unreadable, truncated, sizes that differ, labels out of range, no valid depth. Exit code 65 if there is "
                + "one. Of a program it is also said whether "
                + "an epoch has a step and whether there is something to validate; exit code 1 if not.",
            "mtlc data check branched.mtl",
            "mtlc data check /data/miniscapes --format json"
        )
        {
            source,
            set,
            format,
        };
        verb.SetAction(parsed =>
            Run(parsed.GetRequiredValue(source), parsed.GetRequiredValue(set), parsed.GetRequiredValue(format) == "json")
        );
        return verb;
    }

    static int Run(string source, string[] sets, bool json)
    {
        if (DataArgument.RecipeAndProgram(source, sets) is not var (recipe, program))
            return ExitCode.ProgramErrors;
        var data = DataSources.Open(recipe);
        using var stop = new StopSignals("stopping");
        var check = Counter.Watch(
            "samples",
            Enum.GetValues<Split>().Sum(data.Count),
            count => DataCheck.Run(data, progress: count, cancel: stop.Token)
        );
        if (json)
            WriteJson(check);
        else
            Write(check);
        var misfits = program?.CheckCounts(data.Count(Split.Train), data.Count(Split.Validation)) ?? [];
        if (misfits.Length > 0)
            Programs.Show(misfits);
        return check.Bad.Length > 0 ? ExitCode.BadData
            : misfits.Length > 0 ? ExitCode.ProgramErrors
            : ExitCode.Done;
    }

    static void Write(DataCheck check)
    {
        foreach (var bad in check.Bad)
            Terminal.Output.WriteLine($"{bad.Name}: {bad.Reason}");
        Terminal.Output.WriteLine(
            check.Bad.Length == 0
                ? $"{Quantity.Grouped(check.Checked)} samples, all good"
                : $"{Quantity.Grouped(check.Checked)} samples, {Quantity.Grouped(check.Bad.Length)} bad"
        );
    }

    static void WriteJson(DataCheck check) =>
        JsonText.Write(
            Terminal.Output,
            json =>
            {
                json.WriteNumber("checked", check.Checked);
                json.WriteStartArray("bad");
                foreach (var bad in check.Bad)
                {
                    json.WriteStartObject();
                    json.WriteString("name", bad.Name);
                    json.WriteNumber("index", bad.Index);
                    json.WriteString("reason", bad.Reason);
                    json.WriteEndObject();
                }
                json.WriteEndArray();
            }
        );
}
