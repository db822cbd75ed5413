using Mtlc.Compiler;
using Mtlc.Compiler.Recipes;
using Mtlc.Runtime.Training;

namespace Mtlc.Tests.Training;

public sealed class MemoryCheckTests : IDisposable
{
    static readonly ValidationPictures All = new(null, null);

    readonly string root = Directory.CreateTempSubdirectory("mtlc-fits-").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    // Pictures as large as the crop, so that training takes most.
    static CompiledProgram Program(int height = 32, int width = 32) =>
        TinyRun.Program() with
        {
            Data = TinyRun.Program().Data with { Source = new SyntheticRecipe(Size: new(height, width)) },
        };

    TrainOptions Options(long bytes) =>
        new(Path.Combine(root, "a"), "cpu", MaxSteps: 1) { Data = new TinyRun.Blocks(), Memory = new(bytes, "a container") };

    [Fact]
    public void What_cannot_fit_is_refused_before_anything_is_made()
    {
        var program = Program();
        var needed = MemoryCheck.Of(program, new(0, "nothing"), All).Plan.RunPeak;

        var error = Assert.Throws<NotEnoughMemoryException>(() => Trainer.Run(program, Options(needed - 1)));
        Assert.StartsWith(
            $"training with train.batch = {program.Train.Batch} would take ",
            error.Message,
            StringComparison.Ordinal
        );
        Assert.EndsWith(" may be used (a container)", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(root, "a")));

        var result = Trainer.Run(program, Options(needed - 1) with { ChecksMemory = false });
        Assert.Equal(1, result.Steps);
    }

    [Fact]
    public void Near_the_limit_there_is_a_warning_and_no_more()
    {
        var program = Program();
        var needed = MemoryCheck.Of(program, new(0, "nothing"), All).Plan.RunPeak;
        List<string> Warnings(long bytes)
        {
            var warnings = new List<string>();
            MemoryCheck.Of(program, new(bytes, "a container"), All).Require(warnings.Add);
            return warnings;
        }

        Assert.StartsWith("training with train.batch = ", Assert.Single(Warnings(needed)), StringComparison.Ordinal);
        Assert.Single(Warnings((long)(needed / 0.91)));
        Assert.Empty(Warnings((long)(needed / 0.89)));
    }

    [Fact]
    public void The_largest_batch_that_fits_is_told()
    {
        var program = Program();
        var wanted = program with { Train = program.Train with { Batch = 64 } };
        var memory = MemoryCheck
            .Of(program with { Train = program.Train with { Batch = 9 } }, new(0, "nothing"), All)
            .Plan.RunPeak;

        var check = MemoryCheck.Of(wanted, new(memory, "a container"), All);
        Assert.False(check.Fits);
        Assert.True(check.Largest is >= 9 and < 64);
        Assert.True(
            MemoryCheck.Of(program with { Train = program.Train with { Batch = check.Largest } }, check.Memory, All).Fits
        );
        Assert.False(
            MemoryCheck.Of(program with { Train = program.Train with { Batch = check.Largest + 1 } }, check.Memory, All).Fits
        );
        var error = Assert.Throws<NotEnoughMemoryException>(() => check.Require(null));
        Assert.StartsWith($"the largest train.batch that fits is {check.Largest} ", error.Help, StringComparison.Ordinal);
        Assert.StartsWith(
            "not even train.batch = 1 fits",
            Assert
                .Throws<NotEnoughMemoryException>(() => MemoryCheck.Of(wanted, new(1 << 20, "a container"), All).Require(null))
                .Help,
            StringComparison.Ordinal
        );
    }

    /// <summary>A small crop, and whole pictures of twelve megapixels beside what training keeps.</summary>
    [Fact]
    public void Pictures_that_are_evaluated_count()
    {
        var program = Program(3000, 4000);
        var check = MemoryCheck.Of(program, new(1L << 30, "a container"), All);

        Assert.True(check.Plan.RunPeak > check.Plan.TrainingPeak);
        Assert.StartsWith(
            $"evaluating {program.Train.Batch} pictures of 3000x4000 at a time while training would take ",
            Assert.Throws<NotEnoughMemoryException>(() => check.Require(null)).Message,
            StringComparison.Ordinal
        );
        Assert.Equal(1, MemoryCheck.Of(program, check.Memory, new(null, 1)).Plan.Pictures.Batch); // no more than there are
    }
}
