namespace Mtlc.Runtime.Torch.Native;

/// <summary>libtorch cannot be used on this machine. The message says why and what to do.</summary>
public sealed class TorchUnavailableException(string message, Exception? cause = null) : Exception(message, cause);
