using static TorchSharp.torch;

namespace Mtlc.Runtime.Checkpoints;

/// <summary>The element types of the format that TorchSharp has too.</summary>
enum TensorType
{
    BOOL,
    U8,
    I8,
    I16,
    I32,
    I64,
    F16,
    BF16,
    F32,
    F64,
}

static class TensorTypes
{
    public static int Size(this TensorType type) =>
        type switch
        {
            TensorType.BOOL or TensorType.U8 or TensorType.I8 => 1,
            TensorType.I16 or TensorType.F16 or TensorType.BF16 => 2,
            TensorType.I32 or TensorType.F32 => 4,
            _ => 8,
        };

    public static ScalarType ToTorch(this TensorType type) =>
        type switch
        {
            TensorType.BOOL => ScalarType.Bool,
            TensorType.U8 => ScalarType.Byte,
            TensorType.I8 => ScalarType.Int8,
            TensorType.I16 => ScalarType.Int16,
            TensorType.I32 => ScalarType.Int32,
            TensorType.I64 => ScalarType.Int64,
            TensorType.F16 => ScalarType.Float16,
            TensorType.BF16 => ScalarType.BFloat16,
            TensorType.F32 => ScalarType.Float32,
            _ => ScalarType.Float64,
        };

    public static TensorType FromTorch(ScalarType type) =>
        Enum.GetValues<TensorType>().Where(t => t.ToTorch() == type) is var found && found.Any()
            ? found.First()
            : throw new ArgumentException($"tensors of {type} cannot be stored");
}
