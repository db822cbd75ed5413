using Mtlc.Compiler.Recipes;
using Mtlc.Runtime.Data.Samples;
using Mtlc.Runtime.Files;

namespace Mtlc.Runtime.Data;

/// <summary>How large the pictures of a data set are, as far as a look at some of them tells.</summary>
public static class PictureSizes
{
    const int MostPictures = 16;

    /// <summary>
    /// The largest height and the largest width among validation pictures spread evenly over their split; null where there is
    /// none that can be read. Exact where the data have one size, as Cityscapes promises. </summary>
    public static ImageSize? Largest(IDataSource source)
    {
        if (source.Contract.FixedSize is { } same)
            return same;
        var total = source.Count(Split.Validation);
        var count = Math.Min(total, MostPictures);
        ImageSize? largest = null;
        for (var i = 0; i < count; i++)
        {
            try
            {
                var picture = source.ReadPicture(Split.Validation, (int)((long)i * total / count));
                largest = new(Math.Max(picture.Height, largest?.Height ?? 0), Math.Max(picture.Width, largest?.Width ?? 0));
            }
            catch (DataException)
            {
                // Who plans wants to know of memory; 'mtlc check' tells of this.
            }
        }
        return largest;
    }
}
