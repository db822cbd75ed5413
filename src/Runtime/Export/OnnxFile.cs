using System.Globalization;
using System.Runtime.InteropServices;
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
        var total = model.Weights.Sum(p => p.Count * sizeof(float));
        if (total <= mostInside)
        {
            foreach (var (parameter, tensor) in model.Weights.Zip(model.Proto.Graph.Initializer))
                tensor.RawData = UnsafeByteOperations.UnsafeWrap(Bytes(parameter, weights));
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
                    var bytes = Bytes(parameter, weights);
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

    public static void WriteProto(string path, ModelProto proto) => AtomicFile.Write(path, proto.WriteTo);

    public static ModelProto Read(string path) => ModelProto.Parser.ParseFrom(RegularFile.ReadAllBytes(path));

    public static StringStringEntryProto Entry(string key, string value) => new() { Key = key, Value = value };

    static byte[] Bytes(Parameter parameter, ParameterArrays weights) =>
        MemoryMarshal.AsBytes<float>(parameter.Compute(weights).Values).ToArray();
}
