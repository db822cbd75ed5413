using Mtlc.Compiler.Recipes;
using Mtlc.Runtime.Data.Loading;
using Mtlc.Runtime.Data.Samples;
using Mtlc.Runtime.Files;
using Mtlc.Tests.Training;

namespace Mtlc.Tests.Data.Loading;

public class LoaderTests
{
    static DataRecipe Recipe(int workers) =>
        new(
            Augment: new AugmentRecipe(new ImageSize(32, 32), Scale: new(0.7, 1.5), Tilt: 5, Wiggle: 0.05, Jitter: 0.3),
            Workers: workers
        );

    [Fact]
    public void Order_and_pixels_are_those_of_any_number_of_workers()
    {
        var one = Read(1);
        foreach (var workers in new[] { 2, 7 })
        {
            foreach (var (a, b) in one.Zip(Read(workers), (a, b) => (a, b)))
            {
                Assert.Equal(a.Name, b.Name);
                Assert.Equal(a.Image, b.Image);
                Assert.Equal(a.Classes, b.Classes);
            }
        }
        List<Mtlc.Runtime.Data.Augmentation.Example> Read(int workers) =>
            [.. new TrainingLoader(new TinyRun.Blocks(10), Recipe(workers), 3, 1).Read(0, 7).SelectMany(b => b)];
    }

    [Fact]
    public void Reading_may_begin_at_any_step()
    {
        var loader = new TrainingLoader(new TinyRun.Blocks(10), Recipe(2), 3, 1);
        Assert.Equal(3, loader.StepsPerEpoch);
        var all = loader.Read(0, 8).ToArray();
        foreach (var (a, b) in all.Skip(5).Zip(loader.Read(5, 8)))
            Assert.Equal(a.SelectMany(e => e.Image), b.SelectMany(e => e.Image));
        Assert.Equal(9, all.Take(3).SelectMany(b => b).Select(e => e.Name).Distinct().Count());
    }

    [Fact]
    public void Too_few_samples_for_a_batch_are_an_error() =>
        Assert.Contains(
            "train.batch",
            Assert.Throws<DataException>(() => new TrainingLoader(new TinyRun.Blocks(3), Recipe(1), 4, 0)).Message
        );

    [Fact]
    public void Evaluation_keeps_the_order_and_groups_equal_sizes()
    {
        var batches = new EvaluationLoader(new Sizes(), Split.Validation, Recipe(3), 2).Read().ToArray();
        Assert.Equal(
            [
                ["0", "1"],
                ["2"],
                ["3"],
                ["4"],
                ["5"],
            ],
            batches.Select(b => b.Select(e => e.Name).ToArray())
        );
    }

    [Fact]
    public void Reading_ahead_is_bounded_and_keeps_order()
    {
        var (running, started, most) = (0, 0, 0);
        var results = ReadAhead.Run(
            Enumerable.Range(0, 40),
            i =>
            {
                var now = Interlocked.Increment(ref running);
                InterlockedMax(ref most, now);
                Interlocked.Increment(ref started);
                Thread.Sleep(1);
                Interlocked.Decrement(ref running);
                return i;
            },
            workers: 3,
            ahead: 5
        );
        var read = 0;
        foreach (var result in results)
        {
            Assert.Equal(read++, result);
            Assert.InRange(Volatile.Read(ref started), read, read + 5);
        }
        Assert.InRange(most, 1, 3);

        static void InterlockedMax(ref int target, int value)
        {
            for (var seen = target; seen < value; seen = target)
                Interlocked.CompareExchange(ref target, value, seen);
        }
    }

    sealed class Sizes : IDataSource
    {
        static readonly int[] Widths = [64, 64, 96, 64, 96, 100];

        public DataContract Contract => new([], 255, false, null, null);

        public int Count(Split split) => Widths.Length;

        public string Name(Split split, int index) => FormattableString.Invariant($"{index}");

        public Sample Read(Split split, int index) =>
            new(Name(split, index), 32, Widths[index], new byte[32 * Widths[index] * 3], null, null);
    }
}
