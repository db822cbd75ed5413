using Microsoft.ML.OnnxRuntime;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Targets.Onnx;
using Mtlc.Runtime.Machine;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Export;

/// <summary>A file as ONNX Runtime runs it.</summary>
sealed class OnnxSession : IDisposable
{
    readonly InferenceSession session;

    public OnnxSession(string path)
    {
        using var options = new SessionOptions
        {
            IntraOpNumThreads = MachineLimits.Current.Cores,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0"); // libtorch's threads want the same cores
        session = new(path, options);
    }

    public static string Version => $"ONNX Runtime {OrtEnv.Instance().GetVersionString()}";

    public IReadOnlyList<string> Outputs => session.OutputNames;

    /// <param name="input">What the bare network reads: [N, 3, H, W] float32, and behind these channels those of its
    /// maps.</param>
    /// <returns>Every output by its name; classes as int64.</returns>
    public Dictionary<string, Tensor> Run(Tensor input) =>
        RunWith(
            input.narrow(1, 0, Model.PictureChannels),
            input.narrow(1, Model.PictureChannels, input.shape[1] - Model.PictureChannels)
        );

    /// <param name="picture">[N, H, W, 3] bytes or [N, 3, H, W] float32, as the file wants it.</param>
    /// <param name="maps">[N, C, H, W]: the channels of all maps, in the order of the file's inputs.</param>
    /// <inheritdoc cref="Run(Tensor)" path="/returns"/>
    public Dictionary<string, Tensor> RunWith(Tensor picture, Tensor maps)
    {
        var inputs = new List<OrtValue>();
        try
        {
            var start = 0L;
            foreach (var name in session.InputNames)
            {
                var channels = name == OnnxModel.Input ? 0 : session.InputMetadata[name].Dimensions[1];
                inputs.Add(Of(name == OnnxModel.Input ? picture : maps.narrow(1, start, channels)));
                start += channels;
            }
            using var run = new RunOptions();
            using var values = session.Run(run, session.InputNames, inputs, session.OutputNames);
            return session.OutputNames.Zip(values, (name, value) => (name, Of(value))).ToDictionary(o => o.name, o => o.Item2);
        }
        finally
        {
            inputs.ForEach(i => i.Dispose());
        }
    }

    static OrtValue Of(Tensor input)
    {
        using var contiguous = input.contiguous();
        return input.dtype == ScalarType.Byte
            ? OrtValue.CreateTensorValueFromMemory(contiguous.data<byte>().ToArray(), contiguous.shape)
            : OrtValue.CreateTensorValueFromMemory(contiguous.data<float>().ToArray(), contiguous.shape);
    }

    static Tensor Of(OrtValue value)
    {
        var about = value.GetTensorTypeAndShape();
        return about.ElementDataType == Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.UInt8
            ? tensor(value.GetTensorDataAsSpan<byte>().ToArray(), about.Shape).to(ScalarType.Int64)
            : tensor(value.GetTensorDataAsSpan<float>().ToArray(), about.Shape);
    }

    public void Dispose() => session.Dispose();
}
