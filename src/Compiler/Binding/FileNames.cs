using System.Collections.Immutable;
using Mtlc.Dsl.Syntax;

namespace Mtlc.Compiler.Binding;

/// <summary>Goes through one file of a program and notes each name with its meaning.</summary>
sealed class FileNames
{
    readonly ImmutableArray<NameUse>.Builder uses = ImmutableArray.CreateBuilder<NameUse>();
    readonly ProgramSymbols symbols;
    readonly NameRules names;

    FileNames(ProgramSymbols symbols) => (this.symbols, names) = (symbols, symbols.Names);

    public static ImmutableArray<NameUse> Of(FileSyntax file, ProgramSymbols symbols)
    {
        var walker = new FileNames(symbols);
        foreach (var declaration in file.Declarations)
            walker.Declaration(declaration);
        return walker.uses.ToImmutable();
    }

    void Declaration(DeclarationSyntax declaration)
    {
        switch (declaration)
        {
            case SetSyntax set:
                Assignment(set.Path, set.Value);
                break;
            case FileLetSyntax { Let: var let }:
                Declared(DefinitionKind.Let, let.Name, let);
                if (let.Value is not PartSyntax { Index: > 0 }) // which is the same text
                    Add(let.Value, names.Globals);
                break;
            case ComponentSyntax component:
                Component(component);
                break;
            case ModelSyntax model:
                Declared(DefinitionKind.Model, model.Name, model);
                // Of a model that another one takes the place of, nothing was collected.
                if (symbols.Model is { } known && ReferenceEquals(known.Syntax, model))
                    new StatementNames(known, names, uses).Add();
                break;
            case RecipeSyntax recipe:
                Recipe(recipe.Settings, SettingTypes.Of(recipe.Kind));
                break;
            case SweepSyntax sweep:
                Declared(DefinitionKind.Sweep, sweep.Name, sweep);
                foreach (var swept in sweep.Axes.SelectMany(a => a.Paired))
                    Assignment(swept.Path, swept.Values);
                break;
            case ReportSyntax report:
                Declared(DefinitionKind.Report, report.Name, report);
                break;
        }
    }

    void Component(ComponentSyntax syntax)
    {
        var symbol =
            symbols.Components.GetValueOrDefault(syntax.Name.Text) is { } known && ReferenceEquals(known.Syntax, syntax)
                ? known
                : new(syntax, IsStandard: false);
        var scope = names.Of(symbol);
        Declared(DefinitionKind.Component, syntax.Name, syntax, symbol);
        foreach (var parameter in syntax.Parameters)
        {
            Declared(DefinitionKind.Parameter, parameter.Name, parameter, symbol);
            Add(parameter.Default, scope);
        }
        foreach (var let in syntax.Lets)
        {
            Declared(DefinitionKind.Let, let.Name, let, symbol);
            if (let.Value is not PartSyntax { Index: > 0 })
                Add(let.Value, scope);
        }
        Add(syntax.Result, scope);
    }

    /// <summary>`set PATH = VALUE`, or a line of a sweep.</summary>
    void Assignment(PathSyntax path, ExpressionSyntax value)
    {
        var (first, rest) = (path.Parts[0], path.Parts.Skip(1));
        if (first.Text is "data" or "train")
        {
            var types = SettingTypes.Of(first.Text == "data" ? RecipeKind.Data : RecipeKind.Train);
            uses.Add(new(first, NameRole.Path, null, names.Globals));
            foreach (var part in rest)
            {
                uses.Add(new(part, NameRole.Setting, null, names.Globals));
                types = SettingTypes.Below(types, part.Text);
            }
            RecipeValue(value, types);
            return;
        }
        var target = names.Target(path);
        uses.Add(new(first, NameRole.Path, target, names.Model));
        var component =
            target?.Kind == DefinitionKind.Statement && symbols.Model!.Statements.GetValueOrDefault(first.Text) is { } statement
                ? names.Component(statement)
                : null;
        foreach (var (depth, part) in rest.Index())
            uses.Add(new(part, NameRole.Setting, depth == 0 ? names.Parameter(component, part.Text) : null, names.Model));
        foreach (var item in path.Parts is [_, { Text: "using" or "frozen" }] && value is ListSyntax list ? list.Items : [value])
            StatementNames.Value(path.Parts[^1].Text, item, target, names, uses);
    }

    void Recipe(SettingsSyntax settings, ImmutableArray<Type> types)
    {
        foreach (var item in settings.Items)
        {
            var inner = types;
            foreach (var part in item.Key.Parts)
            {
                uses.Add(new(part, NameRole.Setting, null, names.Globals));
                inner = SettingTypes.Below(inner, part.Text);
            }
            RecipeValue(item.Value, inner);
        }
    }

    /// <summary>Where a setting lists its words, they mean nothing else, whatever is called so.</summary>
    void RecipeValue(ExpressionSyntax value, ImmutableArray<Type> types)
    {
        switch (value)
        {
            case ConfiguredSyntax configured:
                if (configured.Head is { } head)
                    RecipeValue(head, types);
                Recipe(configured.Settings, types);
                break;
            case ListSyntax list: // of a sweep
                foreach (var item in list.Items)
                    RecipeValue(item, types);
                break;
            case ReferenceSyntax { Name: var word } when types.Any(t => t.IsEnum || t.IsAbstract || t.IsClass):
                uses.Add(new(word, NameRole.Value, null, names.Globals));
                break;
            case CallSyntax call when types.Any(t => t.IsAbstract || t.IsClass):
                uses.Add(new(call.Name, NameRole.Value, null, names.Globals));
                foreach (var argument in call.Arguments)
                    Add(argument.Value, names.Globals);
                break;
            default:
                Add(value, names.Globals);
                break;
        }
    }

    void Declared(DefinitionKind kind, NameSyntax name, SyntaxNode syntax, ComponentSymbol? owner = null) =>
        uses.Add(new(name, NameRole.Declaration, names.Declare(kind, name, syntax, owner), names.Globals));

    void Add(ExpressionSyntax? value, NameScope scope) => uses.AddRange(names.Uses(value, scope));
}
