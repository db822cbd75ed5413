using Mtlc.Dsl.Syntax;

namespace Mtlc.LanguageServer.Features;

/// <summary>What a piece of syntax is made of, in the order of the text.</summary>
static class SyntaxChildren
{
    public static IEnumerable<SyntaxNode> Of(SyntaxNode node) =>
        node switch
        {
            FileSyntax file => file.Declarations,
            SetSyntax set => [set.Path, set.Value],
            FileLetSyntax let => [let.Let],
            LetSyntax { Value: PartSyntax part } let => part.Index == 0 ? [let.Name, part.List] : [let.Name],
            LetSyntax let => [let.Name, let.Value],
            ModelSyntax model => model.Statements.Prepend<SyntaxNode>(model.Name),
            ComponentSyntax component => [component.Name, .. component.Parameters, .. component.Lets, component.Result],
            ParameterSyntax parameter => Present(parameter.Name, parameter.Default),
            RecipeSyntax recipe => [recipe.Settings],
            SweepSyntax sweep => [sweep.Name, .. sweep.Axes, .. sweep.Stops],
            AxisSyntax axis => axis.Paired,
            SweptSyntax swept => [swept.Path, swept.Values],
            ReportSyntax report => [report.Name, report.Settings],
            TaskSyntax task => Present(task.Name, task.Kind, task.Of, task.Settings),
            InputSyntax input => Present(input.Name, input.Kind, input.Settings),
            EncoderSyntax encoder => Present(encoder.Name, encoder.Backbone, encoder.Source, encoder.Settings),
            AsppSyntax aspp => Present(aspp.Name, aspp.Source, aspp.Channels, aspp.Settings),
            AttentionSyntax attention => Present(attention.Name, attention.Source, attention.Settings),
            DecoderSyntax decoder => Present([
                decoder.Name,
                .. decoder.Summands,
                .. decoder.Skips,
                .. decoder.Tasks,
                decoder.Settings,
            ]),
            RefineSyntax refine => Present(refine.Task, refine.Component, refine.Settings),
            ShareSyntax share => Present(share.Name, share.Component, share.Settings),
            ExchangeSyntax exchange => Present([exchange.Name, .. exchange.Encoders, .. exchange.Stages, exchange.Settings]),
            PositionSyntax position => [position.Name, .. position.Places],
            LossSyntax loss => [loss.Value],
            ModelLetSyntax let => [let.Let],
            FeatureSyntax feature => Present([feature.Name, .. feature.Members, feature.Divisor]),
            SettingsSyntax settings => settings.Items,
            SettingSyntax setting => [setting.Key, setting.Value],
            ReferenceSyntax reference => [reference.Name],
            CallSyntax call => [call.Name, .. call.Arguments],
            ArgumentSyntax argument => Present(argument.Name, argument.Value),
            ListSyntax list => list.Items,
            ComprehensionSyntax comprehension => [comprehension.Variable, comprehension.Items, comprehension.Element],
            PipeSyntax pipe => [pipe.Input, .. pipe.Stages],
            CallStageSyntax stage => [stage.Call],
            LoopStageSyntax loop => [loop.Variable, loop.Items, loop.Body],
            UnarySyntax unary => [unary.Operand],
            BinarySyntax binary => [binary.Left, binary.Right],
            ConditionalSyntax conditional => [conditional.Condition, conditional.Then, conditional.Else],
            IndexSyntax index => [index.Target, index.Index],
            MemberSyntax member => [member.Target, member.Member],
            ParenthesizedSyntax parenthesized => [parenthesized.Inner],
            ConfiguredSyntax configured => Present(configured.Head, configured.Settings),
            _ => [],
        };

    /// <summary>A node and all below it.</summary>
    public static IEnumerable<SyntaxNode> All(SyntaxNode node)
    {
        var open = new Stack<SyntaxNode>([node]);
        while (open.TryPop(out var next))
        {
            yield return next;
            foreach (var child in Of(next).Reverse())
                open.Push(child);
        }
    }

    static IEnumerable<SyntaxNode> Present(params SyntaxNode?[] nodes) => nodes.OfType<SyntaxNode>();
}
