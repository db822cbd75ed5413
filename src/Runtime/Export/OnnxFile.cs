using System.Globalization;
using Google.Protobuf;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Targets.Onnx;
using Mtlc.Compiler.Targets.Onnx.Format;
using Mtlc.Runtime.Files;

namespace Mtlc.Runtime.Export;

/// <summary>Writes a network with its numbers; those that protobuf's 2 GiB do not hold go to a file beside it (ONNX's external
/// data).</summary>
static class OnnxFile
{
    // Readers map the file into memory, page by page.
    const int Page = 4096;

    /// <param name="weights">Fills the model's initializers.</param>
    /// <param name="mostInside">Bytes of weights that the file itself may hold.</param>
    /// <returns>The file with the weights, or null where they are inside.</returns>
    public static string? Write(string path, OnnxModel model, ParameterArrays weights, long mostInside)
    {
        var type = model.Settings.IsHalf ? TensorProto.Types.DataType.Float16 : TensorProto.Types.DataType.Float;
        var total = model.Weights.Sum(p => p.Count * (model.Settings.IsHalf ? 2 : sizeof(float)));
        if (total <= mostInside)
        {
            Fill(model, weights);
            WriteProto(path, model.Proto);
            return null;
        }
        var data = path + ".data";
        AtomicFile.Write(
            data,
            stream =>
            {
                foreach (var (parameter, tensor) in model.Weights.Zip(model.Proto.Graph.Initializer))
                {
                    var bytes = Bytes(parameter, weights, type);
                    tensor.DataLocation = TensorProto.Types.DataLocation.External;
                    tensor.ExternalData.Add([
                        Entry("location", Path.GetFileName(data)),
                        Entry("offset", stream.Position.ToString(CultureInfo.InvariantCulture)),
                        Entry("length", bytes.Length.ToString(CultureInfo.InvariantCulture)),
                    ]);
                    stream.Write(bytes);
                    stream.Write(new byte[(Page - stream.Position % Page) % Page]);
                }
            }
        );
        WriteProto(path, model.Proto);
        return data;
    }

    /// <summary>Puts the numbers into the model.</summary>
    public static void Fill(OnnxModel model, ParameterArrays weights)
    {
        foreach (var (parameter, tensor) in model.Weights.Zip(model.Proto.Graph.Initializer))
            tensor.RawData = UnsafeByteOperations.UnsafeWrap(
                Bytes(parameter, weights, (TensorProto.Types.DataType)tensor.DataType)
            );
    }

    public static void WriteProto(string path, ModelProto proto) => AtomicFile.Write(path, proto.WriteTo);

    public static ModelProto Read(string path) => ModelProto.Parser.ParseFrom(RegularFile.ReadAllBytes(path));

    /// <summary>Lets a model give values out besides, all of them numbers.</summary>
    public static void Expose(ModelProto proto, IEnumerable<string> values)
    {
        var given = proto.Graph.Output.Select(o => o.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var value in values.Where(given.Add))
            proto.Graph.Output.Add(
                new ValueInfoProto
                {
                    Name = value,
                    Type = new() { TensorType = new() { ElemType = (int)TensorProto.Types.DataType.Float } },
                }
            );
    }

    /// <summary>Runs a model that is only needed for a moment: it lies beside the file of an export, whose weights may lie in a
    /// second one.</summary>
    public static T WithSession<T>(string beside, ModelProto proto, Func<OnnxSession, T> use)
    {
        var path = Path.Combine(
            Path.GetDirectoryName(Path.GetFullPath(beside))!,
            $".{Path.GetFileName(beside)}.{Environment.ProcessId}.part"
        );
        try
        {
            WriteProto(path, proto);
            using var session = new OnnxSession(path);
            return use(session);
        }
        finally
        {
            File.Delete(path);
        }
    }

    public static StringStringEntryProto Entry(string key, string value) => new() { Key = key, Value = value };

    static byte[] Bytes(Parameter parameter, ParameterArrays weights, TensorProto.Types.DataType type) =>
        OnnxModel.Bytes(parameter.Compute(weights).Values, type);
}
