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
/// <param name="Limit">Bytes that may be kept in memory.</param>
/// <param name="Store">Bytes that may lie on disk.</param>
public sealed record KeptPlan(
    ImmutableArray<string> Encoders,
    long EachTraining,
    long EachValidation,
    int? TrainingPictures,
    int? ValidationPictures,
    string? Varies,
    int Epochs,
    int Evaluations,
    long Limit,
    long Store = 0
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
            (long)(train.KeepFeatures * (1L << 30)),
            (long)(train.StoreFeatures * (1L << 30))
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

    // A later run reads what one epoch stored.
    long Wanted => TrainingPictures is { } count && Varies is null && (Epochs > 1 || Store > 0) ? EachTraining * count : 0;

    /// <summary>Whether training pictures are kept anywhere: all of them or none, for a batch is computed whole.</summary>
    public bool HasTraining => StoredTraining > 0 || (Wanted > 0 && Wanted <= Limit && Epochs > 1);

    /// <summary>Whether validation pictures are kept anywhere, batch by batch, as far as they go.</summary>
    public bool HasValidation => Validation > 0 || StoredValidation > 0;

    /// <summary>Bytes of memory for training pictures; where these lie on disk, for as many as go into it.</summary>
    public long Training => HasTraining && Epochs > 1 ? Math.Min(Wanted, Limit) : 0;

    /// <summary>Bytes of memory for validation pictures.</summary>
    public long Validation =>
        ValidationPictures is { } count && Evaluations > 1 ? Math.Min(EachValidation * count, Limit - Training) : 0;

    /// <summary>Bytes of disk for training pictures.</summary>
    public long StoredTraining => Stored(Wanted, TrainingPictures) is var bytes && bytes <= Store ? bytes : 0;

    /// <summary>Bytes of disk for validation pictures.</summary>
    public long StoredValidation =>
        Math.Min(Stored(EachValidation * (ValidationPictures ?? 0), ValidationPictures), Store - StoredTraining);

    /// <summary>Bytes of memory.</summary>
    public long Bytes => Training + Validation;

    /// <summary>Bytes of disk.</summary>
    public long OnDisk => StoredTraining + StoredValidation;

    // What a file has beside the numbers.
    static long Stored(long bytes, int? pictures) => bytes == 0 ? 0 : bytes + 1024L * (pictures ?? 0);

    /// <summary>For people; null where no encoder is frozen, or nothing comes twice.</summary>
    public string? Text
    {
        get
        {
            if (EachTraining + EachValidation == 0 || (Epochs <= 1 && Evaluations <= 1 && Store == 0))
                return null;
            var (names, make) = (string.Join(" and ", Encoders), Encoders.Length == 1 ? "makes" : "make");
            var who = $"what the frozen {names} {make} of";
            if (Limit == 0 && Store == 0)
                return $"{who} pictures is computed each time (train.keep_features is 0)";
            List<string> kept =
            [
                .. HasTraining ? [FormattableString.Invariant($"{TrainingPictures:N0} training")] : (string[])[],
                .. HasValidation ? [FormattableString.Invariant($"{ValidationPictures:N0} validation")] : (string[])[],
            ];
            var first =
                kept.Count == 0 ? "" : $"{who} {string.Join(" and ", kept)} pictures is computed once and kept ({Places()})";
            var second =
                Epochs <= 1 && Store == 0 ? ""
                : Varies is { } by
                    ? $"training pictures vary (data.augment.{by}): "
                        + $"{(first.Length == 0 ? $"{who} them" : "theirs")} is computed each time"
                : TrainingPictures is null || HasTraining || Wanted == 0 ? ""
                : FormattableString.Invariant($"{(first.Length == 0 ? who : "that of")} {TrainingPictures:N0} training pictures ")
                    + $"would take {Amount.Bytes(Wanted)}, more than the {Amount.Bytes(Math.Max(Limit, Store))} of "
                    + $"train.{(Store > Limit ? "store_features" : "keep_features")}: it is computed each time";
            return (first, second) switch
            {
                ("", "") => null,
                (_, "") => first,
                ("", _) => second,
                _ => $"{first}; {second}",
            };
        }
    }

    // "130 KiB"; "1 GiB of 3 GiB in memory, 3 GiB on disk".
    string Places()
    {
        var whole = (HasTraining ? Wanted : 0) + (HasValidation ? EachValidation * (ValidationPictures ?? 0) : 0);
        var memory =
            Bytes == 0 && OnDisk > 0 ? "" : $"{Amount.Bytes(Bytes)}{(Bytes < whole ? $" of {Amount.Bytes(whole)}" : "")}";
        if (OnDisk == 0)
            return memory;
        var files =
            (HasTraining ? Stored(Wanted, TrainingPictures) : 0)
            + Stored(EachValidation * (ValidationPictures ?? 0), ValidationPictures);
        var disk = $"{Amount.Bytes(OnDisk)}{(OnDisk < files ? $" of {Amount.Bytes(files)}" : "")} on disk";
        return memory.Length == 0 ? disk : $"{memory} in memory, {disk}";
    }
}
