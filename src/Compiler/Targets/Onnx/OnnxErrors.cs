using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Text;

namespace Mtlc.Compiler.Targets.Onnx;

/// <summary>MTL50xx: programs that are right, and cannot be written as ONNX.</summary>
public static class OnnxErrors
{
    public static void NoOnnxOperator(this DiagnosticBag bag, SourceSpan span, string operation, string help) =>
        bag.Add(
            new(
                "MTL5001",
                Severity.Error,
                $"'{operation}' cannot be exported to ONNX",
                span,
                "no ONNX operator computes this",
                Help: help
            )
        );
}
