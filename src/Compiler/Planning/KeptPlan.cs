using System.Collections.Immutable;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Recipes;

namespace Mtlc.Compiler.Planning;

/// <summary>What a run keeps of what frozen encoders make of pictures that are the same in each epoch, to compute it
/// once.</summary>
/// <param name="Encoders">Those that are wholly frozen.</param>
/// <param name="EachTraining">Bytes of a training picture.</param>
/// <param name="EachValidation">Bytes of a validation picture.</param>
/// <param name="TrainingPictures">How many there are; null where that is not known.</param>
/// <param name="ValidationPictures">How many there are; null where that is not known.</param>
/// <param name="Varies">Why training pictures are not the same in each epoch; null where they are.</param>
/// <param name="Epochs">Of training.</param>
/// <param name="Evaluations">Within the run.</param>
/// <param name="Limit">Bytes that may be kept.</param>
public sealed record KeptPlan(
    ImmutableArray<string> Encoders,
    long EachTraining,
    long EachValidation,
    int? TrainingPictures,
    int? ValidationPictures,
    string? Varies,
    int Epochs,
    int Evaluations,
    long Limit
)
{
    /// <param name="crop">Of training.</param>
    /// <param name="pictures">The size of the pictures, where it is known.</param>
    /// <param name="padded">That of validation pictures as the network gets them.</param>
    public static KeptPlan Of(
        CompiledProgram program,
        ImageSize crop,
        ImageSize? pictures,
        Workload padded,
        int? trainingPictures,
        int? validationPictures
    )
    {
        var (model, train) = (program.Model, program.Train);
        var encoders = FrozenFeatures.Encoders(model);
        return new(
            encoders,
            FrozenFeatures.Of(model.TrainingStep, encoders).Bytes(crop.Height, crop.Width),
            FrozenFeatures.Of(model.Inference, encoders).Bytes(padded.Height, padded.Width),
            trainingPictures,
            validationPictures,
            VariedBy(program.Data.Augment, crop, pictures),
            train.Epochs,
            (train.Epochs + train.Evaluate.Every - 1) / train.Evaluate.Every,
            (long)(train.KeepFeatures * (1L << 30))
        );
    }

    static string? VariedBy(AugmentRecipe augment, ImageSize crop, ImageSize? pictures) =>
        augment.Flip ? "flip"
        : augment.Scale != new Interval(1, 1) ? "scale"
        : augment.Tilt > 0 ? "tilt"
        : augment.Wiggle > 0 ? "wiggle"
        : augment.Jitter > 0 ? "jitter"
        : pictures != crop ? "crop"
        : null;

    long Wanted => TrainingPictures is { } count && Varies is null && Epochs > 1 ? EachTraining * count : 0;

    /// <summary>Bytes for training pictures: all of them or none, for a batch is computed whole.</summary>
    public long Training => Wanted <= Limit ? Wanted : 0;

    /// <summary>Bytes for validation pictures, batch by batch, as far as they go.</summary>
    public long Validation =>
        ValidationPictures is { } count && Evaluations > 1 ? Math.Min(EachValidation * count, Limit - Training) : 0;

    public long Bytes => Training + Validation;

    /// <summary>For people; null where no encoder is frozen, or nothing comes twice.</summary>
    public string? Text
    {
        get
        {
            if (EachTraining + EachValidation == 0 || (Epochs <= 1 && Evaluations <= 1))
                return null;
            var (names, make) = (string.Join(" and ", Encoders), Encoders.Length == 1 ? "makes" : "make");
            var who = $"what the frozen {names} {make} of";
            if (Limit == 0)
                return $"{who} pictures is computed each time (train.keep_features is 0)";
            List<string> kept =
            [
                .. Training > 0 ? [FormattableString.Invariant($"{TrainingPictures:N0} training")] : (string[])[],
                .. Validation > 0 ? [FormattableString.Invariant($"{ValidationPictures:N0} validation")] : (string[])[],
            ];
            var whole = EachValidation * (ValidationPictures ?? 0);
            var part = Validation > 0 && Validation < whole ? $" of {Amount.Bytes(Training + whole)}" : "";
            var first =
                kept.Count == 0
                    ? ""
                    : $"{who} {string.Join(" and ", kept)} pictures is computed once and kept ({Amount.Bytes(Bytes)}{part})";
            var second =
                Epochs <= 1 ? ""
                : Varies is { } by
                    ? $"training pictures vary (data.augment.{by}): "
                        + $"{(first.Length == 0 ? $"{who} them" : "theirs")} is computed each time"
                : TrainingPictures is null || Training > 0 ? ""
                : FormattableString.Invariant($"{(first.Length == 0 ? who : "that of")} {TrainingPictures:N0} training pictures ")
                    + $"would take {Amount.Bytes(Wanted)}, more than the {Amount.Bytes(Limit)} of train.keep_features: it is "
                    + "computed each time";
            return (first, second) switch
            {
                ("", "") => null,
                (_, "") => first,
                ("", _) => second,
                _ => $"{first}; {second}",
            };
        }
    }
}
