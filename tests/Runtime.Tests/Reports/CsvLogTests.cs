using System.Globalization;
using Mtlc.Runtime.Files;
using Mtlc.Runtime.Reports;

namespace Mtlc.Tests.Reports;

public sealed class CsvLogTests : IDisposable
{
    readonly string path = Path.Combine(Directory.CreateTempSubdirectory("mtlc-csv").FullName, "log.csv");

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);

    [Fact]
    public void Rows_follow_the_header_and_are_there_at_once()
    {
        using var log = new CsvLog(path, ["step", "loss", "samples"]);
        log.Add(1L, 0.1, "a, \"b\"\nc");
        log.Add(2, double.NaN, null);
        Assert.Equal(["step,loss,samples", "1,0.1,\"a, \"\"b\"\" c\"", "2,,"], File.ReadAllLines(path));
        Assert.Throws<ArgumentException>(() => log.Add(1));
    }

    [Fact]
    public void A_resumed_log_drops_what_lies_behind_and_a_torn_row()
    {
        using (var log = new CsvLog(path, ["step", "loss"]))
        {
            for (var i = 1; i <= 5; i++)
                log.Add(i, i * 0.5);
        }
        File.AppendAllText(path, "6");
        using (var log = new CsvLog(path, ["step", "loss"], cells => int.Parse(cells[0], CultureInfo.InvariantCulture) <= 3))
            log.Add(4, 9.0);
        Assert.Equal(["step,loss", "1,0.5", "2,1", "3,1.5", "4,9"], File.ReadAllLines(path));
        using (new CsvLog(path, ["step", "loss"], _ => true))
            Assert.Equal(5, File.ReadAllLines(path).Length);
        Assert.Contains("other columns", Assert.Throws<RunException>(() => new CsvLog(path, ["step", "accuracy"])).Message);
    }
}
