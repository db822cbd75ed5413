using Mtlc.Runtime.Data.Manifest;
using Mtlc.Runtime.Files;

namespace Mtlc.Tests.Runtime.Data.Manifest;

public sealed class IdListTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    IdList Open(string text) => new(folder.File("ids.txt", text));

    static string[] All(IdList list) => [.. Enumerable.Range(0, list.Count).Select(i => list[i])];

    string Error(Action action) =>
        Assert
            .Throws<DataException>(action)
            .Message.Replace(Path.Combine(folder.Path, "ids.txt"), "ids.txt", StringComparison.Ordinal);

    [Theory]
    [InlineData("a\nb\nc\n", "a b c")]
    [InlineData("a\nb\nc", "a b c")]
    [InlineData("a\r\nb\r\nc\r\n", "a b c")]
    [InlineData("\n\n a \n\t\n\r\nb\t\n\n\n", "a b")]
    [InlineData("\uFEFFa\nb", "a b")]
    [InlineData("\uFEFF", "")]
    [InlineData("", "")]
    [InlineData("\n", "")]
    [InlineData("a", "a")]
    [InlineData("Zürich/東京_000001\n🚋\n", "Zürich/東京_000001 🚋")]
    public void Lines_are_ids(string text, string ids) =>
        Assert.Equal(ids.Split(' ', StringSplitOptions.RemoveEmptyEntries), All(Open(text)));

    [Theory]
    [InlineData(1)]
    [InlineData(17)]
    [InlineData(65_536)] // so many places are remembered, 16 ids apart, ...
    [InlineData(65_537)] // ... and from here on every second of them
    [InlineData(300_000)]
    public void Every_id_of_a_long_list_is_found_in_any_order_from_any_thread(int count)
    {
        // Ids and lines of many lengths, so that they lie across the ends of all buffers.
        static string Id(int i) => FormattableString.Invariant($"{new string('x', i * 7 % 41)}é{i}");
        static string Blank(int i) => i % 13 == 0 ? "\r\n \n" : "\n";
        var list = Open(string.Concat(Enumerable.Range(0, count).Select(i => Id(i) + Blank(i))));
        Assert.Equal(count, list.Count);
        var (random, most) = (new Random(0), Math.Min(count, 40_000));
        int[] some = [0, count / 2, count - 1, .. Enumerable.Range(0, most).Select(_ => random.Next(count))];
        Parallel.ForEach(some, i => Assert.Equal(Id(i), list[i]));
        Assert.Throws<ArgumentOutOfRangeException>(() => list[count]);
        Assert.Throws<ArgumentOutOfRangeException>(() => list[-1]);
    }

    [Fact]
    public void Long_lines_are_read_and_endless_ones_refused()
    {
        string Line(char letter, int length) => new(letter, length);
        string[] ids = [Line('a', 65_535), "b", Line('c', 40_000), Line('d', 40_000), Line('e', 65_000), "f"];
        Assert.Equal(ids, All(Open(string.Join('\n', ids))));
        Assert.Equal("ids.txt: line 3 is longer than 65536 bytes", Error(() => Open($"a\n\n{Line('x', 70_000)}\nb")));
        Assert.Equal("ids.txt: line 1 is longer than 65536 bytes", Error(() => Open(Line('\0', 1 << 20))));
    }

    [Fact]
    public void An_id_that_stands_there_twice_is_named_with_its_lines()
    {
        string List(int count, int twice) =>
            string.Concat(
                Enumerable.Range(0, count).Select(i => FormattableString.Invariant($"{(i == count - 2 ? twice : i)}\n"))
            );
        Assert.Equal("ids.txt: the id 'a b' stands there twice, in lines 2 and 5", Error(() => Open("x\na b\n\ny\n a b\r\nz\n")));
        Assert.Equal("ids.txt: the id '17' stands there twice, in lines 18 and 99999", Error(() => Open(List(100_000, 17))));
        // In parts of two million, of which the last id's need not be the first.
        Assert.Equal("ids.txt: the id '3' stands there twice, in lines 4 and 4499999", Error(() => Open(List(4_500_000, 3))));
        Assert.Equal("ids.txt: the id '4' stands there twice, in lines 5 and 4499999", Error(() => Open(List(4_500_000, 4))));
    }

    [Fact]
    public void What_is_no_text_is_refused()
    {
        folder.File("ids.txt", [(byte)'a', (byte)'\n', 0xFF, 0xFE, (byte)'\n']);
        Assert.Equal("ids.txt: line 2 is not UTF-8", Error(() => new IdList(Path.Combine(folder.Path, "ids.txt"))));
        File.Delete(Path.Combine(folder.Path, "ids.txt"));
        Assert.Equal("ids.txt: no such file", Error(() => new IdList(Path.Combine(folder.Path, "ids.txt"))));
        Directory.CreateDirectory(Path.Combine(folder.Path, "ids.txt"));
        Assert.Equal("ids.txt: a folder, not a file", Error(() => new IdList(Path.Combine(folder.Path, "ids.txt"))));
    }

    [Fact]
    public void A_list_that_is_changed_meanwhile_is_an_error_and_one_that_is_replaced_is_none()
    {
        const string Changed = "ids.txt: was changed since it was opened; start again, which reads it anew";
        var path = Path.Combine(folder.Path, "ids.txt");
        var list = Open("a\nb\nc\n");
        Assert.Equal("b", list[1]);
        File.AppendAllText(path, "d\n");
        Assert.Equal(Changed, Error(() => _ = list[1]));

        list = Open("a\nb\nc\n");
        using (var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            file.SetLength(1);
        Assert.Equal(Changed, Error(() => _ = list[1]));

        list = Open("a\nb\nc\n");
        File.WriteAllText(path, "a\nX\nc\n");
        File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddSeconds(2));
        Assert.Equal(Changed, Error(() => _ = list[1]));

        if (OperatingSystem.IsWindows())
            return;
        list = Open("a\nb\nc\n");
        File.WriteAllText(path + ".new", "1\n2\n3\n");
        File.Move(path + ".new", path, overwrite: true); // as editors save
        Assert.Equal(["a", "b", "c"], All(list));
    }
}
