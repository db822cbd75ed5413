using Mtlc.Compiler.Binding;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Ops;
using Mtlc.Dsl.Syntax;
using Mtlc.Dsl.Text;

namespace Mtlc.Compiler.Lowering;

public sealed partial class Evaluator
{
    Value Unary(UnarySyntax unary, Scope scope, string path)
    {
        var operand = Evaluate(unary.Operand, scope, path);
        switch (unary.Operator, operand)
        {
            case (_, ErrorValue):
                return operand;
            case (UnaryOperator.Negate, NumberValue number):
                return new NumberValue(-number.Number);
            case (UnaryOperator.Negate, { Features: { } node }):
                return Apply(new Affine(-1, 0), [(node, unary.Operand.Span)], "-", unary.Span, path);
            case (UnaryOperator.Not, BooleanValue boolean):
                return new BooleanValue(!boolean.Value);
            default:
                WrongKind(
                    unary.Operand.Span,
                    $"the operand of '{unary.Operator.Text()}'",
                    unary.Operator == UnaryOperator.Not ? "true or false" : "a number",
                    operand,
                    OriginOf(unary.Operand, scope)
                );
                return ErrorValue.Instance;
        }
    }

    Value Binary(BinarySyntax binary, Scope scope, string path)
    {
        var left = Evaluate(binary.Left, scope, path);
        if (binary.Operator is BinaryOperator.And or BinaryOperator.Or)
            return Logical(binary, left, scope, path);
        var right = Evaluate(binary.Right, scope, path);
        if (left is ErrorValue || right is ErrorValue)
            return ErrorValue.Instance;
        if (binary.Operator is BinaryOperator.Equal or BinaryOperator.NotEqual)
            return new BooleanValue(AreEqual(left, right, binary.Span) == (binary.Operator == BinaryOperator.Equal));
        if (left is WordValue word || (word = (right as WordValue)!) is not null)
        {
            ReportUnknown(word);
            return ErrorValue.Instance;
        }
        if (left is NumberValue a && right is NumberValue b)
            return Numbers(binary, a.Number, b.Number);
        if (
            binary.Operator == BinaryOperator.Divide
            && left is EncoderValue encoder
            && right is NumberValue divisor
            && binary.Left is ReferenceSyntax
            && binary.Right is NumberSyntax { IsInteger: true }
        )
        {
            return EncoderFeatures.At(encoder, divisor.Number, binary.Span, diagnostics);
        }
        return Arithmetic(binary, left, right, path);
    }

    Value Logical(BinarySyntax binary, Value left, Scope scope, string path)
    {
        var wrong = binary.Left;
        if (left is BooleanValue a)
        {
            if (a.Value == (binary.Operator == BinaryOperator.Or))
                return a;
            var right = Evaluate(binary.Right, scope, path);
            if (right is BooleanValue)
                return right;
            (left, wrong) = (right, binary.Right);
        }
        WrongKind(wrong.Span, $"an operand of '{binary.Operator.Text()}'", "true or false", left, OriginOf(wrong, scope));
        return ErrorValue.Instance;
    }

    Value Numbers(BinarySyntax binary, double a, double b)
    {
        Value result = binary.Operator switch
        {
            BinaryOperator.Add => new NumberValue(a + b),
            BinaryOperator.Subtract => new NumberValue(a - b),
            BinaryOperator.Multiply => new NumberValue(a * b),
            BinaryOperator.Divide => new NumberValue(a / b),
            BinaryOperator.Less => new BooleanValue(a < b),
            BinaryOperator.LessOrEqual => new BooleanValue(a <= b),
            BinaryOperator.Greater => new BooleanValue(a > b),
            BinaryOperator.GreaterOrEqual => new BooleanValue(a >= b),
            _ => new IntervalValue(a, b),
        };
        if (result is not NumberValue { Number: var number } || double.IsFinite(number))
            return result;
        diagnostics.NotFinite(Place(binary.Span), b == 0 ? "division by zero" : "the result is too large", Inside(binary.Span));
        return ErrorValue.Instance;
    }

    /// <summary>Between features, or features and a number.</summary>
    Value Arithmetic(BinarySyntax binary, Value left, Value right, string path)
    {
        var (x, y) = (left.Features, right.Features);
        var text = binary.Operator.Text();
        Op? op = (binary.Operator, x, y, left, right) switch
        {
            (BinaryOperator.Add, not null, not null, _, _) => new Add(),
            (BinaryOperator.Subtract, not null, not null, _, _) => new Subtract(),
            (BinaryOperator.Multiply, not null, not null, _, _) => new Multiply(),
            (BinaryOperator.Add, not null, null, _, NumberValue n) => new Affine(1, n.Number),
            (BinaryOperator.Add, null, not null, NumberValue n, _) => new Affine(1, n.Number),
            (BinaryOperator.Subtract, not null, null, _, NumberValue n) => new Affine(1, -n.Number),
            (BinaryOperator.Subtract, null, not null, NumberValue n, _) => new Affine(-1, n.Number),
            (BinaryOperator.Multiply, not null, null, _, NumberValue n) => new Affine(n.Number, 0),
            (BinaryOperator.Multiply, null, not null, NumberValue n, _) => new Affine(n.Number, 0),
            (BinaryOperator.Divide, not null, null, _, NumberValue { Number: not 0 } n) => new Affine(1 / n.Number, 0),
            _ => null,
        };
        if (op is null)
        {
            diagnostics.BadOperands(Place(binary.Span), text, left.Describe(), right.Describe(), Inside(binary.Span));
            return ErrorValue.Instance;
        }
        return Apply(
            op,
            [
                .. new[] { (x, binary.Left.Span), (y, binary.Right.Span) }
                    .Where(o => o.Item1 is not null)
                    .Select(o => (o.Item1!, o.Item2)),
            ],
            $"'{text}'",
            binary.Span,
            path
        );
    }

    bool AreEqual(Value left, Value right, SourceSpan span) =>
        Step(span)
        && (left, right) switch
        {
            (NumberValue a, NumberValue b) => a.Number == b.Number,
            (StringValue a, StringValue b) => a.Text == b.Text,
            (WordValue a, WordValue b) => a.Name.Text == b.Name.Text,
            (ListValue a, ListValue b) => a.Items.Length == b.Items.Length
                && a.Items.Zip(b.Items).All(p => AreEqual(p.First, p.Second, span)),
            (ComponentValue a, ComponentValue b) => a.Name == b.Name,
            _ => left == right,
        };
}
