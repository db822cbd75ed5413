using System.Collections.Immutable;
using Mtlc.Dsl.Syntax;

namespace Mtlc.Compiler.Binding;

/// <summary>The names that an expression reads, without those that it binds itself.</summary>
internal static class References
{
    public static IEnumerable<NameSyntax> Of(ExpressionSyntax? expression, ImmutableHashSet<string>? bound = null)
    {
        bound ??= ImmutableHashSet<string>.Empty;
        return expression switch
        {
            null => [],
            ReferenceSyntax reference => bound.Contains(reference.Name.Text) ? [] : [reference.Name],
            CallSyntax call => Of(call, bound),
            ListSyntax list => list.Items.SelectMany(i => Of(i, bound)),
            ComprehensionSyntax c => Of(c.Items, bound).Concat(Of(c.Element, bound.Add(c.Variable.Text))),
            PipeSyntax pipe => Of(pipe.Input, bound).Concat(pipe.Stages.SelectMany(s => Of(s, bound))),
            UnarySyntax unary => Of(unary.Operand, bound),
            BinarySyntax binary => Of(binary.Left, bound).Concat(Of(binary.Right, bound)),
            ConditionalSyntax c => Of(c.Condition, bound).Concat(Of(c.Then, bound)).Concat(Of(c.Else, bound)),
            IndexSyntax index => Of(index.Target, bound).Concat(Of(index.Index, bound)),
            MemberSyntax member => Of(member.Target, bound),
            PartSyntax part => Of(part.List, bound),
            ParenthesizedSyntax parenthesized => Of(parenthesized.Inner, bound),
            ConfiguredSyntax configured => Of(configured.Head, bound).Concat(configured.Settings.Items.SelectMany(i => Of(i.Value, bound))),
            _ => [],
        };
    }

    public static IEnumerable<NameSyntax> Of(SettingTree settings) =>
        Of(settings.Head).Concat(settings.Children.Values.SelectMany(Of));

    /// <summary>The names that are called, `f` of `f(x)` and of `x |> f`.</summary>
    public static IEnumerable<NameSyntax> Callees(ExpressionSyntax? expression) => expression switch
    {
        null => [],
        CallSyntax call => call.Arguments.SelectMany(a => Callees(a.Value)).Prepend(call.Name),
        ListSyntax list => list.Items.SelectMany(Callees),
        ComprehensionSyntax c => Callees(c.Items).Concat(Callees(c.Element)),
        PipeSyntax pipe => Callees(pipe.Input).Concat(pipe.Stages.SelectMany(Callees)),
        UnarySyntax unary => Callees(unary.Operand),
        BinarySyntax binary => Callees(binary.Left).Concat(Callees(binary.Right)),
        ConditionalSyntax c => Callees(c.Condition).Concat(Callees(c.Then)).Concat(Callees(c.Else)),
        IndexSyntax index => Callees(index.Target).Concat(Callees(index.Index)),
        MemberSyntax member => Callees(member.Target),
        PartSyntax part => Callees(part.List),
        ParenthesizedSyntax parenthesized => Callees(parenthesized.Inner),
        ConfiguredSyntax configured => Callees(configured.Head).Concat(configured.Settings.Items.SelectMany(i => Callees(i.Value))),
        _ => [],
    };

    private static IEnumerable<NameSyntax> Callees(StageSyntax stage) => stage switch
    {
        CallStageSyntax call => Callees(call.Call),
        LoopStageSyntax loop => Callees(loop.Items).Concat(Callees(loop.Body)),
        _ => [],
    };

    private static IEnumerable<NameSyntax> Of(CallSyntax call, ImmutableHashSet<string> bound) =>
        (bound.Contains(call.Name.Text) ? [] : new[] { call.Name }).Concat(call.Arguments.SelectMany(a => Of(a.Value, bound)));

    private static IEnumerable<NameSyntax> Of(StageSyntax stage, ImmutableHashSet<string> bound) => stage switch
    {
        CallStageSyntax call => Of(call.Call, bound),
        LoopStageSyntax loop => Of(loop.Items, bound).Concat(Of(loop.Body, bound.Add(loop.Variable.Text))),
        _ => [],
    };
}
