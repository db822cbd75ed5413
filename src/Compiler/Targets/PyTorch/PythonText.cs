using System.Collections.Immutable;
using System.Text;

namespace Mtlc.Compiler.Targets.PyTorch;

/// <summary>A piece of Python, laid out as `black` and `ruff format` lay it out in lines of 88 columns.</summary>
abstract record Python
{
    const int Columns = 88;

    /// <summary>Text that is never broken.</summary>
    public sealed record Text(string Content) : Python;

    /// <summary>What stands in brackets, behind a name: a call, a list.</summary>
    /// <param name="Head">"nn.Sequential(", "[".</param>
    /// <param name="Tail">")", "]".</param>
    public sealed record Bracketed(string Head, ImmutableArray<Python> Items, string Tail) : Python;

    /// <summary>A named argument.</summary>
    public sealed record Named(string Name, Python Value) : Python;

    /// <summary>Operands and one operator between them.</summary>
    public sealed record Joined(ImmutableArray<Python> Operands, string Operator) : Python;

    public static Python Call(string function, params ImmutableArray<Python> arguments) =>
        new Bracketed(function + "(", arguments, ")");

    public static implicit operator Python(string text) => new Text(text);

    /// <summary>On one line.</summary>
    public string Flat =>
        this switch
        {
            Text text => text.Content,
            Named named => $"{named.Name}={named.Value.Flat}",
            Joined j => string.Join($" {j.Operator} ", j.Operands.Select(o => o.Flat)),
            Bracketed b => $"{b.Head}{string.Join(", ", b.Items.Select(i => i.Flat))}{b.Tail}",
            _ => throw new InvalidOperationException(),
        };

    /// <summary>A statement: where it does not fit, first all items on a line of their own, then one a line.</summary>
    /// <param name="before">"x = ".</param>
    public void Write(StringBuilder into, int indent, string before = "", string after = "")
    {
        var margin = new string(' ', indent);
        var flat = before + Flat + after;
        if (this is Joined sum && after.Length == 0 && before.Length > 0 && indent + flat.Length > Columns)
        {
            into.Append(margin).Append(before).Append("(\n");
            foreach (var (place, operand) in sum.Operands.Index())
                operand.Write(into, indent + 4, place == 0 ? "" : $"{sum.Operator} ");
            into.Append(margin).Append(")\n");
            return;
        }
        if (indent + flat.Length <= Columns || Whole is not { Items.Length: > 0 } b)
        {
            into.Append(margin).Append(flat).Append('\n');
            return;
        }
        var head = this is Named named ? $"{named.Name}={b.Head}" : b.Head;
        into.Append(margin).Append(before).Append(head).Append('\n');
        var inner = string.Join(", ", b.Items.Select(i => i.Flat));
        var isOnly = b.Items is [{ Whole: not null }];
        // Items of a list, a tuple, a dictionary have a line each.
        var isLiteral = b.Head is "[" or "(" or "{" && b.Items.Length > 1;
        if (indent + 4 + inner.Length <= Columns && !isLiteral)
            into.Append(margin).Append("    ").Append(inner).Append('\n');
        else if (isOnly)
            b.Items[0].Write(into, indent + 4);
        else
            foreach (var item in b.Items)
                item.Write(into, indent + 4, after: ",");
        into.Append(margin).Append(b.Tail).Append(after).Append('\n');
    }

    Bracketed? Whole =>
        this switch
        {
            Bracketed b => b,
            Named named => named.Value.Whole,
            _ => null,
        };

    public override string ToString() => Flat;
}
