using System.Collections.Frozen;
using System.Collections.Immutable;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Recipes;

namespace Mtlc.Compiler.Binding;

/// <summary>
/// What the `{ }` of a model's statement may say besides its component's arguments. Nothing else is accepted there, and editors
/// offer what stands here. </summary>
public static class OwnSettings
{
    /// <summary>Words that `weights` may be; a file in quotes is the third choice.</summary>
    public static readonly ImmutableArray<string> WeightWords = ["none", "imagenet"];

    /// <summary>Its value is a word of <see cref="WeightWords"/> or a file.</summary>
    public static readonly SignatureParameter Weights = Optional<EncoderWeights>("weights", "none");

    public static readonly SignatureParameter Partial = Optional<bool>("partial", false);

    /// <summary>Its value is the name of a component.</summary>
    public static readonly SignatureParameter Using = Optional<ComponentSymbol>("using", null);

    public static readonly SignatureParameter Kernel = Optional<int>("kernel", 3, new(1, 31));

    public static readonly SignatureParameter At = Optional<int>("at", null, new(1, 1024));

    public static readonly SignatureParameter Recompute = Optional<bool>("recompute", false);

    public static readonly SignatureParameter Frozen = Optional<bool>("frozen", false);

    /// <summary>Times the recipe's learning rate.</summary>
    public static readonly SignatureParameter Rate = Optional<Factor>("lr", null, new(0, 1e3) { Above = true });

    /// <summary>In place of the optimizer's.</summary>
    public static readonly SignatureParameter Decay = Optional<double>("weight_decay", null, new(0, 1));

    /// <summary>Of an encoder: times the rate once for each layer behind.</summary>
    public static readonly SignatureParameter LayerDecay = Optional<double>("lr_decay", null, new(0, 1) { Above = true });

    /// <summary>Of an input.</summary>
    public static readonly SignatureParameter Channels = Optional<int>("channels", 1, new(1, 64));

    /// <summary>Of an input's numbers, over the training split; with <see cref="Deviation"/>.</summary>
    public static readonly SignatureParameter Mean = Optional<double>("mean", null, new(-1e9, 1e9));

    public static readonly SignatureParameter Deviation = Optional<double>("deviation", null, new(0, 1e9) { Above = true });

    /// <summary>Of an encoder: what is trained beside its weights.</summary>
    public static readonly SignatureParameter Adapt = Optional<AdapterRecipe>("adapt", "none");

    static readonly FrozenDictionary<string, ImmutableArray<SignatureParameter>> ByStatement = new Dictionary<
        string,
        ImmutableArray<SignatureParameter>
    >
    {
        ["input"] = [Channels, Mean, Deviation],
        ["encoder"] = [Weights, Partial, .. Everywhere, LayerDecay, Adapt],
        ["aspp"] = [Using, .. Everywhere],
        ["attention"] = [Using, .. Everywhere],
        ["decoder"] = [Using, Kernel, At, .. Everywhere],
        ["refine"] = Everywhere,
        ["share"] = [Frozen, Rate, Decay],
        ["exchange"] = [Using, .. Everywhere],
    }.ToFrozenDictionary();

    static ImmutableArray<SignatureParameter> Everywhere => [Recompute, Frozen, Rate, Decay];

    /// <param name="statement">Its word: "aspp".</param>
    public static ImmutableArray<SignatureParameter> Of(string statement) => ByStatement.GetValueOrDefault(statement, []);

    public static ImmutableArray<string> Names(string statement) => [.. Of(statement).Select(s => s.Name)];

    static SignatureParameter Optional<T>(string name, object? value, BoundsAttribute? bounds = null) =>
        new(name, name, typeof(T), true, value, bounds);
}
