using System.Collections.Immutable;
using Mtlc.Compiler.Binding;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Recipes;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Text;

namespace Mtlc.Compiler.Lowering;

/// <summary>The `{ }` of a model's statement: settings of the statement itself, and arguments of its component.</summary>
public static class StatementSettings
{
    /// <summary>A record from a statement's settings; null after having reported what is wrong.</summary>
    public static object? Build(Type record, SettingTree tree, string owner, SourceSpan span, Evaluator evaluator)
    {
        var signature = Signature.Of(record);
        var values = new Dictionary<string, object?>(StringComparer.Ordinal);
        var complete = true;
        foreach (var (name, child) in tree.Children)
        {
            if (signature.Parameters.FirstOrDefault(p => p.Name == name) is { } parameter)
                complete &=
                    (values[name] = Evaluate(child, parameter, $"'{name}' of {owner}", evaluator.Globals, evaluator)) is not null;
            else
                evaluator.Diagnostics.NoSetting(child.Span ?? span, name, owner, [.. signature.Parameters.Select(p => p.Name)]);
        }
        foreach (var missing in signature.Parameters.Where(p => !p.IsOptional && !values.ContainsKey(p.Name)))
        {
            // A misspelt setting is reported already.
            if (!tree.Children.Keys.Any(k => Suggestions.Closest(k, [missing.Name]) is not null))
                evaluator.Diagnostics.MissingSetting(span, owner, missing.Name, $"{{ {missing.Name}: ... }}");
            complete = false;
        }
        return complete ? signature.Create(values) : null;
    }

    /// <summary>One setting of the statement itself, converted; null where absent or wrong.</summary>
    public static object? Take(SettingTree tree, SignatureParameter parameter, string owner, Scope scope, Evaluator evaluator) =>
        tree.Children.TryGetValue(parameter.Name, out var child)
            ? Evaluate(child, parameter, $"'{parameter.Name}' of {owner}", scope, evaluator)
            : null;

    /// <summary>`recompute: true`, which every statement that makes nodes may say.</summary>
    public static bool Recomputes(SettingTree tree, string owner, Scope scope, Evaluator evaluator) =>
        Take(tree, OwnSettings.Recompute, owner, scope, evaluator) is true;

    /// <summary>`frozen: true`, which every statement that makes parameters may say.</summary>
    public static bool Freezes(SettingTree tree, string owner, Scope scope, Evaluator evaluator) =>
        Take(tree, OwnSettings.Frozen, owner, scope, evaluator) is true;

    /// <summary>`lr: 0.1x` and `weight_decay: 0.05`.</summary>
    public static ParameterGroup Group(SettingTree tree, string owner, Scope scope, Evaluator evaluator)
    {
        var rate = Take(tree, OwnSettings.Rate, owner, scope, evaluator) as Factor?;
        return new(rate?.Value ?? 1, Take(tree, OwnSettings.Decay, owner, scope, evaluator) as double?);
    }

    /// <summary>Warns of settings of training where nothing is trained.</summary>
    public static void CheckFrozen(SettingTree tree, string owner, DiagnosticBag diagnostics)
    {
        foreach (var name in new[] { "lr", "weight_decay", "lr_decay" })
        {
            if (tree.Children.GetValueOrDefault(name)?.Span is { } span)
                diagnostics.SettingOfFrozen(span, name, owner);
        }
    }

    /// <summary>The rest as named arguments of the component.</summary>
    /// <param name="statement">Its word, which tells the settings that are its own.</param>
    public static ImmutableArray<Argument>? Arguments(
        SettingTree tree,
        ComponentValue component,
        string statement,
        string owner,
        Scope scope,
        Evaluator evaluator
    )
    {
        var own = OwnSettings.Names(statement);
        var known = component.Component is { } declared
            ? declared.Settings.ToList()
            : [.. component.Primitive!.Signature.Parameters.Select(p => p.Name)];
        var arguments = ImmutableArray.CreateBuilder<Argument>();
        var fits = true;
        foreach (var (name, child) in tree.Children)
        {
            if (own.Contains(name))
                continue;
            if (!known.Contains(name))
            {
                evaluator.Diagnostics.NoSetting(child.Span!.Value, name, owner, [.. own, .. known.Where(k => k != "skips")]);
                fits = false;
            }
            else if (child.Head is { } head && child.Children.Count == 0)
            {
                arguments.Add(
                    new(name, evaluator.Evaluate(head, scope, ""), head.Span, Origin: new(head, $"'{name}' of {owner}"))
                );
            }
            else
            {
                evaluator.Diagnostics.WrongKind(child.Span!.Value, $"'{name}' of {owner}", "a value", "settings in braces");
                fits = false;
            }
        }
        return fits ? arguments.ToImmutable() : null;
    }

    static object? Evaluate(SettingTree child, SignatureParameter parameter, string what, Scope scope, Evaluator evaluator)
    {
        if (child.Head is { } head && child.Children.Count == 0)
            return evaluator.Convert(evaluator.Evaluate(head, scope, ""), parameter, what, head.Span);
        evaluator.Diagnostics.WrongKind(child.Span!.Value, what, "a value", "settings in braces");
        return null;
    }
}
