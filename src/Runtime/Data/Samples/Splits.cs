namespace Mtlc.Runtime.Data.Samples;

/// <summary>The customary folder names of splits.</summary>
public static class Splits
{
    public static readonly Split[] All = [Split.Train, Split.Validation, Split.Test];

    public static string Folder(this Split split) =>
        split switch
        {
            Split.Train => "train",
            Split.Validation => "val",
            _ => "test",
        };
}
