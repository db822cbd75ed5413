using System.Globalization;
using System.Text.RegularExpressions;
using Mtlc.Cli.Errors;
using Mtlc.Runtime.Reports.Runs;

namespace Mtlc.Cli.Commands.Experiments;

/// <summary>`--where KEY=VALUE`: a setting, a score, or `model`, `state`, `name`.</summary>
sealed partial record RunFilter(string Key, string Operator, string Value)
{
    public static RunFilter Parse(string text) =>
        Pattern().Match(text) is { Success: true } match
            ? new(
                match.Groups["quoted"] is { Success: true } quoted
                    ? quoted.Value.Replace("``", "`", StringComparison.Ordinal)
                    : match.Groups["plain"].Value.Trim(),
                match.Groups["operator"].Value,
                match.Groups["value"].Value.Trim()
            )
            : throw Failure.Usage(
                $"'--where {text}' is no condition",
                "write KEY=VALUE, !=, <, <=, >, >= or ~ (contains), as in --where 'semseg/mean_iou>50'; a key that holds one "
                    + "of these stands in backquotes (a backquote in it twice)"
            );

    public bool Accepts(StoredRun run)
    {
        var found = Read(run, Key);
        if (Operator == "~")
            return found.Contains(Value, StringComparison.OrdinalIgnoreCase);
        var order =
            double.TryParse(found, CultureInfo.InvariantCulture, out var left)
            && double.TryParse(Value, CultureInfo.InvariantCulture, out var right)
                ? double.IsNaN(left)
                    ? (int?)null
                    : left.CompareTo(right)
                : found.Length == 0
                    ? null
                    : string.Compare(found, Value, StringComparison.OrdinalIgnoreCase);
        return Operator switch
        {
            "=" => order == 0,
            "!=" => order != 0,
            "<" => order < 0,
            "<=" => order <= 0,
            ">" => order > 0,
            _ => order >= 0,
        };
    }

    /// <summary>What a run has under a key, as text; empty for nothing.</summary>
    public static string Read(StoredRun run, string key) =>
        key switch
        {
            "name" => run.Name,
            "model" => run.Model,
            "state" => run.State,
            "changed" => run.Changed.ToString("s", CultureInfo.InvariantCulture),
            _ when RunCosts.Find(key) is { } cost => cost.Of(run) is var number && double.IsNaN(number)
                ? ""
                : number.ToString("R", CultureInfo.InvariantCulture),
            _ when run.Settings.Recipe.LastOrDefault(s => s.Key == key) is { Key: not null } setting => setting.Value,
            _ when run.Settings[key] is { } value => value,
            _ when run.Score(key) is var score && !double.IsNaN(score) => score.ToString("R", CultureInfo.InvariantCulture),
            _ => "",
        };

    [GeneratedRegex(
        @"^(\s*`(?<quoted>(?:[^`]|``)+)`\s*|(?<plain>[^=!<>~]+))(?<operator>!=|<=|>=|=|<|>|~)(?<value>.*)$",
        RegexOptions.CultureInvariant
    )]
    private static partial Regex Pattern();
}
