using System.Collections.Immutable;

namespace Mtlc.Runtime.Checkpoints;

/// <summary>The folder of a run: what is needed to continue, evaluate and understand it.</summary>
public sealed class RunDirectory
{
    RunDirectory(string root) => Root = root;

    public string Root { get; }

    /// <summary>The copy of the program's main file.</summary>
    public string Program { get; private init; } = "";

    /// <summary>The `--set path=value` that the run was started with.</summary>
    public ImmutableArray<string> Overrides { get; private init; } = [];

    /// <exception cref="RunException">There is no run in the folder.</exception>
    public static RunDirectory Open(string root) => new(root);
}

/// <summary>A run directory or a checkpoint that cannot be used or written; the message says what to do.</summary>
public sealed class RunException : IOException
{
    public RunException(string message) : base(message) { }
    public RunException(string message, Exception inner) : base(message, inner) { }
}
