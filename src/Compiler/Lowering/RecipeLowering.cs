using System.Collections.Immutable;
using Mtlc.Compiler.Binding;
using Mtlc.Compiler.Recipes;
using Mtlc.Dsl.Syntax;

namespace Mtlc.Compiler.Lowering;

/// <summary>`data { }` and `train { }` to their records: every setting known, of the right type and within its bounds.</summary>
public static class RecipeLowering
{
    public static T Build<T>(RecipeSymbol recipe, Evaluator evaluator)
        where T : class => (T)Record(typeof(T), recipe.Settings, recipe.Name, null, [], evaluator);

    /// <summary>One of a union's records, as the tree chooses it; null after having reported that it chooses none.</summary>
    /// <param name="usual">What settings alone, without a choice, belong to.</param>
    public static T? Chosen<T>(SettingTree tree, string what, T usual, Evaluator evaluator)
        where T : class => (T?)Choice(typeof(T), tree, what, usual, evaluator);

    /// <summary>A record whose settings are the tree's children.</summary>
    /// <param name="arguments">What stands in parentheses behind a choice: `miniscapes("DIR")`.</param>
    static object Record(
        Type type,
        SettingTree tree,
        string what,
        object? defaults,
        ImmutableArray<ArgumentSyntax> arguments,
        Evaluator evaluator
    )
    {
        var signature = Signature.Of(type);
        var values = new Dictionary<string, object?>(StringComparer.Ordinal);
        if (defaults?.GetType() == type)
        {
            foreach (var parameter in signature.Parameters)
                values[parameter.Name] = Signature.Read(defaults, parameter);
        }
        Arguments(signature, arguments, what, values, evaluator);
        foreach (var (name, child) in tree.Children)
        {
            if (signature.Parameters.FirstOrDefault(p => p.Name == name) is { } parameter)
                values[name] = Value(type, parameter, child, what, evaluator) ?? values.GetValueOrDefault(name);
            else
                evaluator.Diagnostics.NoSetting(
                    child.Span!.Value,
                    name,
                    what,
                    [.. signature.Parameters.Select(p => p.Name)],
                    within: Within(signature, name)
                );
        }
        foreach (var missing in signature.Parameters.Where(p => !p.IsOptional && values.GetValueOrDefault(p.Name) is null))
        {
            // A value of the wrong kind is reported already.
            if (!values.ContainsKey(missing.Name) && arguments.IsEmpty)
                evaluator.Diagnostics.MissingArgument(
                    tree.Head?.Span ?? tree.Span!.Value,
                    what,
                    missing.Name,
                    $"{what}({missing.Name})"
                );
            values[missing.Name] = missing.Type == typeof(string) ? "" : null;
        }
        return signature.Create(values);
    }

    /// <summary>"optimizer.lr" for `lr`: the setting of that name one level down.</summary>
    static string? Within(Signature signature, string name) =>
        signature
            .Parameters.Where(p =>
                IsRecord(p.Type)
                && (p.Type.IsAbstract ? Signature.Choices(p.Type).Select(c => c.Type) : [p.Type]).Any(t =>
                    Signature.Of(t).Parameters.Any(inner => inner.Name == name)
                )
            )
            .Select(p => $"{p.Name}.{name}")
            .FirstOrDefault();

    static bool IsRecord(Type type) => type.IsClass && type.Namespace == typeof(DataRecipe).Namespace && type != typeof(Interval);

    static void Arguments(
        Signature signature,
        ImmutableArray<ArgumentSyntax> arguments,
        string what,
        Dictionary<string, object?> values,
        Evaluator evaluator
    )
    {
        var written = arguments
            .Select(a => new Argument(a.Name?.Text, evaluator.Evaluate(a.Value, evaluator.Globals, ""), a.Span))
            .ToImmutableArray();
        ImmutableArray<string> names = [.. signature.Parameters.Select(p => p.Name)];
        if (
            written.IsEmpty
            || evaluator.Match(what, $"{what}({string.Join(", ", names)})", names, written, written[0].Span) is not { } given
        )
            return;
        foreach (var parameter in signature.Parameters.Where(p => given.ContainsKey(p.Name)))
            values[parameter.Name] = evaluator.Convert(
                given[parameter.Name].Value,
                parameter,
                $"'{parameter.Name}' of {what}",
                given[parameter.Name].Span
            );
    }

    static object? Value(Type owner, SignatureParameter parameter, SettingTree tree, string ownerName, Evaluator evaluator)
    {
        var what = $"'{parameter.Name}' of {ownerName}";
        if (!IsRecord(parameter.Type))
            return Scalar(parameter, tree, what, evaluator);
        var defaults = Signature.Of(owner).Parameters.All(p => p.IsOptional)
            ? Signature.Read(Signature.Of(owner).Create(ImmutableDictionary<string, object?>.Empty), parameter)
            : null;
        if (parameter.Type.IsAbstract)
            return Choice(parameter.Type, tree, what, defaults, evaluator);
        if (tree.Head is not { } head)
            return Record(parameter.Type, tree, parameter.Name, null, [], evaluator);
        evaluator.WrongKind(head.Span, what, "settings in braces", evaluator.Evaluate(head, evaluator.Globals, ""));
        return null;
    }

    static object? Scalar(SignatureParameter parameter, SettingTree tree, string what, Evaluator evaluator)
    {
        foreach (var (name, child) in tree.Children)
            evaluator.Diagnostics.NoSetting(child.Span!.Value, name, what, []);
        return tree.Head is { } head && tree.Children.Count == 0
            ? evaluator.Convert(evaluator.Evaluate(head, evaluator.Globals, ""), parameter, what, head.Span)
            : null;
    }

    /// <summary>`adam { lr: 1e-4 }`, `miniscapes("DIR")`; settings alone belong to the default choice.</summary>
    static object? Choice(Type union, SettingTree tree, string what, object? defaults, Evaluator evaluator)
    {
        var (name, arguments) = tree.Head switch
        {
            ReferenceSyntax reference => (reference.Name, []),
            CallSyntax call => (call.Name, call.Arguments),
            _ => ((NameSyntax?)null, ImmutableArray<ArgumentSyntax>.Empty),
        };
        if (tree.Head is null && defaults is not null)
            return Record(defaults.GetType(), tree, Signature.Word(defaults.GetType()), defaults, [], evaluator);
        var choices = Signature.Choices(union);
        var words = choices.Select(c => c.Word).ToList();
        if (name is null)
        {
            if (tree.Head is { } head)
                evaluator.WrongKind(
                    head.Span,
                    what,
                    "one of " + string.Join(", ", words),
                    evaluator.Evaluate(head, evaluator.Globals, "")
                );
            return null;
        }
        if (choices.FirstOrDefault(c => c.Word == name.Text).Type is { } type)
            return Record(type, tree, name.Text, null, arguments, evaluator);
        evaluator.Diagnostics.WordNotAllowed(name.Span, what, $"'{name.Text}'", words);
        return null;
    }
}
