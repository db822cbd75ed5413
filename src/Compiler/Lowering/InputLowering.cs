using Mtlc.Compiler.Binding;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Ops;
using Mtlc.Dsl.Syntax;

namespace Mtlc.Compiler.Lowering;

/// <summary>`input NAME: map { channels, mean, deviation }`.</summary>
static class InputLowering
{
    /// <param name="start">The first of its channels behind those of the picture and of earlier inputs.</param>
    /// <returns>null after having reported what is wrong.</returns>
    public static (InputMap Map, Node Node)? Lower(
        StatementSymbol statement,
        InputSyntax syntax,
        int start,
        Scope scope,
        Evaluator evaluator
    )
    {
        var (name, settings) = (statement.Name.Text, statement.Settings);
        var owner = $"input '{name}'";
        if (syntax.Kind.Text != "map")
        {
            evaluator.Diagnostics.UnknownInputKind(syntax.Kind.Span, name, syntax.Kind.Text);
            return null;
        }
        var own = OwnSettings.Names("input");
        var fits = true;
        foreach (var (key, child) in settings.Children.Where(c => !own.Contains(c.Key)))
        {
            evaluator.Diagnostics.NoSetting(child.Span!.Value, key, owner, own);
            fits = false;
        }
        var channels = Take(OwnSettings.Channels) is int count ? count : 1;
        var (mean, deviation) = (Take(OwnSettings.Mean) as double?, Take(OwnSettings.Deviation) as double?);
        if (settings.Children.ContainsKey("mean") != settings.Children.ContainsKey("deviation"))
        {
            evaluator.Diagnostics.MissingSetting(
                syntax.Name.Span,
                owner,
                settings.Children.ContainsKey("mean") ? "deviation" : "mean",
                "{ mean: ..., deviation: ... }, or neither: they are then measured"
            );
            return null;
        }
        if (!fits)
            return null;
        var map = new InputMap(name, channels, start, IsMeasured: deviation is null, syntax.Name.Span);
        var made = evaluator.Apply(
            new MapInput(channels, name, start, mean ?? 0, deviation ?? 0),
            [],
            "input",
            syntax.Name.Span,
            name
        );
        return made.Features is { } node ? (map, node) : null;

        object? Take(SignatureParameter parameter)
        {
            var value = StatementSettings.Take(settings, parameter, owner, scope, evaluator);
            fits &= value is not null || !settings.Children.ContainsKey(parameter.Name);
            return value;
        }
    }
}
