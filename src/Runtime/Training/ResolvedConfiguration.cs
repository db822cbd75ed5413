using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text;
using Mtlc.Compiler;
using Mtlc.Compiler.Recipes;
using Mtlc.Runtime.Checkpoints;
using Mtlc.Runtime.Machine;
using Mtlc.Runtime.SelfTest;
using Mtlc.Runtime.Torch;
using YamlDotNet.Serialization;

namespace Mtlc.Runtime.Training;

/// <summary>`config.yaml`: everything that a run was made of, defaults included, in the words of the language.</summary>
public static class ResolvedConfiguration
{
    public static string ToYaml(
        CompiledProgram program,
        TrainOptions options,
        string main,
        string device,
        TorchRuntimeSettings runtime,
        SoundnessRecord soundness
    )
    {
        var digest = RecipeDigest.Of(program);
        var document = new Dictionary<string, object?>
        {
            ["format"] = "mtlc-run/1",
            ["program"] = main,
            ["model"] = program.Model.Name,
            ["digest"] = digest.Run,
            ["recipe"] = digest.Recipe,
            ["overrides"] = options.Overrides.ToArray(),
            ["command_line"] = options.CommandLine.ToArray(),
            ["data"] = Settings(program.Data),
            ["train"] = Settings(program.Train),
            ["max_steps"] = options.MaxSteps,
            ["divergence_budget"] = options.DivergenceBudget,
            ["runtime"] = new Dictionary<string, object?>
            {
                ["mtlc"] = typeof(ResolvedConfiguration)
                    .Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()
                    ?.InformationalVersion,
                ["dotnet"] = Environment.Version.ToString(),
                ["libtorch"] = runtime.LibTorch,
                ["device"] = device,
                ["threads"] = runtime.Threads,
                ["denormals_flushed"] = runtime.DenormalsFlushed,
                ["heap_kept"] = runtime.HeapKept,
                ["tensors_apart"] = runtime.TensorsApart,
                ["system"] = System.Runtime.InteropServices.RuntimeInformation.OSDescription,
                ["processors"] = MachineLimits.Current.Cores,
                ["memory_bytes"] = MachineLimits.Current.Memory,
                ["processor"] = soundness.Processor,
                ["library"] = soundness.Library,
                ["cured"] = soundness.Cured.ToArray(),
                ["self_test"] = soundness.SelfTest,
                [RunDirectory.PicturesScored] = RunDirectory.Whole,
            },
        };
        return new SerializerBuilder().WithQuotingNecessaryStrings().DisableAliases().Build().Serialize(document);
    }

    // A recipe's settings are the parameters of its constructor; a choice says its word first.
    internal static Dictionary<string, object?> Settings(object recipe)
    {
        var settings = new Dictionary<string, object?>();
        if (recipe.GetType().GetCustomAttribute<WordAttribute>() is { } word)
            settings["kind"] = word.Word;
        foreach (var parameter in recipe.GetType().GetConstructors().MaxBy(c => c.GetParameters().Length)!.GetParameters())
        {
            var value = recipe.GetType().GetProperty(parameter.Name!)!.GetValue(recipe);
            settings[Snake(parameter.Name!)] = Plain(value);
        }
        return settings;
    }

    static object? Plain(object? value) =>
        value switch
        {
            null or string or bool or int or long or double => value,
            Enum choice => Snake(choice.ToString()),
            ImageSize size => size.ToString(),
            Interval interval => new[] { interval.Low, interval.High },
            IEnumerable list => list.Cast<object?>().Select(Plain).ToArray(),
            _ when value.GetType().Namespace == typeof(DataRecipe).Namespace => Settings(value),
            _ => Convert.ToString(value, CultureInfo.InvariantCulture),
        };

    // WeightDecay -> weight_decay, as the language writes it
    static string Snake(string name)
    {
        var text = new StringBuilder();
        foreach (var c in name)
        {
            if (char.IsAsciiLetterUpper(c) && text.Length > 0)
                text.Append('_');
            text.Append(char.ToLowerInvariant(c));
        }
        return text.ToString();
    }
}
