using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Text;

namespace Mtlc.Compiler.Targets.PyTorch;

/// <summary>MTL51xx: programs that are right, and cannot be written as PyTorch source.</summary>
public static class PyTorchErrors
{
    public static void NoPyTorchModule(this DiagnosticBag bag, SourceSpan span, string operation) =>
        bag.Add(
            new(
                "MTL5101",
                Severity.Error,
                $"'{operation}' cannot be exported to pytorch yet",
                span,
                "nothing is known of it in PyTorch's words",
                Help: "write it with other primitives"
            )
        );

    public static void NoPyTorchName(this DiagnosticBag bag, SourceSpan span, string path, string reason) =>
        bag.Add(
            new(
                "MTL5102",
                Severity.Error,
                $"'{path}' cannot be exported to pytorch: {reason}",
                span,
                "its weights would have other names",
                Help: "give it another name, or a `let` of its own"
            )
        );
}
