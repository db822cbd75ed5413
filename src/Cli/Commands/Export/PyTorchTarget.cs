using System.CommandLine;
using Mtlc.Cli.CommandLine;
using Mtlc.Cli.Errors;
using Mtlc.Cli.Output;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Recipes;
using Mtlc.Runtime.Export;

namespace Mtlc.Cli.Commands.Export;

/// <summary>`--to pytorch`: a folder with the source of the network and of its training, and the job that trains it.</summary>
sealed class PyTorchTarget : ExportTarget
{
    readonly LaunchOptions launch = new(
        "PyTorch: also write the job in which a cluster trains what was exported, DIR/job.sh for sbatch or DIR/job.yaml for "
            + "kubectl create. Default: local, none.",
        LaunchOptions.Local
    );
    readonly TorchrunOptions training = new();

    public override string Word => "pytorch";

    public override string Makes => "a folder with the source of the network and its training";

    public override IReadOnlyList<Option> Options => [.. launch.All, .. training.All];

    public override Func<Exported, int> Prepare(ParseResult parsed, string path, string checkpoint)
    {
        var target = launch.Target(parsed);
        if (target == LaunchOptions.Local)
            training.Refuse(parsed);
        var options = new ExportOptions(path, Checkpoint: checkpoint);
        return exported => Run(exported, target == LaunchOptions.Local ? options : options with { Job = Job(exported) });

        ExportedJob Job(Exported exported) =>
            training.Job(
                parsed,
                launch.Job(parsed, exported.Program.Model.Name, Path.GetFullPath(path)),
                target == LaunchOptions.Kubernetes,
                Path.GetFullPath(path),
                exported.Program.Data.Source is not StoredRecipe
            );
    }

    static int Run(Exported exported, ExportOptions options)
    {
        var written = Watch(
            "steps",
            options,
            (o, diagnostics, count) =>
                PyTorchExporter.Run(exported.Program, exported.Run, o, [.. exported.Sets], diagnostics, count)
        );
        if (written is null)
            return ExitCode.ProgramErrors;
        Tell(written, options.Job);
        return ExitCode.Done;
    }

    static void Tell(PyTorchReport written, ExportedJob? job)
    {
        Terminal.Output.WriteLine(
            $"{written.Folder}: model.py of {Quantity.Grouped(written.Lines)} lines, "
                + $"{Quantity.Grouped(written.Parameters)} parameters, "
                + $"{Amount.Bytes(written.Bytes)}"
        );
        Terminal.Output.WriteLine($"next: python {Path.Combine(written.Folder, "check.py")}");
        if (job is not null)
            Terminal.Output.WriteLine($"then: {job.Command} {Path.Combine(written.Folder, job.File)}");
    }
}
