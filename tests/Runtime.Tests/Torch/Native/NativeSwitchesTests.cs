using Mtlc.Runtime.Torch.Native;

namespace Mtlc.Tests.Torch.Native;

public sealed class NativeSwitchesTests
{
    [Theory]
    [InlineData("-winograd")]
    [InlineData("-tiles")] // its name before
    public void The_kernel_of_Winograd_is_turned_off(string text) => Assert.False(NativeSwitches.Parse(text).Allows("winograd"));

    [Fact]
    public void Nothing_else_is_turned_off_with_it() => Assert.Equal(["winograd"], NativeSwitches.Parse("-tiles").Off);
}
