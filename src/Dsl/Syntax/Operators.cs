namespace Mtlc.Dsl.Syntax;

/// <summary>How operators are written.</summary>
public static class Operators
{
    public static string Text(this BinaryOperator op) =>
        op switch
        {
            BinaryOperator.Add => "+",
            BinaryOperator.Subtract => "-",
            BinaryOperator.Multiply => "*",
            BinaryOperator.Divide => "/",
            BinaryOperator.Equal => "==",
            BinaryOperator.NotEqual => "!=",
            BinaryOperator.Less => "<",
            BinaryOperator.LessOrEqual => "<=",
            BinaryOperator.Greater => ">",
            BinaryOperator.GreaterOrEqual => ">=",
            BinaryOperator.And => "and",
            BinaryOperator.Or => "or",
            BinaryOperator.Range => "..",
            _ => throw new ArgumentOutOfRangeException(nameof(op)),
        };

    public static string Text(this UnaryOperator op) => op == UnaryOperator.Not ? "not" : "-";
}
