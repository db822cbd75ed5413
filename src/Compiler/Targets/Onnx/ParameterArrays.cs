using System.Collections.Immutable;
using Mtlc.Compiler.Ir;

namespace Mtlc.Compiler.Targets.Onnx;

/// <summary>Numbers of a parameter in row-major order.</summary>
public sealed record NumberArray(ImmutableArray<int> Dimensions, float[] Values);

/// <summary>Derived parameters in plain arrays, as libtorch computes them.</summary>
/// <param name="stored">Gives the numbers of a stored one.</param>
public sealed class ParameterArrays(Func<Parameter, float[]> stored) : IParameterArithmetic<NumberArray>
{
    public NumberArray Stored(Parameter parameter) => new(parameter.Dimensions, stored(parameter));

    public NumberArray Add(NumberArray left, NumberArray right) => Zip(left, right, (a, b) => a + b);

    public NumberArray Subtract(NumberArray left, NumberArray right) => Zip(left, right, (a, b) => a - b);

    public NumberArray Multiply(NumberArray left, NumberArray right) => Zip(left, right, (a, b) => a * b);

    public NumberArray Scale(NumberArray gamma, NumberArray variance, double epsilon) =>
        Zip(gamma, variance, (g, v) => g / MathF.Sqrt((float)(v + epsilon)));

    public NumberArray ScaleOutputs(NumberArray weight, NumberArray scale)
    {
        var (values, each) = (new float[weight.Values.Length], weight.Values.Length / weight.Dimensions[0]);
        for (var i = 0; i < values.Length; i++)
            values[i] = weight.Values[i] * scale.Values[i / each];
        return weight with { Values = values };
    }

    public NumberArray InputChannels(NumberArray weight, ImmutableArray<ChannelRange> ranges)
    {
        var (outputs, inputs) = (weight.Dimensions[0], weight.Dimensions[1]);
        var each = weight.Values.Length / (outputs * inputs);
        var values = Enumerable
            .Range(0, outputs)
            .SelectMany(o => ranges, (o, r) => (From: (o * inputs + r.Start) * each, Length: r.Count * each))
            .SelectMany(part => weight.Values.AsSpan(part.From, part.Length).ToArray());
        return new([outputs, ranges.Sum(r => r.Count), .. weight.Dimensions[2..]], [.. values]);
    }

    public NumberArray AddLowRank(
        NumberArray weight,
        NumberArray a,
        NumberArray b,
        double factor,
        ImmutableArray<ChannelRange> on
    )
    {
        var (values, inputs, rank) = (weight.Values.ToArray(), a.Dimensions[1], b.Dimensions[1]);
        var row = 0; // of b
        foreach (var (part, range) in on.Index())
        {
            for (var output = range.Start; output < range.Start + range.Count; output++, row++)
            for (var input = 0; input < inputs; input++)
            {
                var sum = 0.0;
                for (var k = 0; k < rank; k++)
                    sum += b.Values[row * rank + k] * (double)a.Values[(part * rank + k) * inputs + input];
                values[output * inputs + input] += (float)(factor * sum);
            }
        }
        return weight with { Values = values };
    }

    public NumberArray Pointwise(NumberArray matrix) => matrix with { Dimensions = [.. matrix.Dimensions, 1, 1] };

    public NumberArray Taps(NumberArray weight)
    {
        var (rows, taps) = (weight.Dimensions[0] * weight.Dimensions[1], weight.Dimensions[2] * weight.Dimensions[3]);
        var values = new float[weight.Values.Length];
        for (var i = 0; i < values.Length; i++)
            values[i % taps * rows + i / taps] = weight.Values[i];
        return new([taps * weight.Dimensions[0], weight.Dimensions[1], 1, 1], values);
    }

    public NumberArray Round(NumberArray whole, Precision to) =>
        whole with
        {
            Values = [.. whole.Values.Select(v => Rounded(v, to))],
        };

    public NumberArray Stack(ImmutableArray<NumberArray> parts) =>
        new([parts.Sum(p => p.Dimensions[0]), .. parts[0].Dimensions[1..]], [.. parts.SelectMany(p => p.Values)]);

    static float Rounded(float value, Precision to) =>
        to switch
        {
            Precision.Fp16 => (float)(Half)value,
            Precision.Bf16 => BitConverter.UInt32BitsToSingle(NearestEven(BitConverter.SingleToUInt32Bits(value))),
            _ => value,
        };

    // To the upper 16 bits; a number that is none stays none.
    static uint NearestEven(uint bits) =>
        (bits & 0x7FFF_FFFF) > 0x7F80_0000 ? bits | 0x0040_0000 : (bits + 0x7FFF + (bits >> 16 & 1)) & 0xFFFF_0000;

    static NumberArray Zip(NumberArray left, NumberArray right, Func<float, float, float> of)
    {
        var values = new float[left.Values.Length];
        for (var i = 0; i < values.Length; i++)
            values[i] = of(left.Values[i], right.Values[i]);
        return left with { Values = values };
    }
}
