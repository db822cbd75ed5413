using System.CommandLine;
using Mtlc.Cli.CommandLine;
using Mtlc.Cli.Errors;
using Mtlc.Cli.Running;

namespace Mtlc.Cli.Commands.Export;

/// <summary>`mtlc export RUN|FILE --to onnx|pytorch --out FILE|DIR`: a network as a file that other programs run, compared with
/// what mtlc computes; or the whole program as PyTorch source.</summary>
static class ExportCommand
{
    public static Verb Create()
    {
        var given = new Argument<string>("RUN|FILE")
        {
            Description = "A run directory, or a program (.mtl): then the weights are those that training starts from.",
        };
        var (set, checkpoint) = (Choices.Set(), Choices.Checkpoint());
        ExportTarget[] targets = [new OnnxTarget(), new PyTorchTarget()];
        var to = new Option<string>("--to")
        {
            HelpName = string.Join('|', targets.Select(t => t.Word)),
            Description = string.Join(" ", targets.Select(t => $"{t.Word}: {t.Makes}.")),
            Required = true,
        };
        to.AcceptOnlyFromAmong([.. targets.Select(t => t.Word)]);
        var output = Choices.Out(
            "The file to write (weights beyond 2 GiB go beside it, to FILE.data), or the folder.",
            "FILE|DIR",
            required: true
        );
        var verb = new Verb(
            "export",
            "Write a network as ONNX, proven to compute the same, or as PyTorch source",
            "The file takes pictures as a camera gives them (bytes, red green blue) and gives classes, metres and "
                + "probabilities; it names its classes, their colours and "
                + "units, and the recipe that it came of. Operator set 17.\n\n"
                + "Then ONNX Runtime runs the file on pictures of the val split, whole and cut to odd sizes: the worst error "
                + "of each statement's features and of each "
                + "output stands at its source line, and each score beside that of 'mtlc eval'. The table goes into the file, "
                + "too. Exit code 1 where an error is larger than rounding explains, or another "
                + "precision costs more than --tolerance.\n\n"
                + "As PyTorch the folder has model.py, train.py, the weights, and check.py, which "
                + "holds the source against numbers "
                + "that mtlc computed. torchrun trains it on many processes, of which --launch writes "
                + "the job; 'mtlc resume' goes on from "
                + "its checkpoints.",
            "mtlc export runs/first --to onnx --out first.onnx",
            "mtlc export runs/first --to onnx --out phone.onnx --size 512x1024  # for compilers that want fixed shapes",
            "mtlc export runs/first --to onnx --out small.onnx --precision int8 --tolerance 1",
            "mtlc export net.mtl --to onnx --out net.onnx --no-certificate  # before it is trained",
            "mtlc export net.mtl --to pytorch --out net-pytorch  # for torchrun",
            "mtlc export net.mtl --to pytorch --out net-pytorch --launch slurm --gpus 4 --nodes 2 --time 8:00:00"
        )
        {
            given,
            to,
            output,
            set,
            checkpoint,
        };
        foreach (var option in targets.SelectMany(t => t.Options))
            verb.Add(option);
        verb.SetAction(parsed =>
        {
            var target = targets.Single(t => t.Word == parsed.GetRequiredValue(to));
            foreach (var other in targets.Where(t => t != target))
            foreach (var option in other.Options.Where(o => parsed.GetResult(o) is { Implicit: false }))
                throw Failure.Usage($"'{option.Name}' is for '--to {other.Word}'", "'mtlc export --help' shows how it is called");
            var write = target.Prepare(parsed, parsed.GetRequiredValue(output)!, parsed.GetRequiredValue(checkpoint));
            var (name, sets) = (parsed.GetRequiredValue(given), parsed.GetRequiredValue(set));
            var run = Directory.Exists(name) ? RunDirectories.Open(name) : null;
            return (run is null ? Programs.Compile(name, sets) : Programs.Compile(run, sets)) is { } program
                ? write(new(program, run, sets))
                : ExitCode.ProgramErrors;
        });
        return verb;
    }
}
