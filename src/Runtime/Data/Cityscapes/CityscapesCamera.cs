using System.Text.Json;
using Mtlc.Runtime.Data.Images;
using Mtlc.Runtime.Data.Samples;
using Mtlc.Runtime.Files;

namespace Mtlc.Runtime.Data.Cityscapes;

/// <summary>A Cityscapes camera file: stereo baseline in metres, intrinsics in pixels.</summary>
sealed record CityscapesCamera(double Baseline, Camera Intrinsics)
{
    const int LargestFile = 1 << 16;

    /// <exception cref="DataException">Missing, not JSON, or without the numbers that depth needs.</exception>
    public static CityscapesCamera Read(string path)
    {
        var bytes = DataFile.ReadBytes(path, LargestFile);
        try
        {
            using var json = JsonDocument.Parse(DataFile.WithoutMark(bytes), new JsonDocumentOptions { MaxDepth = 16 });
            double Number(string group, string name)
            {
                if (
                    json.RootElement.ValueKind == JsonValueKind.Object
                    && json.RootElement.TryGetProperty(group, out var members)
                    && members.ValueKind == JsonValueKind.Object
                    && members.TryGetProperty(name, out var value)
                    && value.ValueKind == JsonValueKind.Number
                    && value.TryGetDouble(out var number)
                    && double.IsFinite(number)
                )
                    return number;
                throw new DataException($"{path}: no number {group}.{name}");
            }
            var camera = new CityscapesCamera(
                Number("extrinsic", "baseline"),
                new Camera(
                    Number("intrinsic", "fx"),
                    Number("intrinsic", "fy"),
                    Number("intrinsic", "u0"),
                    Number("intrinsic", "v0")
                )
            );
            if (camera.Baseline <= 0 || camera.Intrinsics.FocalX <= 0)
                throw new DataException(
                    $"{path}: baseline ({camera.Baseline}) and focal length ({camera.Intrinsics.FocalX}) must be positive"
                );
            return camera;
        }
        catch (JsonException e)
        {
            throw new DataException($"{path}: not JSON, or truncated ({e.Message})", e);
        }
    }
}
