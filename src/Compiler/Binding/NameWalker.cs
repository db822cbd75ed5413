using System.Collections.Immutable;
using Mtlc.Dsl.Syntax;

namespace Mtlc.Compiler.Binding;

/// <summary>Goes through an expression and notes each name with its meaning.</summary>
sealed class NameWalker(NameRules rules)
{
    readonly ImmutableArray<NameUse>.Builder uses = ImmutableArray.CreateBuilder<NameUse>();
    int braces;

    public ImmutableArray<NameUse> ToImmutable() => uses.ToImmutable();

    /// <param name="needsValue">Whether a word cannot stand here.</param>
    public void Expression(ExpressionSyntax expression, NameScope scope, bool needsValue)
    {
        switch (expression)
        {
            case ReferenceSyntax { Name: var name }:
                Add(new(name, NameRole.Value, rules.Value(name.Text, scope), scope) { NeedsValue = needsValue });
                break;
            case ParenthesizedSyntax parenthesized:
                Expression(parenthesized.Inner, scope, needsValue);
                break;
            case CallSyntax call:
                Call(call, scope, isPiped: false);
                break;
            case ListSyntax list:
                foreach (var item in list.Items)
                    Expression(item, scope, needsValue: false);
                break;
            case ComprehensionSyntax comprehension:
                Expression(comprehension.Items, scope, needsValue: true);
                Expression(comprehension.Element, Bound(comprehension.Variable, comprehension, scope), needsValue: false);
                break;
            case PipeSyntax pipe:
                Expression(pipe.Input, scope, needsValue: true);
                foreach (var stage in pipe.Stages)
                    Stage(stage, scope);
                break;
            case UnarySyntax unary:
                Expression(unary.Operand, scope, needsValue: true);
                break;
            case BinarySyntax binary:
                var compares = binary.Operator is BinaryOperator.Equal or BinaryOperator.NotEqual;
                Expression(binary.Left, scope, !compares);
                Expression(binary.Right, scope, !compares);
                break;
            case ConditionalSyntax conditional:
                Expression(conditional.Condition, scope, needsValue: true);
                Expression(conditional.Then, scope, needsValue);
                Expression(conditional.Else, scope, needsValue);
                break;
            case IndexSyntax index:
                Expression(index.Target, scope, needsValue: true);
                Expression(index.Index, scope, needsValue: true);
                break;
            case PartSyntax part:
                Expression(part.List, scope, needsValue: true);
                break;
            case MemberSyntax member:
                Expression(member.Target, scope, needsValue: true);
                Add(
                    new(
                        member.Member,
                        NameRole.Member,
                        (member.Target as ReferenceSyntax)?.Name is { } target
                            ? rules.Member(scope.Find(target.Text), member.Member)
                            : null,
                        scope
                    )
                );
                break;
            case ConfiguredSyntax configured:
                Configured(configured, scope);
                break;
        }
    }

    void Configured(ConfiguredSyntax configured, NameScope scope)
    {
        braces++;
        if (configured.Head is { } head)
            Expression(head, scope, needsValue: false);
        foreach (var item in configured.Settings.Items)
        {
            foreach (var part in item.Key.Parts)
                Add(new(part, NameRole.Setting, null, scope));
            Expression(item.Value, scope, needsValue: false);
        }
        braces--;
    }

    void Stage(StageSyntax stage, NameScope scope)
    {
        if (stage is CallStageSyntax call)
        {
            Call(call.Call, scope, isPiped: true);
        }
        else if (stage is LoopStageSyntax loop)
        {
            Expression(loop.Items, scope, needsValue: true);
            Stage(loop.Body, Bound(loop.Variable, loop, scope));
        }
    }

    void Call(CallSyntax call, NameScope scope, bool isPiped)
    {
        var name = call.Name.Text;
        var definition = rules.Called(name, scope);
        // What is hidden is judged where it is expanded: a parameter may be any component.
        var callee = rules.Symbols.IsComponent(name) && !scope.Contains(name) ? Callee.Of(name, rules.Symbols) : null;
        Add(
            new(call.Name, NameRole.Callee, definition, scope)
            {
                NeedsValue = true,
                Call = call,
                IsPiped = isPiped,
                Callee = callee,
            }
        );
        var position = isPiped ? 1 : 0;
        foreach (var argument in call.Arguments)
        {
            if (argument.Name is { } given)
                Add(new(given, NameRole.Argument, rules.Parameter(definition, given.Text), scope));
            var parameter = argument.Name?.Text ?? callee?.Parameters.ElementAtOrDefault(position++)?.Name;
            var needsValue =
                callee is { IsVariadic: true } || callee?.Parameters.FirstOrDefault(p => p.Name == parameter)?.NeedsValue == true;
            Expression(argument.Value, scope, needsValue);
        }
    }

    NameScope Bound(NameSyntax variable, SyntaxNode syntax, NameScope scope)
    {
        var inner = scope.With(rules.Declare(DefinitionKind.Variable, variable, syntax));
        Add(new(variable, NameRole.Declaration, inner.Find(variable.Text), inner));
        return inner;
    }

    void Add(NameUse use) => uses.Add(use with { NeedsValue = use.NeedsValue && braces == 0, IsInBraces = braces > 0 });
}
