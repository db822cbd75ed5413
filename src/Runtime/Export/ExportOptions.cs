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
    public ExportPrecision Precision { get; init; } = ExportPrecision.Float32;

    /// <summary>The largest loss of a score that another precision may cost, as a share of the score.</summary>
    public double Tolerance { get; init; } = 0.005;

    /// <summary>Of PyTorch source: the job in which a cluster trains it; null for none.</summary>
    public ExportedJob? Job { get; init; }

    public CancellationToken Stop { get; init; }

    /// <summary>Told what the user should know and the work can bear.</summary>
    public Action<string>? Warned { get; init; }

    /// <summary>The most bytes of weights that the file itself holds: protobuf ends at 2 GiB.</summary>
    internal long MostInside { get; init; } = int.MaxValue - (16L << 20);
}

/// <summary>A text that a cluster takes.</summary>
/// <param name="File">Its name in the folder of the source.</param>
/// <param name="Command">What is given the file's path.</param>
public sealed record ExportedJob(string File, string Command, string Text);

/// <summary>In which numbers a file computes.</summary>
public enum ExportPrecision
{
    Float32,

    /// <summary>Weights and values of the network in float16.</summary>
    Fp16,

    /// <summary>Convolutions with 8-bit weights and values.</summary>
    Int8,
}

/// <summary>A try of another precision: the scores that the file has.</summary>
/// <param name="Float">How many of its layers compute in float32.</param>
/// <param name="Scores">Beside those of mtlc, each once for a task.</param>
/// <param name="Worst">The largest loss of a score, as a share of it; 0 where all are as good or better.</param>
public sealed record PrecisionTry(int Float, ImmutableArray<ScorePair> Scores, double Worst);

/// <summary>How a file of another precision came to be.</summary>
/// <param name="Layers">That could have the precision.</param>
/// <param name="Float">Those that stayed in float32, the costliest first; "net.mtl:12:3 layer1:conv".</param>
/// <param name="Tries">The last one is the file.</param>
/// <param name="Pictures">Training pictures on which ranges were measured.</param>
/// <param name="FloatBytes">Size of the file in float32.</param>
public sealed record PrecisionReport(
    ExportPrecision Precision,
    double Tolerance,
    int Layers,
    ImmutableArray<string> Float,
    ImmutableArray<PrecisionTry> Tries,
    int Pictures,
    long FloatBytes
)
{
    public bool IsKept => Tries[^1].Worst <= Tolerance && Float.Length < Layers;
}

/// <summary>What an export wrote.</summary>
/// <param name="Files">The file, and the one with its weights where they are too large for it.</param>
/// <param name="Bytes">Of all files.</param>
/// <param name="Step">Steps that the weights had been trained for; 0 for those that training starts from.</param>
/// <param name="Certificate">null where none was asked for. Of another precision, that of the same file in float32.</param>
public sealed record ExportReport(
    ImmutableArray<string> Files,
    long Bytes,
    int Operators,
    long Parameters,
    long Step,
    Certificate? Certificate
)
{
    /// <summary>null where the file computes in float32.</summary>
    public PrecisionReport? Precision { get; init; }

    public bool IsKept => Certificate is null or { IsKept: true } && Precision is null or { IsKept: true };
}
