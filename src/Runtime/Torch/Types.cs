using Mtlc.Compiler.Ir;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Torch;

/// <summary>libtorch's names of number formats.</summary>
static class Types
{
    public static ScalarType Of(Precision precision) =>
        precision switch
        {
            Precision.Bf16 => ScalarType.BFloat16,
            Precision.Fp16 => ScalarType.Float16,
            _ => ScalarType.Float32,
        };
}
