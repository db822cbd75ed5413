using System.Reflection;
using Mtlc.Runtime.Torch;
using Xunit.v3;

[assembly: Mtlc.Tests.TorchReady]

namespace Mtlc.Tests;

/// <summary>
/// Starts libtorch on the thread of every test before the test, as all code that computes does: a thread that computed first
/// would keep its denormals, and lend them to whichever test runs on it next. </summary>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class TorchReadyAttribute : BeforeAfterTestAttribute
{
    public override void Before(MethodInfo methodUnderTest, IXunitTest test) => TorchRuntime.Start();
}
