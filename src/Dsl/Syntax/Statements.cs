using System.Collections.Immutable;
using Mtlc.Dsl.Text;

namespace Mtlc.Dsl.Syntax;

/// <summary>What stands in a model.</summary>
public abstract record StatementSyntax(SourceSpan Span) : SyntaxNode(Span);

/// <summary>`task name: kind of other { settings }`.</summary>
public sealed record TaskSyntax(NameSyntax Name, NameSyntax Kind, NameSyntax? Of, SettingsSyntax? Settings, SourceSpan Span)
    : StatementSyntax(Span);

/// <summary>`input name: kind { settings }`: what the network reads beside the picture.</summary>
public sealed record InputSyntax(NameSyntax Name, NameSyntax Kind, SettingsSyntax? Settings, SourceSpan Span)
    : StatementSyntax(Span);

/// <summary>`encoder name: backbone { settings }`, or `encoder name: backbone(feature) { settings }`.</summary>
public sealed record EncoderSyntax(NameSyntax Name, NameSyntax Backbone, SettingsSyntax? Settings, SourceSpan Span)
    : StatementSyntax(Span)
{
    /// <summary>What it reads; null for the picture.</summary>
    public FeatureSyntax? Source { get; init; }
}

/// <summary>`aspp name: feature -> channels { settings }`.</summary>
public sealed record AsppSyntax(
    NameSyntax Name,
    FeatureSyntax Source,
    ExpressionSyntax Channels,
    SettingsSyntax? Settings,
    SourceSpan Span
) : StatementSyntax(Span);

/// <summary>`attention name: feature { settings }`.</summary>
public sealed record AttentionSyntax(NameSyntax Name, FeatureSyntax Source, SettingsSyntax? Settings, SourceSpan Span)
    : StatementSyntax(Span);

/// <summary>`decoder name: feature + feature + skip feature -> task, task { settings }`, or
/// `[feature, feature] + skip feature -> ...`.</summary>
public sealed record DecoderSyntax(
    NameSyntax Name,
    ImmutableArray<FeatureSyntax> Summands,
    ImmutableArray<FeatureSyntax> Skips,
    ImmutableArray<NameSyntax> Tasks,
    SettingsSyntax? Settings,
    SourceSpan Span
) : StatementSyntax(Span)
{
    /// <summary>Whether its body is given the features as a list, in place of their sum.</summary>
    public bool IsList { get; init; }
}

/// <summary>`refine task: component(arguments) { settings }`.</summary>
public sealed record RefineSyntax(NameSyntax Task, CallSyntax Component, SettingsSyntax? Settings, SourceSpan Span)
    : StatementSyntax(Span);

/// <summary>`share name: component { settings }`: one set of weights, applied wherever the name is.</summary>
public sealed record ShareSyntax(NameSyntax Name, NameSyntax Component, SettingsSyntax? Settings, SourceSpan Span)
    : StatementSyntax(Span);

/// <summary>`exchange name: encoder, encoder at position, position { settings }`.</summary>
public sealed record ExchangeSyntax(
    NameSyntax Name,
    ImmutableArray<NameSyntax> Encoders,
    ImmutableArray<PositionSyntax> Stages,
    SettingsSyntax? Settings,
    SourceSpan Span
) : StatementSyntax(Span);

/// <summary>`layer3`, `features[6]`: a `let` of an encoder's component, or a step of one that is a loop or pipe.</summary>
/// <param name="Places">Numbers in brackets behind the name.</param>
public sealed record PositionSyntax(NameSyntax Name, ImmutableArray<ExpressionSyntax> Places, SourceSpan Span) : SyntaxNode(Span)
{
    public override string ToString() => Name.Text + string.Concat(Places.Select(p => $"[{p.Span.Text}]"));
}

/// <summary>`loss: expression`.</summary>
public sealed record LossSyntax(ExpressionSyntax Value, SourceSpan Span) : StatementSyntax(Span);

/// <summary>`let name = expression`, in a model.</summary>
public sealed record ModelLetSyntax(LetSyntax Let) : StatementSyntax(Let.Span);

/// <summary>`trunk`, `trunk.layer3`, `trunk.layer3[-2]`, `trunk/4`: where an arrow starts.</summary>
/// <param name="Members">The words after the dots.</param>
/// <param name="Divisor">The integer behind a slash.</param>
public sealed record FeatureSyntax(NameSyntax Name, ImmutableArray<NameSyntax> Members, NumberSyntax? Divisor, SourceSpan Span)
    : SyntaxNode(Span)
{
    /// <summary>Numbers in brackets behind the words: steps of a loop or pipe.</summary>
    public ImmutableArray<ExpressionSyntax> Places { get; init; } = [];

    public override string ToString() =>
        Name.Text
        + string.Concat(Members.Select(m => "." + m.Text))
        + string.Concat(Places.Select(p => $"[{p.Span.Text}]"))
        + (Divisor is null ? "" : "/" + Divisor.Text);
}
