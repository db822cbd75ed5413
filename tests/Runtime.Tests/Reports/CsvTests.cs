using Mtlc.Runtime.Reports;
using Mtlc.Runtime.Reports.Runs;

namespace Mtlc.Tests.Reports;

public sealed class CsvTests : IDisposable
{
    readonly string root = Directory.CreateTempSubdirectory("mtlc-csv-").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    static readonly string[] Names =
    [
        "road",
        "car, moving",
        "car \"moving\"",
        "\"",
        ",",
        "[a]",
        "50%",
        "a/b",
        " b ",
        "é\u202e",
        "'",
        "",
    ];

    [Fact]
    public void Cells_are_quoted_as_RFC_4180_has_them()
    {
        Assert.Equal("a,\"b, c\",\"d \"\"e\"\"\",f 'g'", Csv.Row(["a", "b, c", "d \"e\"", "f 'g'"]));
        Assert.Equal(["a", "b, c", "d \"e\"", "", ""], Csv.Cells("a,\"b, c\",\"d \"\"e\"\"\",\"\","));
        Assert.Equal(["1", "", "2"], Csv.Cells("1,,2"));
        Assert.Equal(["5\" pipe", "2"], Csv.Cells("5\" pipe,2"));
        Assert.Equal(["unfinished, 2"], Csv.Cells("\"unfinished, 2"));
        Assert.Equal(Names, Csv.Cells(Csv.Row(Names)));
    }

    [Fact]
    public void A_log_keeps_its_rows_and_names_when_it_goes_on()
    {
        var path = Path.Combine(root, "metrics.csv");
        string[] header = ["step", .. Names];
        using (var log = new CsvLog(path, header))
        {
            log.Add([1L, .. Names.Select(_ => (object)0.5)]);
            log.Add([2L, .. Names.Select(_ => (object)0.25)]);
        }
        using (var log = new CsvLog(path, header, cells => cells[0] == "1"))
            log.Add([3L, .. Names.Select((_, i) => (object)(double)i)]);

        var table = NumberTable.Read(path);
        Assert.Equal(header, table.Header);
        Assert.Equal([1, 3], table["step"]);
        Assert.Equal(Names.Select((_, i) => (double)i), Names.Select(n => table[n][^1]));
    }

    [Fact]
    public void The_search_for_runs_ends_and_passes_over_what_it_cannot_read()
    {
        var deep = Directory.CreateDirectory(Path.Combine(root, "a/b/c/d/e/f/g/h")).FullName;
        Directory.CreateDirectory(Path.Combine(root, "damaged"));
        File.WriteAllText(Path.Combine(root, "damaged", "config.yaml"), "nothing: [");
        if (!OperatingSystem.IsWindows())
            Directory.CreateSymbolicLink(Path.Combine(root, "a", "circle"), root);
        var told = new List<string>();
        Assert.Empty(StoredRun.Find(root, told.Add));
        Assert.Equal(2, told.Count);
        Assert.Contains("damaged", told[0], StringComparison.Ordinal);
        Assert.Contains("name a folder that holds run directories", told[1], StringComparison.Ordinal);
        Assert.True(Directory.Exists(deep));
    }
}
