using System.Globalization;
using Mtlc.Compiler;
using Mtlc.Compiler.Planning;
using Mtlc.Compiler.Recipes;
using Mtlc.Runtime.Data;
using Mtlc.Runtime.Data.Samples;
using Mtlc.Runtime.Files;
using Mtlc.Runtime.Machine;
using Mtlc.Runtime.Torch;
using Mtlc.Runtime.Training;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Planning;

/// <summary>What a plan is made for; null is as the program, or the machine, has it.</summary>
/// <param name="Memory">Bytes that training may take.</param>
/// <param name="Device">"auto", "cpu", "cuda", "cuda:1".</param>
/// <param name="IsTimed">Whether some steps are run to time them, where they fit.</param>
public sealed record PlanRequest(int? Batch, ImageSize? Crop, long? Memory, string Device, bool IsTimed);

/// <summary>What training and evaluating a program will take.</summary>
/// <param name="Limit">Bytes that training may take.</param>
/// <param name="Largest">The largest batch that fits into them; 0 where none does.</param>
public sealed record ProgramPlan(MemoryPlan Memory, long Limit, int Largest, TrainingTime Time)
{
    /// <exception cref="RunException">Steps are to be timed on a device that is not here.</exception>
    public static ProgramPlan Of(CompiledProgram program, PlanRequest request)
    {
        var size = request.Crop ?? program.Data.Augment.Crop;
        var device = MemoryOf(request.Device);
        var (cores, (pictures, validation, training)) = (MachineLimits.Current.Cores, Pictures(program.Data.Source));
        var plan = MemoryPlan.Of(
            program,
            request.Batch ?? program.Train.Batch,
            size,
            device.IsGpu,
            cores,
            pictures,
            trainingCount: training
        );
        plan = plan with { Kept = plan.Kept with { ValidationPictures = plan.Kept.ValidationPictures ?? validation } };
        var limit = request.Memory ?? device.Bytes;
        double? step =
            request.IsTimed && plan.RunPeak <= limit
                ? Calibration.SecondsPerStep(program, plan.Work.Batch, size, Devices.Find(request.Device))
                : null;
        return new(
            plan,
            limit,
            MemoryPlan.Largest(program, size, limit, device.IsGpu, cores, pictures, trainingCount: training),
            TrainingTime.Of(program, plan.Work.Batch, step)
        );
    }

    /// <summary>
    /// The memory of the device that a word means. A plan for a GPU can be made where there is none: its memory is then taken to
    /// be as large as this process's. </summary>
    static DeviceMemory MemoryOf(string device)
    {
        if (!device.StartsWith("cuda", StringComparison.Ordinal))
            return DeviceMemory.Of(device) ?? DeviceMemory.OfProcess;
        var index =
            device.Split(':') is [_, var number]
            && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var named)
                ? named
                : 0;
        return DeviceMemory.Of(new Device(TorchSharp.DeviceType.CUDA, index)) ?? DeviceMemory.OfProcess with { IsGpu = true };
    }

    /// <summary>How large the pictures that are evaluated are, and how many there are, to evaluate and to train with; nulls where
    /// the data are not on this machine, or cannot be opened.</summary>
    static (ImageSize? Size, int? Validation, int? Training) Pictures(SourceRecipe source)
    {
        try
        {
            if (source is SyntheticRecipe || !Path.Exists(DataSources.Location(source)))
                return default;
            var data = DataSources.Open(source);
            return (PictureSizes.Largest(data), data.Count(Split.Validation), data.Count(Split.Train));
        }
        catch (DataException)
        {
            return default;
        }
    }
}
