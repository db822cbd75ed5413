using System.Runtime.ExceptionServices;

namespace Mtlc.Dsl.Text;

/// <summary>
/// What goes down into text by recursion. Nesting is limited, but not every caller's stack holds what the limits allow, and what
/// is said of a file must not depend on the caller. </summary>
public static class LargeStack
{
    /// <param name="action">What it throws comes out as it is.</param>
    /// <param name="bytes">Of the stack; what is not touched takes no memory.</param>
    public static void Run(Action action, int bytes = 64 << 20)
    {
        ExceptionDispatchInfo? fault = null;
        var thread = new Thread(
            () =>
            {
                try
                {
                    action();
                }
                catch (Exception e) // on a thread of its own it would end the process without a word
                {
                    fault = ExceptionDispatchInfo.Capture(e);
                }
            },
            bytes
        );
        thread.Start();
        thread.Join();
        fault?.Throw();
    }
}
