using System.Collections.Immutable;
using Mtlc.Compiler.Recipes;

namespace Mtlc.Runtime.Export;

/// <summary>What an export writes, and where.</summary>
/// <param name="Path">The file. Weights that do not fit into it lie beside it, as "PATH.data".</param>
/// <param name="Size">The only size of picture; null: any.</param>
/// <param name="IsRaw">The network alone, without what comes before and behind it.</param>
/// <param name="IsCertified">Whether the file is run and compared.</param>
/// <param name="Checkpoint">"best", "last", or the name of a checkpoint.</param>
public sealed record ExportOptions(
    string Path,
    ImageSize? Size = null,
    bool IsRaw = false,
    bool IsCertified = true,
    string Checkpoint = "best"
)
{
    public CancellationToken Stop { get; init; }

    /// <summary>Told what the user should know and the work can bear.</summary>
    public Action<string>? Warned { get; init; }

    /// <summary>The most bytes of weights that the file itself holds: protobuf ends at 2 GiB.</summary>
    internal long MostInside { get; init; } = int.MaxValue - (16L << 20);
}

/// <summary>What an export wrote.</summary>
/// <param name="Files">The file, and the one with its weights where they are too large for it.</param>
/// <param name="Bytes">Of all files.</param>
/// <param name="Step">Steps that the weights had been trained for; 0 for those that training starts from.</param>
/// <param name="Certificate">null where none was asked for.</param>
public sealed record ExportReport(
    ImmutableArray<string> Files,
    long Bytes,
    int Operators,
    long Parameters,
    long Step,
    Certificate? Certificate
);
