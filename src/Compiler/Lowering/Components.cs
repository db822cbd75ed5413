using Mtlc.Compiler.Binding;
using Mtlc.Dsl.Syntax;

namespace Mtlc.Compiler.Lowering;

/// <summary>The component that a statement applies.</summary>
static class Components
{
    public static ComponentValue? Named(NameSyntax name, Scope scope, Evaluator evaluator)
    {
        if (evaluator.Component(name.Text) is { } declared)
            return declared;
        var value = evaluator.Evaluate(new ReferenceSyntax(name), scope, "");
        if (value is ComponentValue component)
            return component;
        if (value is ErrorValue && evaluator.BrokenShares.Contains(name.Text))
            return null;
        if (value is WordValue or ErrorValue)
            evaluator.Diagnostics.NoComponent(name.Span, name.Text, evaluator.ComponentNames);
        else
            evaluator.WrongKind(name.Span, $"'{name.Text}'", "a component", value);
        return null;
    }

    /// <summary>`using: COMPONENT`, or the statement's own.</summary>
    public static ComponentValue? Using(
        StatementSymbol statement,
        string fallback,
        string owner,
        Scope scope,
        Evaluator evaluator
    )
    {
        var name = statement.Settings.Children.GetValueOrDefault("using")?.Head switch
        {
            null => new NameSyntax(fallback, statement.Name.Span),
            ReferenceSyntax reference => reference.Name,
            var other => Report(other),
        };
        return name is null ? null : Named(name, scope, evaluator);

        NameSyntax? Report(ExpressionSyntax other)
        {
            evaluator.WrongKind(other.Span, $"'using' of {owner}", "a component's name", evaluator.Evaluate(other, scope, ""));
            return null;
        }
    }
}
