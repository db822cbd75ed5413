using System.Globalization;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Text;

namespace Mtlc.Compiler.Binding;

/// <summary>MTL2xxx: names, kinds, arguments, settings. One method a diagnostic.</summary>
public static partial class BindingErrors
{
    public const string NoModelCode = "MTL2012";

    public static void DuplicateName(this DiagnosticBag bag, SourceSpan span, string name, SourceSpan first) =>
        Error(
            bag,
            "MTL2001",
            $"the name '{name}' is given twice",
            span,
            "second here",
            [new($"'{name}' is first declared here", first)]
        );

    public static void CannotImport(this DiagnosticBag bag, SourceSpan span, string file, string reason) =>
        Error(bag, "MTL2002", $"cannot import \"{file}\": {reason}", span, "a path relative to this file");

    public static void NoBox(
        this DiagnosticBag bag,
        SourceSpan span,
        string name,
        string model,
        IEnumerable<string> statements
    ) =>
        Error(
            bag,
            "MTL2003",
            $"no box '{name}' in model {model}",
            span,
            Meant(name, statements),
            help: There("boxes", statements)
        );

    public static void NoComponent(this DiagnosticBag bag, SourceSpan span, string name, IEnumerable<string> components) =>
        Error(bag, "MTL2004", $"no component '{name}'", span, Meant(name, components) ?? "neither a component nor a primitive");

    public static void NoSetting(
        this DiagnosticBag bag,
        SourceSpan span,
        string name,
        string owner,
        IReadOnlyCollection<string> settings,
        IEnumerable<DiagnosticNote>? notes = null,
        string? within = null
    ) =>
        Error(
            bag,
            "MTL2005",
            $"{owner} has no setting '{name}'",
            span,
            within is null ? Meant(name, settings) : $"did you mean '{within}'?",
            notes,
            settings.Count == 0 ? $"{owner} takes no settings" : There("settings", settings)
        );

    public static void WrongKind(this DiagnosticBag bag, SourceSpan span, string what, string expected, string found) =>
        Error(bag, "MTL2006", $"{what}: expected {expected}, found {found}", span, $"expected {expected}");

    public static void OutOfBounds(this DiagnosticBag bag, SourceSpan span, string what, string bounds, double found) =>
        Error(bag, "MTL2007", $"{what} must be {bounds}, and is {found.ToString(CultureInfo.InvariantCulture)}", span, bounds);

    public static void MissingArgument(
        this DiagnosticBag bag,
        SourceSpan span,
        string callee,
        string name,
        string signature,
        IEnumerable<DiagnosticNote>? notes = null
    ) => Error(bag, "MTL2008", $"{callee} needs '{name}'", span, $"'{name}' is missing", notes, $"it is declared as {signature}");

    public static void MissingSetting(this DiagnosticBag bag, SourceSpan span, string owner, string name, string example) =>
        Error(bag, "MTL2008", $"{owner} needs '{name}'", span, $"'{name}' is missing", help: $"write {example}");

    public static void TooManyArguments(
        this DiagnosticBag bag,
        SourceSpan span,
        string callee,
        int most,
        string signature,
        IEnumerable<DiagnosticNote>? notes = null
    ) =>
        Error(
            bag,
            "MTL2009",
            $"{callee} takes {(most == 0 ? "no arguments" : most == 1 ? "one argument" : $"at most {most} arguments")}",
            span,
            "one too many",
            notes,
            $"it is declared as {signature}"
        );

    public static void GivenTwice(this DiagnosticBag bag, SourceSpan span, string what, SourceSpan? first) =>
        Error(
            bag,
            "MTL2010",
            $"{what} is given twice",
            span,
            "second here",
            first is null ? [] : [new("first given here", first)]
        );

    public static void Cycle(
        this DiagnosticBag bag,
        SourceSpan span,
        IReadOnlyList<string> names,
        IEnumerable<DiagnosticNote> notes
    ) => Error(bag, "MTL2011", $"{string.Join(" -> ", names)}: a cycle", span, $"'{names[^1]}' needs its own result", notes);

    public static void NoModel(this DiagnosticBag bag, SourceSpan span, string? sweep = null) =>
        Error(
            bag,
            NoModelCode,
            "the program declares no model",
            span,
            null,
            help: sweep is null
                ? "write model NAME { ... }, or import a file that does"
                : $"its models stand in sweep '{sweep}': mtlc sweep FILE --dry-run checks them"
        );

    public static void TwoModels(this DiagnosticBag bag, SourceSpan span, SourceSpan first) =>
        Error(bag, "MTL2012", "a program has one model", span, "second here", [new("the first model is here", first)]);

    public static void RecursiveComponent(
        this DiagnosticBag bag,
        SourceSpan span,
        IEnumerable<string> cycle,
        IEnumerable<DiagnosticNote> notes
    ) => Error(bag, "MTL2021", $"component calls itself: {string.Join(" -> ", cycle)}", span, "never ends", notes);

    public static void UnknownName(
        this DiagnosticBag bag,
        SourceSpan span,
        string name,
        IEnumerable<string> names,
        IEnumerable<DiagnosticNote> notes,
        string? wanted = null
    ) =>
        Error(
            bag,
            "MTL2022",
            $"no '{name}' here",
            span,
            Meant(name, names) ?? (wanted is null ? "not declared" : $"expected {wanted}"),
            notes
        );

    public static void NoSuchFeatures(
        this DiagnosticBag bag,
        SourceSpan span,
        string encoder,
        string asked,
        IEnumerable<string> available
    ) =>
        Error(
            bag,
            "MTL2023",
            $"encoder '{encoder}' has no {asked}",
            span,
            null,
            help: There("features", available) ?? "its component names none: write the map as `let NAME = ...` there"
        );

    public static void WordNotAllowed(
        this DiagnosticBag bag,
        SourceSpan span,
        string what,
        string found,
        IReadOnlyCollection<string> choices
    ) =>
        Error(
            bag,
            "MTL2025",
            $"{what}: {found} is none of its choices",
            span,
            Meant(found.Trim('\''), choices),
            help: There("choices", choices)
        );

    public static void ParameterNamedTwice(this DiagnosticBag bag, SourceSpan span, string name, SourceSpan? first) =>
        Error(
            bag,
            "MTL2027",
            $"two parameters are both called '{name}'",
            span,
            "the second",
            first is null ? [] : [new("the first is made here", first)],
            "name the results with `let`: a parameter's name is the path of `let` names that lead to it"
        );

    public static void BadDerivation(this DiagnosticBag bag, SourceSpan span, string message, string help) =>
        Error(bag, "MTL2028", message, span, null, help: help);

    public static void IndexOutOfRange(
        this DiagnosticBag bag,
        SourceSpan span,
        double index,
        int length,
        IEnumerable<DiagnosticNote> notes
    ) =>
        Error(
            bag,
            "MTL2030",
            $"there is no item {index.ToString(CultureInfo.InvariantCulture)} in "
                + $"{(length == 0 ? "an empty list" : $"a list of {length}")}",
            span,
            length == 0 ? "empty"
                : length == 1 ? "its only item is 0"
                : $"items are 0 to {length - 1}",
            notes
        );

    public static void TooLarge(
        this DiagnosticBag bag,
        SourceSpan span,
        string what,
        long limit,
        IEnumerable<DiagnosticNote> notes
    ) =>
        Error(bag, "MTL2031", $"{what}: more than {limit.ToString("N0", CultureInfo.InvariantCulture)}", span, "too many", notes);

    public static void TooDeep(this DiagnosticBag bag, SourceSpan span, IEnumerable<DiagnosticNote> notes) =>
        Error(bag, "MTL2031", "names and calls lead on and on: more levels than can be followed", span, "too deep", notes);

    public static void NotFinite(this DiagnosticBag bag, SourceSpan span, string what, IEnumerable<DiagnosticNote> notes) =>
        Error(bag, "MTL2032", what, span, "not a finite number", notes);

    public static void BadOperands(
        this DiagnosticBag bag,
        SourceSpan span,
        string op,
        string left,
        string right,
        IEnumerable<DiagnosticNote> notes
    ) => Error(bag, "MTL2036", $"'{op}' cannot take {left} and {right}", span, null, notes);

    public static void ReservedName(this DiagnosticBag bag, SourceSpan span, string name, string meaning) =>
        Error(bag, "MTL2037", $"'{name}' cannot be declared: it is {meaning}", span, "choose another name");

    static void Error(
        DiagnosticBag bag,
        string code,
        string message,
        SourceSpan span,
        string? label,
        IEnumerable<DiagnosticNote>? notes = null,
        string? help = null
    ) => bag.Add(new(code, Severity.Error, message, span, label, notes is null ? [] : [.. notes], help));

    static string? Meant(string word, IEnumerable<string> candidates) =>
        Suggestions.Closest(word, candidates) is { } closest ? $"did you mean '{closest}'?" : null;

    static string? There(string what, IEnumerable<string> names)
    {
        var list = names.Distinct().Take(20).ToList();
        return list.Count == 0 ? null : $"{what}: {string.Join(", ", list)}";
    }
}
