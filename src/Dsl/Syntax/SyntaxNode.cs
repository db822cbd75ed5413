using System.Collections.Immutable;
using Mtlc.Dsl.Text;

namespace Mtlc.Dsl.Syntax;

/// <summary>A piece of the program that knows where it stands.</summary>
public abstract record SyntaxNode(SourceSpan Span);

/// <summary>A word of the user's: the name of a statement, task, component, setting.</summary>
public sealed record NameSyntax(string Text, SourceSpan Span) : SyntaxNode(Span)
{
    public override string ToString() => Text;
}

/// <summary>`trunk.dilate.2`: words and list indices, at least one.</summary>
public sealed record PathSyntax(ImmutableArray<NameSyntax> Parts, SourceSpan Span) : SyntaxNode(Span)
{
    public override string ToString() => string.Join('.', Parts.Select(p => p.Text));
}

/// <summary>`{ key: value, key: value }`.</summary>
public sealed record SettingsSyntax(ImmutableArray<SettingSyntax> Items, SourceSpan Span) : SyntaxNode(Span);

/// <summary>`key: value`; a key may be a path (`optimizer.lr: 1e-3`).</summary>
public sealed record SettingSyntax(PathSyntax Key, ExpressionSyntax Value, SourceSpan Span) : SyntaxNode(Span);

/// <summary>One file, as parsed. Always there, however broken the text; what could not be understood is left out and
/// diagnosed.</summary>
public sealed record FileSyntax(SourceText Source, ImmutableArray<DeclarationSyntax> Declarations, SourceSpan Span)
    : SyntaxNode(Span)
{
    /// <summary>Comments and blank lines, with their places.</summary>
    public TriviaSyntax Trivia { get; init; } = TriviaSyntax.None;
}
