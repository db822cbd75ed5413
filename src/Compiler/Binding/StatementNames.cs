using System.Collections.Immutable;
using Mtlc.Dsl.Syntax;

namespace Mtlc.Compiler.Binding;

/// <summary>The names in a model's statements, as they are written: what `set` makes of them stands where the `set`
/// does.</summary>
sealed class StatementNames(ModelSymbol model, NameRules names, ImmutableArray<NameUse>.Builder uses)
{
    public void Add()
    {
        foreach (var statement in model.Syntax.Statements)
            Statement(statement);
    }

    void Statement(StatementSyntax statement)
    {
        switch (statement)
        {
            case TaskSyntax task:
                Add(new(task.Name, NameRole.Declaration, names.Declare(DefinitionKind.Task, task.Name, task), names.Globals));
                if (task.Of is { } of)
                    Task(of);
                foreach (var item in task.Settings?.Items ?? [])
                    Setting(item, null);
                break;
            case InputSyntax input:
                Statement(input.Name, input);
                Settings(input.Name, input.Settings);
                break;
            case EncoderSyntax encoder:
                Statement(encoder.Name, encoder);
                Add(
                    new(
                        encoder.Backbone,
                        NameRole.Component,
                        names.Component(encoder.Backbone.Text) ?? names.Value(encoder.Backbone.Text, names.Model),
                        names.Model
                    )
                );
                if (encoder.Source is { } source)
                    Feature(source);
                Settings(encoder.Name, encoder.Settings);
                break;
            case AsppSyntax aspp:
                Statement(aspp.Name, aspp);
                Feature(aspp.Source);
                uses.AddRange(names.Uses(aspp.Channels, names.Model));
                Settings(aspp.Name, aspp.Settings);
                break;
            case AttentionSyntax attention:
                Statement(attention.Name, attention);
                Feature(attention.Source);
                Settings(attention.Name, attention.Settings);
                break;
            case DecoderSyntax decoder:
                Statement(decoder.Name, decoder);
                foreach (var feature in decoder.Summands.Concat(decoder.Skips))
                    Feature(feature);
                foreach (var task in decoder.Tasks)
                    Task(task);
                Settings(decoder.Name, decoder.Settings);
                break;
            case ModelLetSyntax { Let: var let } whole:
                Statement(let.Name, whole);
                if (let.Value is not PartSyntax { Index: > 0 }) // which is the same text
                    uses.AddRange(names.Uses(let.Value, names.Model));
                break;
            case ShareSyntax share:
                Statement(share.Name, share);
                Add(
                    new(
                        share.Component,
                        NameRole.Component,
                        names.Component(share.Component.Text) ?? names.Value(share.Component.Text, names.Model),
                        names.Model
                    )
                );
                Settings(share.Name, share.Settings);
                break;
            case ExchangeSyntax exchange:
                Statement(exchange.Name, exchange);
                foreach (var encoder in exchange.Encoders)
                    Add(new(encoder, NameRole.Feature, names.Model.Find(encoder.Text), names.Model));
                foreach (var stage in exchange.Stages)
                    Add(
                        new(
                            stage.Name,
                            NameRole.Member,
                            names.Member(names.Model.Find(exchange.Encoders[0].Text), stage.Name),
                            names.Model
                        )
                    );
                Settings(exchange.Name, exchange.Settings);
                break;
            case RefineSyntax refine:
                Task(refine.Task);
                uses.AddRange(names.Uses(refine.Component, names.Model));
                Settings(null, refine.Settings);
                break;
            case LossSyntax loss:
                uses.AddRange(names.Uses(loss.Value, names.Model).Select(InLoss));
                break;
        }
    }

    /// <summary>A setting's value; what `using` names is a component first.</summary>
    /// <param name="statement">Whose setting it is, where that is known.</param>
    public static void Value(
        string setting,
        ExpressionSyntax value,
        Definition? statement,
        NameRules names,
        ImmutableArray<NameUse>.Builder uses
    )
    {
        if (value is UntilSyntax until)
            uses.Add(new(until.Name, NameRole.Member, names.Member(statement, until.Name), names.Model));
        if (setting == "using" && value is ReferenceSyntax { Name: var name } && names.Symbols.IsComponent(name.Text))
            uses.Add(new(name, NameRole.Component, names.Component(name.Text), names.Model));
        else
            uses.AddRange(names.Uses(value, names.Model));
    }

    void Statement(NameSyntax name, StatementSyntax statement) =>
        Add(new(name, NameRole.Declaration, names.Declare(DefinitionKind.Statement, name, statement), names.Model));

    void Task(NameSyntax name) => Add(new(name, NameRole.Task, names.Task(name.Text), names.Model));

    void Feature(FeatureSyntax feature)
    {
        var source = names.Model.Find(feature.Name.Text);
        Add(new(feature.Name, NameRole.Feature, source, names.Model));
        foreach (var member in feature.Members)
            Add(new(member, NameRole.Member, names.Member(source, member), names.Model));
    }

    void Settings(NameSyntax? statement, SettingsSyntax? settings)
    {
        var component =
            statement is not null && model.Statements.GetValueOrDefault(statement.Text) is { } symbol
                ? names.Component(symbol)
                : null;
        foreach (var item in settings?.Items ?? [])
            Setting(item, component, statement is null ? null : names.Model.Find(statement.Text));
    }

    void Setting(SettingSyntax item, Definition? component, Definition? statement = null)
    {
        foreach (var (depth, part) in item.Key.Parts.Index())
            Add(new(part, NameRole.Setting, depth == 0 ? names.Parameter(component, part.Text) : null, names.Model));
        Value(item.Key.ToString(), item.Value, statement, names, uses);
    }

    /// <summary>In the loss a task or decoder is meant before anything else, and what is called is no component.</summary>
    NameUse InLoss(NameUse use) =>
        use switch
        {
            { Role: NameRole.Callee } => use with { Role = NameRole.Loss, Definition = null, Callee = null },
            { Role: NameRole.Value } when names.Task(use.Name.Text) is { } task => use with { Definition = task },
            _ => use,
        };

    void Add(NameUse use) => uses.Add(use);
}
