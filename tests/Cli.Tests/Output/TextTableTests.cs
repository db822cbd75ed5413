using Mtlc.Cli.Output;

namespace Mtlc.Tests.Output;

public sealed class TextTableTests
{
    [Fact]
    public void Numbers_are_flush_right_and_totals_set_off() =>
        Assert.Equal(
            """
            name   kind     count
            ─────────────────────
            trunk  encoder  1,234
            head   decoder      5
            ─────────────────────
            total           1,239

            """,
            Text(80)
        );

    [Fact]
    public void Columns_that_do_not_fit_are_named() =>
        Assert.Equal(
            """
            name   count
            ────────────
            trunk  1,234
            head       5
            ────────────
            total  1,239
            (no room
            for: kind)

            """,
            Text(12)
        );

    static string Text(int width)
    {
        var table = new TextTable(new("name"), new TableColumn("kind", Rank: 1), new("count", IsNumber: true));
        table.Add("trunk", "encoder", "1,234");
        table.Add("head", "decoder", "5");
        table.BeginTotals();
        table.Add("total", "", "1,239");
        var writer = new StringWriter { NewLine = "\n" };
        table.Write(new Terminal(writer, false, false, width));
        return writer.ToString();
    }
}
