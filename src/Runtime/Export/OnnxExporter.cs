using System.Collections.Immutable;
using System.Reflection;
using Mtlc.Compiler;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Ops;
using Mtlc.Compiler.Targets.Onnx;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Runtime.Checkpoints;
using Mtlc.Runtime.Data.Augmentation;
using Mtlc.Runtime.Files;
using Mtlc.Runtime.SelfTest;
using Mtlc.Runtime.Torch;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Export;

/// <summary>Writes a network as ONNX and, where that is asked for, runs the file and compares.</summary>
public static class OnnxExporter
{
    /// <param name="run">Where the weights come from; null: those that training starts from.</param>
    /// <param name="diagnostics">Told what in the program has no ONNX operator.</param>
    /// <param name="progress">Validation pictures compared, and of how many.</param>
    /// <returns>null after errors in the program; no file was written.</returns>
    /// <exception cref="RunException">The run has no good checkpoint, or its weights do not fit the program.</exception>
    /// <exception cref="DataException">The data, of which units, names and pictures come, cannot be read.</exception>
    public static ExportReport? Run(
        CompiledProgram program,
        RunDirectory? run,
        ExportOptions options,
        DiagnosticBag diagnostics,
        Action<int, int>? progress = null
    )
    {
        // What cannot be exported is told before weights and data are looked for.
        if (
            OnnxModel.Write(
                program.Model,
                Settings(program.Model, options, _ => new(1, 1, 1, 2), p => [.. Enumerable.Repeat(1f, (int)p.Count)]),
                diagnostics
            )
            is null
        )
            return null;
        TorchRuntime.Start();
        Soundness.Require(CPU, options.Warned);
        using var network = run is null
            ? ExportedNetwork.OfProgram(program)
            : ExportedNetwork.OfRun(program, run, options.Checkpoint);
        var settings = Settings(
            program.Model,
            options,
            unit =>
                network.Statistics.Codec(unit) is var codec
                    ? new(codec.Mean, codec.Deviation, codec.Minimum, codec.Maximum)
                    : default,
            network.Numbers
        );
        var model = Described(settings);
        var data = OnnxFile.Write(options.Path, model, new(network.Numbers), options.MostInside);
        Certificate? certificate = null;
        PrecisionReport? precision = null;
        var written = model.Proto;
        if (options.IsCertified || options.Precision != ExportPrecision.Float32)
        {
            using var certifier = new Certifier(network, model, options);
            certificate = certifier.Run(progress);
            if (options.Precision != ExportPrecision.Float32)
            {
                if (data is not null)
                    throw new RunException("the weights are beyond 2 GiB: such a file is written in float32 alone");
                var search = new PrecisionSearch(network, model, options, certifier, certificate, progress);
                (written, precision) =
                    options.Precision == ExportPrecision.Fp16
                        ? search.Half(Described(settings with { IsHalf = true }))
                        : search.Whole(Described(settings with { IsRaw = true, Size = null }));
                OnnxMetadata.Tell(written, precision);
            }
            OnnxMetadata.Certify(written, certificate);
            OnnxFile.WriteProto(options.Path, written);
        }
        ImmutableArray<string> files = data is null ? [options.Path] : [options.Path, data];
        return new(
            files,
            files.Sum(f => new FileInfo(f).Length),
            written.Graph.Node.Count,
            model.Weights.Sum(p => p.Count),
            network.Step,
            certificate
        )
        {
            Precision = precision,
        };

        OnnxModel Described(OnnxSettings settings)
        {
            var model = OnnxModel.Write(program.Model, settings, diagnostics)!;
            model.Proto.ProducerVersion = typeof(OnnxExporter)
                .Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!
                .InformationalVersion.Split('+')[0];
            OnnxMetadata.Describe(model.Proto, network, model, options);
            return model;
        }
    }

    static OnnxSettings Settings(
        Model model,
        ExportOptions options,
        Func<DepthUnit, (double Mean, double Deviation, double Minimum, double Maximum)> scale,
        Func<Parameter, float[]> numbers
    )
    {
        // As Preparation normalises, to the bit.
        var channels = Enumerable.Range(0, 3).ToArray();
        var picture = new PictureScale(
            [.. channels.Select(c => 1 / (255 * Example.Deviation[c]))],
            [.. channels.Select(c => Example.Mean[c] / Example.Deviation[c])]
        );
        var depth = options.IsRaw
            ? []
            : model
                .Tasks.OfType<UnitTask>()
                .Where(t => !t.Auxiliary)
                .ToImmutableDictionary(
                    t => t.Name,
                    t =>
                    {
                        var (mean, deviation, minimum, maximum) = scale(t.Unit);
                        return new DepthScale(t.Unit, mean, deviation, minimum, maximum);
                    }
                );
        return new(options.Size, options.IsRaw, picture, depth)
        {
            Maps = model
                .Neutral.Nodes.Where(n => n.Op is MapInput)
                .ToImmutableDictionary(
                    n => ((MapInput)n.Op).Map,
                    n => new MapScale([.. numbers(n.Parameters[0])], [.. numbers(n.Parameters[1])])
                ),
        };
    }
}
