using Mtlc.Runtime.Torch;

/// <summary>What .NET runs in a process started with DOTNET_STARTUP_HOOKS naming this assembly; it prescribes the name, and no
/// namespace.</summary>
static class StartupHook
{
    public static void Initialize() => Console.WriteLine("libtorch " + TorchRuntime.Start().LibTorch);
}
