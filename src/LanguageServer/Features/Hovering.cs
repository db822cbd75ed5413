using System.Globalization;
using System.Text;
using Mtlc.Compiler.Binding;
using Mtlc.Compiler.Ir;
using Mtlc.Dsl.Syntax;
using Mtlc.LanguageServer.Documents;
using Mtlc.LanguageServer.Protocol;
using Mtlc.LanguageServer.Texts;

namespace Mtlc.LanguageServer.Features;

/// <summary>What a name is, makes and costs, or what a word or setting means by the manual.</summary>
static class Hovering
{
    public static Hover? At(Analysis file, int offset)
    {
        if (file.NameAt(offset) is { } use)
        {
            var text = use.Definition is { } definition
                ? Describe(file, definition, use)
                : OfWord(file, use.Name.Text, use.Role, use.Name.Span.Start);
            if (text is not null)
                return new(MarkupContent.Markdown(text), use.Name.Span.ToRange());
        }
        var token = Token.Scan(file.Text).FirstOrDefault(t => t.Kind == TokenKind.Word && t.Start <= offset && offset < t.End);
        return token.Length > 0 && OfWord(file, token.Of(file.Text), NameRole.Setting, token.Start) is { } known
            ? new(MarkupContent.Markdown(known), file.Source.RangeOf(token.Start, token.End))
            : null;
    }

    /// <summary>Of anything that has a declaration, or that the language has.</summary>
    public static string? Describe(Analysis file, Definition definition, NameUse? use = null) =>
        definition.Kind switch
        {
            DefinitionKind.Statement => Feature(file, use) + Statement(file, definition),
            DefinitionKind.Task => Task(file, definition),
            DefinitionKind.Component => Component(definition),
            DefinitionKind.Parameter => Parameter(file, definition),
            DefinitionKind.Let => Code(Line(definition.Syntax!))
                + Values(file, definition)
                + (use is { Role: NameRole.Member } ? Member(file, use) : ""),
            DefinitionKind.Primitive => Code(Primitive.All[definition.Name.Text].Declared)
                + ManualOf("primitive", definition.Name.Text, "A primitive."),
            DefinitionKind.Function => Code(
                $"{definition.Name.Text}({string.Join(", ", BuiltinNames.Parameters[definition.Name.Text])})"
            ) + ManualOf("built in", definition.Name.Text, "Decided while compiling."),
            DefinitionKind.Constant => definition.Name.Text == "image"
                ? "The picture: `3 x H x W`."
                : "`none` marks an absent argument; it can only be compared.",
            DefinitionKind.Variable => Code($"for {definition.Name.Text} in ...") + "What `for` goes through its items with.",
            DefinitionKind.Model => Model(file, definition),
            DefinitionKind.Sweep => Code($"sweep {definition.Name.Text}") + Documentation(definition.Syntax!),
            DefinitionKind.Report => Code($"report {definition.Name.Text}") + Documentation(definition.Syntax!),
            _ => null,
        };

    static string Statement(Analysis file, Definition definition)
    {
        var (name, text) = (definition.Name.Text, new StringBuilder(Code(Line(definition.Syntax!))));
        text.Append(Values(file, definition));
        if (file.NodesOf(name).Any())
        {
            text.Append(CultureInfo.InvariantCulture, $"\n\n{file.ParametersOf(name):N0} parameters, ");
            text.Append(CultureInfo.InvariantCulture, $"{Amount.Count(file.MultiplyAddsOf(name))} multiply-adds at {file.Crop}");
            if (file.Program.Costs is { } costs && costs.Saved.TryGetValue(name, out var saved))
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"  \n{Amount.Bytes(saved)} kept for the backward pass at batch {costs.Batch}: {costs.ShareOf(name):0} % "
                        + $"of the model's"
                );
        }
        if (file.FeaturesOf(name) is { IsEmpty: false } features)
            text.Append("\n\n").AppendJoin("  \n", features.Select(f => $"`{name}.{f.Name}` {f.Node.Shape}"));
        if (
            file.Model?.Statements.GetValueOrDefault(name) is { } statement
            && file.Symbols.Names.Component(statement) is { Owner: { } component }
        )
            text.Append("\n\n---\n").Append(ComponentText(component));
        return text.ToString();
    }

    /// <summary>What `trunk/4` or `trunk.layer3` stands for, above what is told of the encoder.</summary>
    static string Feature(Analysis file, NameUse? use)
    {
        if (
            use is not { Role: NameRole.Feature }
            || SyntaxChildren.All(file.Tree).OfType<FeatureSyntax>().FirstOrDefault(f => ReferenceEquals(f.Name, use.Name))
                is not { } feature
        )
            return "";
        var found =
            feature.Divisor is { } divisor
                ? file.FeaturesOf(feature.Name.Text)
                    .LastOrDefault(f =>
                        f.Node.Shape is { IsPlain: true, Height: { IsFixed: false, Numerator: 1 } height }
                        && height.Denominator == divisor.Value
                    )
            : feature.Members is [var member] ? file.FeaturesOf(feature.Name.Text).LastOrDefault(f => f.Name == member.Text)
            : default;
        return found.Node is null ? "" : $"`{feature}` is `{feature.Name.Text}.{found.Name}`, `{found.Node.Shape}`\n\n";
    }

    static string Task(Analysis file, Definition definition)
    {
        var syntax = (TaskSyntax)definition.Syntax!;
        var decoders =
            file.Model?.Decoders.Where(d => d.Syntax.Tasks.Any(t => t.Text == syntax.Name.Text))
                .Select(d => $"`{d.Statement.Name.Text}`")
                .ToList()
            ?? [];
        return Code(Line(syntax))
            + ManualOf("kind", syntax.Kind.Text, "")
            + (decoders.Count == 0 ? "" : $"\n\nPredicted by {string.Join(", ", decoders)}.");
    }

    static string Component(Definition definition) => ComponentText(definition.Owner!);

    static string ComponentText(ComponentSymbol component) =>
        Code($"component {component.Signature}")
        + Documentation(component.Syntax)
        + (
            component.IsStandard
                ? Joined("\n\n", Manual.Find("component", component.Name)?.Meaning) + "\n\nStandard library."
                : ""
        );

    static string Parameter(Analysis file, Definition definition)
    {
        var (syntax, owner) = ((ParameterSyntax)definition.Syntax!, definition.Owner!);
        var seen = owner.IsStandard ? "" : Values(file, definition);
        return Code($"{syntax.Span.Text}")
            + $"Parameter of `{owner.Name}`"
            + (syntax.Default is null ? "; it must be given." : $"; default `{syntax.Default.Span.Text}`.")
            + seen;
    }

    static string Model(Analysis file, Definition definition)
    {
        var text = Code($"model {definition.Name.Text}");
        if (file.Program.Costs is { } costs)
        {
            text += string.Create(
                CultureInfo.InvariantCulture,
                $"{costs.Parameters:N0} parameters, {Amount.Count(costs.MultiplyAdds)} multiply-adds at "
                    + $"{costs.Crop}\n\nPlanned memory at batch {costs.Batch}: training {Amount.Bytes(costs.TrainingPeak)}, "
                    + $"evaluation {Amount.Bytes(costs.EvaluationPeak)}"
            );
        }
        return text + Documentation(definition.Syntax!);
    }

    /// <summary>What a name was found to stand for.</summary>
    static string Values(Analysis file, Definition definition)
    {
        var values = file.Lowered.Of(definition.Name).Select(ValueText.Of).Where(v => v.Length > 0).Distinct().Take(4).ToList();
        return values.Count == 0 ? "" : string.Join(" or ", values.Select(v => $"`{v}`"));
    }

    static string Member(Analysis file, NameUse use)
    {
        foreach (var exchange in SyntaxChildren.All(file.Tree).OfType<ExchangeSyntax>())
        {
            if (exchange.Stages.FirstOrDefault(s => ReferenceEquals(s.Name, use.Name)) is { } stage)
                return string.Join(
                    "  \n",
                    exchange.Encoders.SelectMany(e =>
                        file.FeaturesOf(e.Text)
                            .Concat(file.StepsOf(e.Text))
                            .Where(f => f.Name == stage.ToString())
                            .Select(f => $"`{e.Text}.{f.Name}` `{f.Node.Shape}`")
                    )
                );
        }
        var feature = file
            .Model?.Statements.Keys.Select(b =>
                file.FeaturesOf(b).FirstOrDefault(f => f.Name == use.Name.Text && Before(file, use, b))
            )
            .FirstOrDefault(f => f.Node is not null);
        return feature?.Node is { } node ? $"`{node.Shape}`" : "";

        static bool Before(Analysis file, NameUse use, string statement) =>
            file.Text.AsSpan(0, Math.Max(0, use.Name.Span.Start - 1)).EndsWith(statement, StringComparison.Ordinal);
    }

    /// <summary>Words that are no names: settings, choices, losses, statements.</summary>
    static string? OfWord(Analysis file, string word, NameRole role, int offset)
    {
        var cursor = Cursor.At(file.Text, offset);
        if (cursor.IsInComment || cursor.IsInText)
            return null;
        if (
            role == NameRole.Loss
            || (
                cursor.Level.Block != Block.Settings && cursor.Levels.Any(l => l.First == "loss") && Manual.Loss(word) is not null
            )
        )
            return Manual.Loss(word);
        if (Settings.At(file, cursor, word) is { } setting)
            return setting.Documentation;
        if (cursor.Levels[^1].Words.Count == 0 && Statement(word) is { } statement)
            return statement;
        return word switch
        {
            "of" or "skip" or "with" => null,
            _ when (Manual.Find("kind", word) ?? Manual.Find("kind of input", word)) is { } kind => Code(word) + kind.Meaning,
            _ => null,
        };
    }

    static string? Statement(string word) =>
        word switch
        {
            "data" or "train" => $"The recipe: `{word} {{ }}`. Every setting has a default.",
            _ when Manual.Find("statement", word) is { } entry => entry.Meaning,
            _ => null,
        };

    static string ManualOf(string of, string key, string otherwise) =>
        Manual.Find(of, key) is { Meaning.Length: > 0 } entry ? entry.Meaning : otherwise;

    /// <summary>A declaration's first line, without what its braces hold over several.</summary>
    static string Line(SyntaxNode syntax)
    {
        var text = (syntax is FileLetSyntax file ? file.Let : syntax).Span.Text;
        var end = text.IndexOfAny(['\n', '\r']);
        return end < 0 ? text : text[..end].TrimEnd() + " ...";
    }

    static string Code(string text) => $"```mtl\n{text}\n```\n";

    /// <summary>The comment above a declaration, or above the block of declarations that it stands in.</summary>
    internal static string Documentation(SyntaxNode syntax)
    {
        var (source, line) = (syntax.Span.Source, syntax.Span.Position.Line - 1);
        while (line > 0 && source.Line(line) is var above && above.Trim().Length > 0 && above[0] is not ('#' or '}' or ' '))
            line--;
        var comment = new List<string>();
        for (; line > 0 && source.Line(line).TrimStart().StartsWith('#'); line--)
            comment.Insert(0, source.Line(line).TrimStart('#', ' '));
        return comment.Count == 0 ? "" : "\n\n" + string.Join("  \n", comment);
    }

    static string Joined(string before, string? text) => string.IsNullOrEmpty(text) ? "" : before + text;
}
