using System.CommandLine;
using System.Globalization;
using Mtlc.Cli.CommandLine;
using Mtlc.Cli.Errors;
using Mtlc.Cli.Output;
using Mtlc.Cli.Running;
using Mtlc.Compiler;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Recipes;
using Mtlc.Runtime.Planning;

namespace Mtlc.Cli.Commands;

/// <summary>`mtlc plan FILE`: what training and evaluating would take.</summary>
static class PlanCommand
{
    public static Verb Create()
    {
        var (file, set, device) = (Choices.File(), Choices.Set(), Choices.Device());
        var batch = Choices.Count("--batch", "Samples in memory at a time. Default: the recipe's.");
        var crop = Choices.Size("--crop", "The training crop. Default: the recipe's.");
        var memory = Memory();
        var quick = new Option<bool>("--no-calibration")
        {
            Description =
                "Do not time any step: nothing is run, and libtorch is not loaded, but where there is a GPU that "
                + "auto might mean.",
        };
        var format = Choices.OneOf("--format", "How the plan is printed.", "table", "table", "json");
        var verb = new Verb(
            "plan",
            "Tell what training will take: memory, arithmetic, time",
            "Memory comes from the graph: parameters, gradients, the optimizer's state, what backward keeps and what kernels "
                + "take meanwhile, at the worst "
                + "moment of a step, and the copy that is written as a checkpoint. Measured, for training and for evaluation, "
                + "are what the process takes without a network, and what "
                + "samples and pictures take in a run. Pictures are evaluated whole, padded to what the network divides by; "
                + "how large they are is known of synthetic scenes and read from some of the val split where "
                + "the data are on this machine, else they are taken to be as large as the crop. On a GPU (--device cuda, or "
                + "auto where there is one) it is the tensors alone, for what a GPU's "
                + "kernels take is not known. Time comes from a few steps on noise, without reading data or evaluating.",
            "mtlc plan branched.mtl --batch 8 --crop 256x256",
            "mtlc plan full.mtl --device-memory 16GiB  # the largest batch that fits"
        )
        {
            file,
            set,
            batch,
            crop,
            memory,
            device,
            quick,
            format,
        };
        verb.SetAction(parsed =>
        {
            if (Programs.Compile(parsed.GetRequiredValue(file), parsed.GetRequiredValue(set)) is not { } program)
                return ExitCode.ProgramErrors;
            var plan = ProgramPlan.Of(
                program,
                new(
                    parsed.GetValue(batch),
                    parsed.GetValue(crop),
                    parsed.GetValue(memory),
                    parsed.GetRequiredValue(device),
                    !parsed.GetValue(quick)
                )
            );
            if (parsed.GetRequiredValue(format) == "json")
                WriteJson(program, plan);
            else
                Write(Terminal.Output, program, plan);
            return ExitCode.Done;
        });
        return verb;
    }

    static void Write(Terminal output, CompiledProgram program, ProgramPlan whole)
    {
        var plan = whole.Memory;
        var (training, evaluation) = (plan.Training, plan.Evaluation);
        var accumulated =
            program.Train.Accumulate > 1
                ? string.Create(CultureInfo.InvariantCulture, $" ({program.Train.Accumulate} a step)")
                : "";
        var pictures = plan.Pictures == plan.Work ? "" : $", pictures {plan.Pictures.Height}x{plan.Pictures.Width}";
        output.WriteText(
            $"model {program.Model.Name}, batch {plan.Work.Batch}{accumulated}, crop "
                + $"{plan.Work.Height}x{plan.Work.Width}{pictures}"
        );
        output.WriteLine();
        var memory = new TextTable(
            new("memory"),
            new TableColumn("training", IsNumber: true),
            new TableColumn("evaluation", IsNumber: true)
        );
        memory.Add("parameters", Amount.Mebibytes(training.Parameters), Amount.Mebibytes(evaluation.Weights));
        memory.Add("gradients", Amount.Mebibytes(training.Gradients), "");
        memory.Add("optimizer", Amount.Mebibytes(training.OptimizerState), "");
        memory.Add("activations", Amount.Mebibytes(training.Saved), Amount.Mebibytes(evaluation.Activations));
        memory.Add("checkpoint being written", Amount.Mebibytes(plan.Checkpoint), "");
        if (plan.KeptBytes > 0)
            memory.Add("kept features", Amount.Mebibytes(plan.KeptBytes), "");
        memory.Add(
            "samples and pictures",
            Amount.Mebibytes(plan.BesideTraining.Data),
            Amount.Mebibytes(plan.BesideEvaluation.Data)
        );
        memory.Add("process", Amount.Mebibytes(plan.BesideTraining.Process), Amount.Mebibytes(plan.BesideEvaluation.Process));
        memory.BeginTotals();
        memory.Add("peak", Amount.Mebibytes(plan.TrainingPeak), Amount.Mebibytes(plan.EvaluationPeak));
        memory.Write(output);
        if (plan.RunPeak > plan.TrainingPeak)
            output.WriteText($"an evaluation within a run, beside what training keeps: {Amount.Mebibytes(plan.RunPeak)}");
        if (plan.Kept.Text is { } kept)
            output.WriteText(kept);
        WriteGroups(output, program);
        output.WriteLine();
        var costs = new TextTable(
            new("declaration"),
            new TableColumn("kept for backward", IsNumber: true),
            new TableColumn("multiply-adds", IsNumber: true)
        );
        var arithmetic = program.Model.TrainingStep.Nodes.ToLookup(n => n.Declaration);
        foreach (var (name, bytes) in training.ByDeclaration.Where(d => d.Key.Length > 0).OrderByDescending(d => d.Value))
        {
            costs.Add(
                name,
                Amount.Mebibytes(bytes),
                Amount.Count(plan.Work.Batch * arithmetic[name].Sum(n => n.MultiplyAdds(plan.Work.Height, plan.Work.Width)))
            );
        }
        costs.BeginTotals();
        costs.Add("forward pass", "", Amount.Count(plan.MultiplyAdds));
        costs.Write(output);
        output.WriteLine();
        output.WriteText(Text(whole.Time));
        output.WriteText(
            string.Create(CultureInfo.InvariantCulture, $"largest batch in {Amount.Mebibytes(whole.Limit)}: {whole.Largest}")
        );
    }

    /// <summary>What is trained, how, and what is frozen, where not all is trained alike.</summary>
    static void WriteGroups(Terminal output, CompiledProgram program)
    {
        var (graph, groups) = (program.Model.Training, OptimizerGroup.Of(program.Model.Training, program.Train));
        if (graph.FrozenCount == 0 && groups.Length <= 1)
            return;
        output.WriteLine();
        var table = new TextTable(
            new("parameters"),
            new TableColumn("number", IsNumber: true),
            new TableColumn("learning rate", IsNumber: true),
            new TableColumn("weight decay", IsNumber: true)
        );
        foreach (var group in groups)
            table.Add(
                "trained",
                Quantity.Grouped(group.Count),
                Quantity.Figures(group.Rate * program.Train.Optimizer.Lr, 3),
                group.WeightDecay.ToString(CultureInfo.InvariantCulture)
            );
        if (graph.FrozenCount > 0)
            table.Add("frozen", Quantity.Grouped(graph.FrozenCount), "", "");
        table.Write(output);
    }

    static void WriteJson(CompiledProgram program, ProgramPlan whole) =>
        JsonText.Write(
            Terminal.Output,
            json =>
            {
                var (plan, time) = (whole.Memory, whole.Time);
                json.WriteNumber("batch", plan.Work.Batch);
                json.WriteNumber("accumulate", program.Train.Accumulate);
                json.WriteString("crop", string.Create(CultureInfo.InvariantCulture, $"{plan.Work.Height}x{plan.Work.Width}"));
                json.WriteNumber("training_peak_bytes", plan.TrainingPeak);
                json.WriteNumber("evaluation_peak_bytes", plan.EvaluationPeak);
                json.WriteNumber("run_peak_bytes", plan.RunPeak);
                json.WriteNumber("process_bytes", plan.BesideTraining.Process);
                json.WriteNumber("data_bytes", plan.BesideTraining.Data);
                json.WriteNumber("evaluation_process_bytes", plan.BesideEvaluation.Process);
                json.WriteNumber("evaluation_data_bytes", plan.BesideEvaluation.Data);
                json.WriteNumber("checkpoint_bytes", plan.Checkpoint);
                json.WriteNumber("kept_feature_bytes", plan.KeptBytes);
                json.WriteNumber("trained_parameters", program.Model.Training.TrainableCount);
                json.WriteNumber("frozen_parameters", program.Model.Training.FrozenCount);
                json.WriteStartArray("groups");
                foreach (var group in OptimizerGroup.Of(program.Model.Training, program.Train))
                {
                    json.WriteStartObject();
                    json.WriteNumber("parameters", group.Count);
                    json.WriteNumber("lr", group.Rate * program.Train.Optimizer.Lr);
                    json.WriteNumber("weight_decay", group.WeightDecay);
                    json.WriteEndObject();
                }
                json.WriteEndArray();
                json.WriteNumber("parameter_bytes", plan.Training.Parameters);
                json.WriteNumber("gradient_bytes", plan.Training.Gradients);
                json.WriteNumber("optimizer_bytes", plan.Training.OptimizerState);
                json.WriteNumber("activation_bytes", plan.Training.Saved);
                json.WriteNumber("multiply_adds", plan.MultiplyAdds);
                json.Number("seconds_per_step", time.Step ?? double.NaN);
                json.Number("seconds_per_epoch", time.Epoch ?? double.NaN);
                json.Number("seconds_of_training", time.Run ?? double.NaN);
                json.WriteNumber("device_memory_bytes", whole.Limit);
                json.WriteNumber("largest_batch", whole.Largest);
            }
        );

    static string Text(TrainingTime time) =>
        time.Step is not { } step ? "no step was timed"
        : time.Epoch is not { } epoch
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"a step takes {Quantity.Figures(step, 3)} s here, without reading data; an epoch is not known: {time.Unknown}"
            )
        : string.Create(
            CultureInfo.InvariantCulture,
            $"a step takes {Quantity.Figures(step, 3)} s here, without reading data; an epoch "
                + $"{Quantity.Duration(TimeSpan.FromSeconds(epoch))}, "
                + $"training of {time.Epochs} epochs {Quantity.Duration(TimeSpan.FromSeconds(epoch * time.Epochs))}, "
                + $"without evaluating"
        );

    static Option<long?> Memory() =>
        new("--device-memory")
        {
            HelpName = "16GiB",
            Description =
                "Memory that the largest batch must fit into, in MiB or GiB. Default: what this process may use, by the "
                + "machine and its container; on a GPU, what it has.",
            CustomParser = result =>
            {
                var word = result.Tokens[0].Value;
                foreach (var (unit, bytes) in new[] { ("GiB", 1L << 30), ("MiB", 1L << 20) })
                {
                    if (
                        word.EndsWith(unit, StringComparison.OrdinalIgnoreCase)
                        && double.TryParse(
                            word.AsSpan(0, word.Length - unit.Length),
                            NumberStyles.AllowDecimalPoint,
                            CultureInfo.InvariantCulture,
                            out var number
                        )
                        && number is > 0 and < 1e6
                    )
                        return (long)(number * bytes);
                }
                result.AddError($"'--device-memory' takes an amount in MiB or GiB, as in 16GiB, not '{word}'");
                return null;
            },
        };
}
