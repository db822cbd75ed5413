using System.Collections.Immutable;
using System.Globalization;
using Mtlc.Cli.Files;
using Mtlc.Runtime.Machine;
using Mtlc.Runtime.Reports;
using Mtlc.Runtime.Torch;
using Mtlc.Runtime.Training;

namespace Mtlc.Cli.Commands.Gallery;

/// <param name="Network">The name of its program's file.</param>
/// <param name="Machine">On which it was measured.</param>
sealed record StepTime(string Network, double Seconds, string Machine);

/// <summary>How long a training step of each network takes, as a file of three columns has it.</summary>
sealed record StepTimes(ImmutableArray<StepTime> All)
{
    static readonly string[] Columns = ["network", "seconds", "machine"];

    public bool IsEmpty => All.IsEmpty;

    public StepTime? Of(string network) => All.FirstOrDefault(t => t.Network == network);

    /// <summary>A few steps of each on noise, with the recipe's batch and crop, without reading data.</summary>
    public static StepTimes Measure(IEnumerable<Network> networks)
    {
        var machine = string.Create(
            CultureInfo.InvariantCulture,
            $"{Processor.Current.Name}, {MachineLimits.Current.Cores} cores"
        );
        var cpu = Devices.Find("cpu");
        return new([
            .. networks.Select(n => new StepTime(
                n.Name,
                Calibration.SecondsPerStep(n.Program, n.Program.Train.Batch, n.Program.Data.Augment.Crop, cpu),
                machine
            )),
        ]);
    }

    /// <summary>None where there is no such file.</summary>
    public static StepTimes Read(string path) =>
        new(
            !File.Exists(path)
                ? []
                :
                [
                    .. UserText
                        .Read(path)
                        .Content.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                        .Skip(1)
                        .Select(Csv.Cells)
                        .Where(c => c.Length == Columns.Length)
                        .Select(c => new StepTime(c[0], double.Parse(c[1], CultureInfo.InvariantCulture), c[2])),
                ]
        );

    public string Text() =>
        string.Concat(
            All.Select(t => (string[])[t.Network, t.Seconds.ToString("G6", CultureInfo.InvariantCulture), t.Machine])
                .Prepend(Columns)
                .Select(r => Csv.Row(r) + "\n")
        );
}
