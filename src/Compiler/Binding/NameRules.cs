using System.Collections.Immutable;
using Mtlc.Dsl.Syntax;

namespace Mtlc.Compiler.Binding;

/// <summary>
/// What names mean in a program, told once: the scopes that there are, and how an expression's names are looked up in them. A
/// name alone means what the scope has, then a component; a name that is called means a component first, unless a parameter, a
/// variable or a `let` of the component hides it. </summary>
public sealed class NameRules(ProgramSymbols symbols)
{
    static readonly Definition None = BuiltIn(DefinitionKind.Constant, "none");
    static readonly Definition Image = BuiltIn(DefinitionKind.Constant, "image");
    static readonly NameScope Standard = new(null, [None]);

    static readonly Dictionary<string, Definition> BuiltIns = Primitive
        .All.Keys.Select(n => BuiltIn(DefinitionKind.Primitive, n))
        .Concat(BuiltinNames.All.Select(n => BuiltIn(DefinitionKind.Function, n)))
        .ToDictionary(d => d.Name.Text, StringComparer.Ordinal);

    // By the very name that declares it: records compare by value, and two files may hold the same text.
    readonly Dictionary<NameSyntax, Definition> declared = new(ReferenceEqualityComparer.Instance);
    NameScope? globals,
        model;

    public ProgramSymbols Symbols => symbols;

    /// <summary>The files' `let`s and `none`.</summary>
    public NameScope Globals =>
        globals ??= new(Standard, symbols.Lets.Values.Select(l => Declare(DefinitionKind.Let, l.Name, l)));

    /// <summary>What a model's statements see: statements, the picture, and what files declare.</summary>
    public NameScope Model =>
        model ??= new(
            Globals,
            (symbols.Model?.Statements.Values ?? Enumerable.Empty<StatementSymbol>())
                .Select(b => Declare(DefinitionKind.Statement, b.Name, b.Syntax))
                .Append(Image)
        );

    /// <summary>What a component's body sees.</summary>
    public NameScope Of(ComponentSymbol component) =>
        new(
            component.IsStandard ? Standard : Globals,
            [
                .. component.Syntax.Parameters.Select(p => Declare(DefinitionKind.Parameter, p.Name, p, component)),
                .. component.Syntax.Lets.Select(l => Declare(DefinitionKind.Let, l.Name, l, component)),
            ]
        );

    /// <summary>The one definition that a name declares.</summary>
    public Definition Declare(DefinitionKind kind, NameSyntax name, SyntaxNode syntax, ComponentSymbol? owner = null)
    {
        lock (declared)
        {
            if (!declared.TryGetValue(name, out var definition))
                declared[name] = definition = new(kind, name, syntax, owner);
            return definition;
        }
    }

    /// <summary>The component, primitive or function of that name, whatever else is called so.</summary>
    public Definition? Component(string name) =>
        symbols.Components.TryGetValue(name, out var component)
            ? Declare(DefinitionKind.Component, component.Syntax.Name, component.Syntax, component)
            : BuiltIns.GetValueOrDefault(name);

    /// <summary>The component that a statement applies; null where there is none of that name.</summary>
    public Definition? Component(StatementSymbol statement)
    {
        var chosen = statement.Settings.Children.GetValueOrDefault("using")?.Head is ReferenceSyntax { Name: var name }
            ? name.Text
            : null;
        return statement.Syntax switch
        {
            EncoderSyntax encoder => Component(encoder.Backbone.Text),
            ShareSyntax share => Component(share.Component.Text),
            ExchangeSyntax => chosen is null ? null : Component(chosen),
            AsppSyntax => Component(chosen ?? "aspp"),
            AttentionSyntax => Component(chosen ?? "self_attention"),
            DecoderSyntax decoder => Component(chosen ?? (decoder.Skips.IsEmpty ? "plain_decoder" : "deeplab_decoder")),
            _ => null,
        };
    }

    public Definition? Task(string name) =>
        symbols.Model?.Tasks.GetValueOrDefault(name) is { } task
            ? Declare(DefinitionKind.Task, task.Syntax.Name, task.Syntax)
            : null;

    /// <summary>What a `set` changes something of; null for `data` and `train` and for names of nothing.</summary>
    public Definition? Target(PathSyntax path) =>
        path.Parts[0].Text switch
        {
            "data" or "train" => null,
            var name
                when path.Parts is [_, { Text: "refine" }, ..] && symbols.Model?.Refines.Exists(r => r.Task == name) == true =>
                Task(name),
            var name when symbols.Model?.Statements.GetValueOrDefault(name) is { } statement => Declare(
                DefinitionKind.Statement,
                statement.Name,
                statement.Syntax
            ),
            var name when symbols.Model?.Tasks.ContainsKey(name) == true => Task(name),
            var name => Globals.Find(name) is { Kind: DefinitionKind.Let } let ? let : null,
        };

    /// <summary>What a name means where it is no call.</summary>
    public Definition? Value(string name, NameScope scope) =>
        scope.Find(name) ?? (BuiltinNames.All.Contains(name) ? null : Component(name));

    /// <summary>What a name means where it is called. `let head = head(x)`: what is called is the component.</summary>
    public Definition? Called(string name, NameScope scope)
    {
        var local = scope.Find(name);
        var isHidden =
            local
            is { Kind: DefinitionKind.Parameter or DefinitionKind.Variable }
                or { Syntax: LetSyntax { Value: ReferenceSyntax } };
        return local is null || (!isHidden && symbols.IsComponent(name)) ? Component(name) : local;
    }

    /// <summary>The names that an expression reads, in the order of the text, with those that it declares itself.</summary>
    /// <param name="needsValue">Whether a word cannot stand for it.</param>
    public ImmutableArray<NameUse> Uses(ExpressionSyntax? expression, NameScope scope, bool needsValue = false)
    {
        if (expression is null)
            return [];
        var walker = new NameWalker(this);
        walker.Expression(expression, scope, needsValue);
        return walker.ToImmutable();
    }

    /// <summary>The same of settings and all below them.</summary>
    public ImmutableArray<NameUse> Uses(SettingTree settings, NameScope scope) =>
        [
            .. Uses(settings.Head, scope),
            .. settings.Children.SelectMany(c => c.Key == "using" ? Chosen(c.Value, scope) : Uses(c.Value, scope)),
        ];

    /// <summary>`using: head` means the component, whatever statement is called so.</summary>
    ImmutableArray<NameUse> Chosen(SettingTree setting, NameScope scope) =>
        setting.Head is ReferenceSyntax { Name: var name } && symbols.IsComponent(name.Text)
            ?
            [
                new(name, NameRole.Component, Component(name.Text), scope),
                .. setting.Children.Values.SelectMany(c => Uses(c, scope)),
            ]
            : Uses(setting, scope);

    /// <summary>The `let` that an encoder's feature is called by, in its component or in the one that this hands everything on
    /// to.</summary>
    public Definition? Member(Definition? encoder, NameSyntax member)
    {
        if (encoder?.Syntax is not EncoderSyntax { Backbone: var backbone })
            return null;
        var name = backbone.Text;
        for (
            var seen = new HashSet<string>(StringComparer.Ordinal);
            seen.Add(name) && symbols.Components.TryGetValue(name, out var component);

        )
        {
            if (component.Syntax.Lets.FirstOrDefault(l => l.Name.Text == member.Text) is { } let)
                return Declare(DefinitionKind.Let, let.Name, let, component);
            if (!component.Syntax.Lets.IsEmpty || component.Syntax.Result is not CallSyntax { Name.Text: var next })
                return null;
            name = next;
        }
        return null;
    }

    /// <summary>The parameter of a component by its name.</summary>
    public Definition? Parameter(Definition? component, string name) =>
        component is { Kind: DefinitionKind.Component, Owner: { } symbol }
        && symbol.Syntax.Parameters.FirstOrDefault(p => p.Name.Text == name) is { } parameter
            ? Declare(DefinitionKind.Parameter, parameter.Name, parameter, symbol)
            : null;

    static Definition BuiltIn(DefinitionKind kind, string name) => new(kind, new(name, default), null);
}
