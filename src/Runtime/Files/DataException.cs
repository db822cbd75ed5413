namespace Mtlc.Runtime.Files;

/// <summary>Data that cannot be used; the message names the file and says what to do. Becomes exit code 65.</summary>
public sealed class DataException : Exception
{
    public DataException(string message)
        : base(message) { }

    public DataException(string message, Exception inner)
        : base(message, inner) { }
}
