namespace Mtlc.Compiler.Ir;

/// <summary>
/// One spatial extent of a feature map: a fraction of the input's (H/4, or 2H), or a fixed number of pixels (1 after global
/// pooling). Strides round up, as padded convolutions do: H/4 of 257 rows is 65. </summary>
public readonly record struct Extent
{
    Extent(int numerator, int denominator, bool isFixed, int multiple = 1)
    {
        var divisor = isFixed ? 1 : Gcd(numerator, denominator);
        (Numerator, Denominator, IsFixed) = (numerator / divisor, denominator / divisor, isFixed);
        Multiple = multiple;
    }

    public int Numerator { get; }
    public int Denominator { get; }
    public bool IsFixed { get; }

    /// <summary>What it was padded to a multiple of; 1 where it was not.</summary>
    public int Multiple { get; }

    /// <summary>The whole input.</summary>
    public static Extent Input => new(1, 1, false);

    public static Extent Pixels(int count) => new(count, 1, true);

    public static Extent Fraction(int numerator, int denominator) => new(numerator, denominator, false);

    /// <summary>After a stride.</summary>
    public Extent Over(int stride) =>
        IsFixed ? Pixels((Numerator + stride - 1) / stride) : new(Numerator, checked(Denominator * stride), false, Multiple);

    /// <summary>After upsampling.</summary>
    public Extent Times(int scale) => new(checked(Numerator * scale), Denominator, IsFixed, Multiple);

    /// <summary>Padded to a multiple.</summary>
    public Extent In(int multiple) => IsFixed ? Pixels(Up(Numerator, multiple)) : new(Numerator, Denominator, false, multiple);

    /// <summary>Pixels, for an input of so many.</summary>
    public int Resolve(int input) =>
        IsFixed ? Numerator : Up(checked((int)(((long)input * Numerator + Denominator - 1) / Denominator)), Multiple);

    static int Up(int pixels, int multiple) => checked((pixels + multiple - 1) / multiple * multiple);

    /// <summary>"H/4", "2H", "3W/2", "1"; "H/4^7" where it was padded to sevens.</summary>
    public string ToString(char axis) =>
        IsFixed
            ? FormattableString.Invariant($"{Numerator}")
            : FormattableString.Invariant(
                $"{(Numerator == 1 ? "" : Numerator)}{axis}{(Denominator == 1 ? "" : $"/{Denominator}")}"
            ) + (Multiple == 1 ? "" : FormattableString.Invariant($"^{Multiple}"));

    public override string ToString() => ToString('n');

    internal static int Gcd(int a, int b) => b == 0 ? a : Gcd(b, a % b);
}

/// <summary>
/// The shape of every value: float32, N x Channels x Height x Width, with a symbolic batch N. A map that carries tokens lies as
/// one row, N x Channels x 1 x (Tokens + Height * Width): the tokens, then the pixels row by row. </summary>
public readonly record struct TensorShape(int Channels, Extent Height, Extent Width)
{
    /// <summary>How many positions it carries beside its pixels.</summary>
    public int Tokens { get; init; }

    /// <summary>A map of pixels and nothing else, of a size that nothing was padded to.</summary>
    public bool IsPlain => Tokens == 0 && Height.Multiple == 1 && Width.Multiple == 1;

    /// <summary>1 x 1.</summary>
    public bool IsPoint => Tokens == 0 && Height == Extent.Pixels(1) && Width == Extent.Pixels(1);

    /// <summary>How its numbers lie, for an input of height x width.</summary>
    public (int Rows, int Columns) Lie(int height, int width) =>
        Tokens == 0
            ? (Height.Resolve(height), Width.Resolve(width))
            : (1, checked(Tokens + Height.Resolve(height) * Width.Resolve(width)));

    /// <summary>A picture at the input's resolution.</summary>
    public static TensorShape Input(int channels) => new(channels, Extent.Input, Extent.Input);

    public bool SameResolution(TensorShape other) => Height == other.Height && Width == other.Width && Tokens == other.Tokens;

    /// <summary>Elements of one sample, for an input of height x width.</summary>
    public long Elements(int height, int width) => Channels * (Tokens + (long)Height.Resolve(height) * Width.Resolve(width));

    public TensorShape WithChannels(int channels) => this with { Channels = channels };

    /// <summary>"256 x H/4 x W/4"; "384 x H/14 x W/14 + 5" with five tokens.</summary>
    public override string ToString() => FormattableString.Invariant($"{Channels} x {Resolution}");

    /// <summary>"H/4 x W/4".</summary>
    public string Resolution =>
        $"{Height.ToString('H')} x {Width.ToString('W')}" + (Tokens == 0 ? "" : FormattableString.Invariant($" + {Tokens}"));
}
