namespace Mtlc.Compiler.Ir;

/// <summary>
/// One spatial extent of a feature map: a fraction of the input's (H/4, or 2H), or a fixed number of pixels (1 after global
/// pooling). Strides round up, as padded convolutions do: H/4 of 257 rows is 65. </summary>
public readonly record struct Extent
{
    Extent(int numerator, int denominator, bool isFixed)
    {
        var divisor = isFixed ? 1 : Gcd(numerator, denominator);
        (Numerator, Denominator, IsFixed) = (numerator / divisor, denominator / divisor, isFixed);
    }

    public int Numerator { get; }
    public int Denominator { get; }
    public bool IsFixed { get; }

    /// <summary>The whole input.</summary>
    public static Extent Input => new(1, 1, false);

    public static Extent Pixels(int count) => new(count, 1, true);

    public static Extent Fraction(int numerator, int denominator) => new(numerator, denominator, false);

    /// <summary>After a stride.</summary>
    public Extent Over(int stride) =>
        IsFixed ? Pixels((Numerator + stride - 1) / stride) : new(Numerator, checked(Denominator * stride), false);

    /// <summary>After upsampling.</summary>
    public Extent Times(int scale) => new(checked(Numerator * scale), Denominator, IsFixed);

    /// <summary>Pixels, for an input of so many.</summary>
    public int Resolve(int input) =>
        IsFixed ? Numerator : checked((int)(((long)input * Numerator + Denominator - 1) / Denominator));

    /// <summary>"H/4", "2H", "3W/2", "1".</summary>
    public string ToString(char axis) =>
        IsFixed
            ? FormattableString.Invariant($"{Numerator}")
            : FormattableString.Invariant(
                $"{(Numerator == 1 ? "" : Numerator)}{axis}{(Denominator == 1 ? "" : $"/{Denominator}")}"
            );

    public override string ToString() => ToString('n');

    internal static int Gcd(int a, int b) => b == 0 ? a : Gcd(b, a % b);
}

/// <summary>The shape of every value: float32, N x Channels x Height x Width, with a symbolic batch N.</summary>
public readonly record struct TensorShape(int Channels, Extent Height, Extent Width)
{
    /// <summary>A picture at the input's resolution.</summary>
    public static TensorShape Input(int channels) => new(channels, Extent.Input, Extent.Input);

    public bool SameResolution(TensorShape other) => Height == other.Height && Width == other.Width;

    /// <summary>Elements of one sample, for an input of height x width.</summary>
    public long Elements(int height, int width) => (long)Channels * Height.Resolve(height) * Width.Resolve(width);

    public TensorShape WithChannels(int channels) => this with { Channels = channels };

    /// <summary>"256 x H/4 x W/4".</summary>
    public override string ToString() =>
        FormattableString.Invariant($"{Channels} x {Height.ToString('H')} x {Width.ToString('W')}");

    /// <summary>"H/4 x W/4".</summary>
    public string Resolution => $"{Height.ToString('H')} x {Width.ToString('W')}";
}
