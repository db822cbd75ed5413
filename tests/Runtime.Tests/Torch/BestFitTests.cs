using CsCheck;
using Mtlc.Runtime.Torch.Native;

namespace Mtlc.Tests.Torch;

public class BestFitTests
{
    [Fact]
    public void Blocks_lie_apart_within_the_range_and_what_is_given_back_is_one_hole_again()
    {
        Gen.Int[1, 40]
            .Array[1, 200]
            .Sample(draws =>
            {
                const int length = 300;
                var heap = new BestFit(length);
                var blocks = new List<(long Start, long Size)>();
                foreach (var draw in draws)
                {
                    if (draw % 3 == 0 && blocks.Count > 0)
                    {
                        heap.Return(blocks[draw % blocks.Count].Start);
                        blocks.RemoveAt(draw % blocks.Count);
                    }
                    else if (heap.Take(draw) is >= 0 and var start)
                    {
                        Assert.InRange(start + draw, 1, length);
                        Assert.DoesNotContain(blocks, b => b.Start < start + draw && start < b.Start + b.Size);
                        blocks.Add((start, draw));
                    }
                    else
                    {
                        Assert.True(LargestGap(blocks, length) < draw);
                    }
                    Assert.Equal(blocks.Sum(b => b.Size), heap.Used);
                }
                blocks.ForEach(b => heap.Return(b.Start));
                Assert.Equal(0, heap.Used);
                Assert.Equal(0, heap.Take(length));
            });
    }

    static long LargestGap(List<(long Start, long Size)> blocks, long length)
    {
        var (end, gap) = (0L, 0L);
        foreach (var (start, size) in blocks.Append((length, 0)).Order())
            (gap, end) = (Math.Max(gap, start - end), start + size);
        return gap;
    }

    [Fact]
    public void Takes_the_smallest_hole_that_fits()
    {
        var heap = new BestFit(100);
        long[] starts = [.. new[] { 30L, 5, 10, 5, 50 }.Select(size => heap.Take(size))];
        Assert.Equal([0, 30, 35, 45, 50], starts);
        heap.Return(0);
        heap.Return(35);

        Assert.Equal(35, heap.Take(8));
        Assert.Equal(0, heap.Take(11));
        Assert.Equal(-1, heap.Take(20));
        Assert.Equal(100, heap.Peak);
        Assert.Throws<ArgumentException>(() => heap.Return(1));
    }

    [Fact]
    public void What_lasts_lies_at_the_end_and_leaves_one_hole_before_it()
    {
        var heap = new BestFit(100);
        Assert.Equal(0, heap.Take(30));
        Assert.Equal(80, heap.Take(20, lasting: true));
        Assert.Equal(30, heap.Take(10));
        Assert.Equal(70, heap.Take(10, lasting: true));
        Assert.Equal(30, heap.Return(0));
        heap.Return(30);

        Assert.Equal(0, heap.Take(70));
        Assert.Equal(-1, heap.Take(1, lasting: true));
    }
}
