using System.Globalization;
using Mtlc.Bench;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
switch (args)
{
    case ["worker", var kind, var mode, var batch, var height, var width]:
        Workers.Run(kind, mode, int.Parse(batch), int.Parse(height), int.Parse(width));
        break;
    case ["measure", var network, var setting, var mode, var batch, var height, var width]:
        Workers.Measure(network, setting, mode, int.Parse(batch), int.Parse(height), int.Parse(width));
        break;
    case ["contest", var rounds]:
        Contest.Print(int.Parse(rounds));
        break;
    case ["networks", var rounds]:
        Contest.PrintNetworks(int.Parse(rounds));
        break;
    case ["memory"]:
        MemoryGrid.Run();
        break;
    case ["memory", var part]:
        MemoryGrid.Run(part);
        break;
    case ["start"]:
        Starting.Run();
        break;
    case ["editor"]:
        Editing.Run();
        break;
    case ["roof"]:
        Roof.Run();
        break;
    case ["profile"]:
        EvaluationProfile.Run(128, 256);
        EvaluationProfile.Run(256, 256);
        break;
    case ["data"]:
        Pipeline.Run();
        break;
    case ["scaling"]:
        Scaling.Run();
        break;
    case ["index"]:
        Scaling.Index();
        break;
    case ["index", var samples]:
        Scaling.Index(int.Parse(samples));
        break;
    case ["steady"]:
        Scaling.Steady();
        break;
    case ["alternatives"]:
        Alternatives.Run();
        break;
    case ["export", var example, var size, .. var files]:
        Exported.Run(example, size, files);
        break;
    case ["save", var saves]:
        Saving.Run(int.Parse(saves));
        break;
    default:
        Console.WriteLine(
            $"{Environment.ProcessorCount} processors, load {File.ReadAllText("/proc/loadavg").Split(' ')[0]} at the start\n"
        );
        Contest.Print(args is [var count] ? int.Parse(count) : 15);
        Starting.Run();
        Roof.Run();
        EvaluationProfile.Run(128, 256);
        EvaluationProfile.Run(256, 256);
        Pipeline.Run();
        Scaling.Run();
        Alternatives.Run();
        break;
}
