using System.Text.Json;
using static TorchSharp.torch;

namespace Mtlc.Tests;

/// <summary>Small arrays with the exact results of the report's definitions, computed with PyTorch; null means no
/// label.</summary>
static class Reference
{
    static readonly JsonElement Root = JsonDocument
        .Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "reference", "numbers.json")))
        .RootElement;

    public static JsonElement At(params string[] path) => path.Aggregate(Root, (element, key) => element.GetProperty(key));

    public static double Number(params string[] path) => At(path).GetDouble();

    /// <summary>A nested list as a tensor of its shape; null becomes NaN.</summary>
    public static Tensor Floats(params string[] path)
    {
        var values = new List<float>();
        return Collect(
            At(path),
            values,
            e => e.ValueKind == JsonValueKind.Null ? float.NaN : e.GetSingle(),
            v => tensor(v.ToArray())
        );
    }

    public static Tensor Longs(params string[] path)
    {
        var values = new List<long>();
        return Collect(At(path), values, e => e.GetInt64(), v => tensor(v.ToArray()));
    }

    static Tensor Collect<T>(JsonElement nested, List<T> values, Func<JsonElement, T> read, Func<List<T>, Tensor> make)
    {
        var shape = new List<long>();
        for (var e = nested; e.ValueKind == JsonValueKind.Array; e = e[0])
            shape.Add(e.GetArrayLength());
        Flatten(nested, values, read);
        return make(values).view([.. shape]);
    }

    static void Flatten<T>(JsonElement nested, List<T> values, Func<JsonElement, T> read)
    {
        if (nested.ValueKind != JsonValueKind.Array)
        {
            values.Add(read(nested));
            return;
        }
        foreach (var element in nested.EnumerateArray())
            Flatten(element, values, read);
    }
}
