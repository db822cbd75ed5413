using System.Collections.Immutable;
using Mtlc.Compiler.Binding;
using Mtlc.Dsl.Syntax;
using Mtlc.Dsl.Text;

namespace Mtlc.Compiler.Lowering;

/// <summary>Items of lists, and steps of loops and pipes.</summary>
public sealed partial class Evaluator
{
    Value Index(IndexSyntax index, Scope scope, string path)
    {
        return Item(
            Evaluate(index.Target, scope, path),
            index.Target.Span,
            OriginOf(index.Target, scope),
            Evaluate(index.Index, scope, path),
            index.Index.Span,
            OriginOf(index.Index, scope)
        );
    }

    /// <summary>An item of a list, or a step of a loop or pipe; a number below 0 counts from the end.</summary>
    public Value Item(
        Value target,
        SourceSpan targetSpan,
        Origin? targetOrigin,
        Value position,
        SourceSpan indexSpan,
        Origin? indexOrigin
    )
    {
        if (target is ErrorValue || position is ErrorValue)
            return ErrorValue.Instance;
        var items = ItemsOf(target);
        if (items.IsDefault)
        {
            WrongKind(targetSpan, "what is indexed", "a list", target, targetOrigin);
            return ErrorValue.Instance;
        }
        if (position is not NumberValue { IsInteger: true } number)
        {
            WrongKind(indexSpan, "an index", "a whole number", position, indexOrigin);
            return ErrorValue.Instance;
        }
        var place = number.Number < 0 ? number.Number + items.Length : number.Number;
        if (place >= 0 && place < items.Length)
            return items[(int)place];
        ReportIndex(indexSpan, number.Number, items.Length, targetOrigin);
        return ErrorValue.Instance;
    }

    /// <summary>`let a, b = list`: the list once, below the first name.</summary>
    Value Part(PartSyntax part, Scope scope, string path)
    {
        var slot = scope.List(part, path[..^part.Names[part.Index].Text.Length] + part.Names[0].Text);
        var value = Force(slot, part.Names[part.Index].Span);
        var items = ItemsOf(value);
        if (value is ErrorValue)
            return value;
        if (items.IsDefault || items.Length != part.Names.Length)
        {
            if (!slot.IsBlamed)
                WrongKind(part.List.Span, $"what '{slot.Name!.Text}' are given", $"a list of {part.Names.Length}", value);
            slot.IsBlamed = true;
            return ErrorValue.Instance;
        }
        return items[part.Index];
    }

    static ImmutableArray<Value> ItemsOf(Value value) =>
        value switch
        {
            ListValue list => list.Items,
            ChainValue chain => chain.Steps,
            _ => default,
        };
}
