using System.Collections.Immutable;
using System.Globalization;
using Mtlc.Compiler.Binding;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Lowering;
using Mtlc.Compiler.Recipes;
using Mtlc.Dsl.Syntax;
using Mtlc.Dsl.Text;
using Mtlc.LanguageServer.Documents;
using Mtlc.LanguageServer.Texts;

namespace Mtlc.LanguageServer.Features;

/// <summary>A setting that may stand where the cursor is.</summary>
/// <param name="Default">As it would be written; empty where it must be given, or none is known.</param>
/// <param name="Choices">Words that may be its value.</param>
/// <param name="HoldsSettings">Whether `{ }` may stand behind it.</param>
sealed record SettingInfo(string Name, string Default, string Meaning, ImmutableArray<string> Choices, bool HoldsSettings)
{
    public string Documentation =>
        $"```mtl\n{Name}{(Default.Length == 0 ? "" : $": {Default}")}\n```\n{(Default.Length == 0 ? "" : $"Default `{Default}`. ")}{Meaning}";
}

/// <summary>Which settings there are at a place, with their defaults, and what they mean by the manual.</summary>
static class Settings
{
    static readonly ImmutableArray<string> Truth = ["true", "false"];

    /// <summary>A setting by its name, where the cursor stands on it.</summary>
    public static SettingInfo? At(Analysis file, Cursor cursor, string word) =>
        In(file, cursor).FirstOrDefault(s => s.Name == word) ?? Choice(file, cursor, word);

    /// <summary>The settings that may be named at the cursor.</summary>
    public static ImmutableArray<SettingInfo> In(Analysis file, Cursor cursor) =>
        cursor.Level switch
        {
            { Block: Block.Settings } level when !level.Words.Contains(":") => Below(
                file,
                Place.Of(cursor, withKey: false),
                Keys(level.Words)
            ),
            { Block: Block.File, First: "set" } level when !level.Words.Contains("=") => Of(file, Keys([.. level.Words.Skip(1)])),
            { Block: Block.Sweep } level when !level.Words.Contains(":") => Of(file, Keys([.. level.Words])),
            _ => [],
        };

    /// <summary>The setting whose value is written at the cursor.</summary>
    public static SettingInfo? Current(Analysis file, Cursor cursor)
    {
        var place = Place.Of(cursor, withKey: true);
        return place.Path is [.., var name] && (cursor.Level.Block != Block.Settings || cursor.Level.Words.Contains(":"))
            ? Below(file, place with { Path = place.Path[..^1] }, []).FirstOrDefault(s => s.Name == name)
            : null;
    }

    /// <summary>A word that is chosen, such as `adam`: what it means is what its setting's row says.</summary>
    static SettingInfo? Choice(Analysis file, Cursor cursor, string word) =>
        Current(file, cursor) is { } setting && setting.Choices.Contains(word) && !Truth.Contains(word)
            ? setting with
            {
                Name = $"{setting.Name}: {word}",
                Default = "",
                Meaning = Manual.Find("weights", word) is { } weights ? weights.Meaning : setting.Meaning,
            }
            : null;

    static ImmutableArray<SettingInfo> Below(Analysis file, Place place, ImmutableArray<string> keys)
    {
        ImmutableArray<string> path = [.. place.Path, .. keys];
        return place.Kind switch
        {
            PlaceKind.Path => Of(file, path),
            PlaceKind.Statement when path.IsEmpty => OfStatement(file, place.Owner, place.Statement),
            PlaceKind.Statement when path[0] == OwnSettings.Adapt.Name => OfAdapter(file),
            PlaceKind.Report when path.IsEmpty =>
            [
                .. Words.ReportKeys.Select(k => new SettingInfo(
                    k,
                    "",
                    Manual.Find("of a `table` or `curves`", k)?.Meaning ?? "",
                    k == "costs" ? Words.Costs : [],
                    false
                )),
            ],
            _ => [],
        };
    }

    /// <summary>The settings below a path as `set` takes it.</summary>
    static ImmutableArray<SettingInfo> Of(Analysis file, ImmutableArray<string> path)
    {
        if (path is ["data" or "train", .. var rest])
            return OfRecipe(file, path[0], rest);
        if (path is [var name] && file.Model is { } model)
        {
            if (model.Statements.GetValueOrDefault(name) is { } statement)
                return OfStatement(file, name, statement.Kind);
            if (model.Tasks.GetValueOrDefault(name) is { } task)
                return OfTask(file, task.Syntax.Kind.Text);
        }
        return path is [_, "refine"] ? OfStatement(file, path[0], "refine")
            : path is [_, "adapt", ..] ? OfAdapter(file)
            : [];
    }

    /// <summary>What stands in the braces of `adapt: lora { ... }`.</summary>
    static ImmutableArray<SettingInfo> OfAdapter(Analysis file) =>
        [
            .. Signature
                .Choices(typeof(AdapterRecipe))
                .SelectMany(c => Signature.Of(c.Type).Parameters)
                .Select(p => new SettingInfo(
                    p.Name,
                    Text(p.Default),
                    Manual.Find("adapt: lora", p.Name)?.Meaning ?? "",
                    Choices(file, p.Type),
                    false
                )),
        ];

    static ImmutableArray<SettingInfo> OfStatement(Analysis file, string name, string statement)
    {
        if (statement == "task")
            return OfTask(file, file.Model?.Tasks.GetValueOrDefault(name)?.Syntax.Kind.Text ?? name);
        var own = OwnSettings
            .Of(statement)
            .Select(p => new SettingInfo(
                p.Name,
                p == OwnSettings.Using ? Applied(file, name) : Text(p.Default),
                Manual.Find(statement, p.Name)?.Meaning is { Length: > 0 } meaning ? meaning
                    : Manual.Find("setting", p.Name)?.Meaning is { Length: > 0 } and not "see above"
                        ? Manual.Find("setting", p.Name)!.Meaning
                    : OwnMeaning(p.Name),
                Choices(file, p.Type),
                p == OwnSettings.Adapt
            ));
        var symbol = file.Model?.Statements.GetValueOrDefault(name);
        var component = symbol is null ? null : file.Symbols.Names.Component(symbol)?.Owner;
        // What the statement itself gives: channels, skips, the features of the other encoders.
        var skipped = statement == "aspp" ? (string[])["out", "skips"] : ["skips"];
        return
        [
            .. (component?.Syntax.Parameters.Skip(1) ?? [])
                .Where(p => !skipped.Contains(p.Name.Text))
                .Select(p => new SettingInfo(
                    p.Name.Text,
                    p.Default?.Span.Text ?? "",
                    Manual.Find("setting", p.Name.Text) is { } entry && component!.IsStandard && statement == "decoder"
                        ? entry.Meaning
                        : $"Parameter of `{component!.Signature}`",
                    p.Default is BooleanSyntax ? Truth : [],
                    false
                )),
            .. own,
        ];
    }

    static string OwnMeaning(string word) =>
        word switch
        {
            "weights" => string.Join("  \n", Manual.All.Where(e => e.Of == "weights").Select(e => $"`{e.Key}`: {e.Meaning}")),
            "using" => "The component that the statement applies.",
            _ => Manual.Sentence($"{word}: true") ?? Manual.Sentence($"{word}: ") ?? "",
        };

    static string Applied(Analysis file, string name) =>
        file.Model?.Statements.GetValueOrDefault(name) is { } statement
            ? file.Symbols.Names.Component(statement)?.Name.Text ?? ""
            : "";

    /// <summary>The words that a setting's value may be, by its type.</summary>
    static ImmutableArray<string> Choices(Analysis file, Type type) =>
        type == typeof(bool) ? Truth
        : type.IsEnum ? Conversions.EnumWords(type)
        : type == typeof(EncoderWeights) ? OwnSettings.WeightWords
        : type == typeof(ComponentSymbol) ? [.. file.Symbols.Components.Keys.Order(StringComparer.Ordinal)]
        : type.IsAbstract && SettingTypes.IsRecord(type) ? [.. Signature.Choices(type).Select(c => c.Word)]
        : [];

    static ImmutableArray<SettingInfo> OfTask(Analysis file, string kind) =>
        [
            .. Words
                .TaskSettings(kind)
                .Select(p => new SettingInfo(
                    p.Name,
                    Text(p.Default),
                    Manual.Find("task", p.Name)?.Meaning ?? "",
                    Choices(file, p.Type),
                    false
                )),
        ];

    static ImmutableArray<SettingInfo> OfRecipe(Analysis file, string recipe, ImmutableArray<string> path)
    {
        var types = SettingTypes.Of(recipe == "data" ? RecipeKind.Data : RecipeKind.Train);
        for (var i = 0; i < path.Length; i++)
        {
            // `optimizer: adam { ... }`: the path has the choice behind its setting.
            var choice = types
                .SelectMany(t => t.IsAbstract ? Signature.Choices(t) : [])
                .FirstOrDefault(c => c.Word == path[i])
                .Type;
            types = choice is not null ? [choice] : SettingTypes.Below(types, path[i]);
        }
        var prefix = string.Join(
            '.',
            path.Where(p =>
                !Signature
                    .Choices(typeof(OptimizerRecipe))
                    .Concat(Signature.Choices(typeof(ScheduleRecipe)))
                    .Concat(Signature.Choices(typeof(SourceRecipe)))
                    .Any(c => c.Word == p)
            )
        );
        return
        [
            .. types
                .Where(SettingTypes.IsRecord)
                .SelectMany(t => t.IsAbstract ? Signature.Choices(t).Select(c => c.Type) : [t])
                .SelectMany(t => Signature.Of(t).Parameters.Select(p => (Owner: t, Parameter: p)))
                .DistinctBy(p => p.Parameter.Name)
                .Select(p => Recipe(file, recipe, prefix, p.Owner, p.Parameter)),
        ];
    }

    static SettingInfo Recipe(Analysis file, string recipe, string prefix, Type owner, SignatureParameter parameter)
    {
        var path = prefix.Length == 0 ? parameter.Name : $"{prefix}.{parameter.Name}";
        var entry = Manual.Find(recipe, path) ?? (prefix.Length > 0 ? Manual.Find(recipe, prefix) : null);
        var bounds = parameter.Bounds is { } b
            ? string.Create(CultureInfo.InvariantCulture, $" From {(b.Above ? "above " : "")}{b.Minimum} to {b.Maximum}.")
            : "";
        return new(
            parameter.Name,
            Default(owner, parameter),
            (entry?.Meaning ?? "") + bounds,
            Choices(file, parameter.Type),
            SettingTypes.IsRecord(parameter.Type)
        );
    }

    static string Default(Type owner, SignatureParameter parameter)
    {
        if (!Signature.Of(owner).Parameters.All(p => p.IsOptional))
            return "";
        var value = Signature.Read(Signature.Of(owner).Create(ImmutableDictionary<string, object?>.Empty), parameter);
        return parameter.Type.IsAbstract && value is not null && SettingTypes.IsRecord(value.GetType())
            ? Signature.Word(value.GetType())
            : Text(value);
    }

    /// <summary>A default as it would be written.</summary>
    static string Text(object? value) =>
        value switch
        {
            null => "",
            bool flag => flag ? "true" : "false",
            Enum word => Signature.Snake(word.ToString()),
            Interval interval => string.Create(CultureInfo.InvariantCulture, $"{interval.Low}..{interval.High}"),
            ImageSize { Height: var h, Width: var w } when h == w => h.ToString(CultureInfo.InvariantCulture),
            FilePath => "",
            IFormattable number => number
                .ToString(null, CultureInfo.InvariantCulture)
                .Replace("E", "e", StringComparison.Ordinal),
            _ when SettingTypes.IsRecord(value.GetType()) => "",
            _ => value.ToString() ?? "",
        };

    static ImmutableArray<string> Keys(IReadOnlyList<string> words) =>
        [.. words.TakeWhile(w => w is not (":" or "=")).Where(w => w != ".")];
}
