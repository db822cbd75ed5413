using System.Collections.Immutable;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mtlc.Compiler;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Recipes;
using Mtlc.Compiler.Targets.PyTorch;
using Mtlc.Runtime.Data;
using Mtlc.Runtime.Data.Manifest;
using Mtlc.Runtime.Data.Samples;
using Mtlc.Runtime.Evaluation;
using Mtlc.Runtime.Files;
using Mtlc.Runtime.Tasks;
using Mtlc.Runtime.Training;

namespace Mtlc.Runtime.Export;

/// <summary>`recipe.json`: all that the program beside it needs to know of the tasks, the data and the training.</summary>
static class PyTorchRecipe
{
    // What the written program knows how to do. A setting that came later, and is not at its default, is refused.
    static readonly ImmutableArray<string> Known =
    [
        .. "optimizer schedule batch epochs seed clipnorm evaluate checkpoint accumulate precision memoryformat".Split(' '),
        .. "lr weightdecay decay momentum nesterov beta1 beta2 eps power per warmup every gamma minimum absent contourtolerance".Split(
            ' '
        ),
        .. "samples keep source augment corrupt workers scenes size path crop flip scale tilt wiggle jitter".Split(' '),
        "zoomdividesdepth",
    ];

    static readonly JsonSerializerOptions Format = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <exception cref="RunException">The program has a setting that the written one would not obey.</exception>
    public static string Of(CompiledProgram program, TrainingStatistics statistics, IDataSource source)
    {
        var model = program.Model;
        foreach (var settings in (object[])[program.Train, program.Train.Optimizer, program.Train.Schedule, program.Data.Augment])
            RequireKnown(settings);
        var (data, train) = (Json(program.Data), Json(program.Train));
        train.Remove("decay"); // what it comes to are the groups
        if (program.Data.Source is StoredRecipe stored)
            data["source"]!["path"] = DataSources.Location(stored) is { } place ? Path.GetFullPath(place) : "";
        if (program.Data.Source is ManifestRecipe manifest)
            data["source"] = Of(DataManifest.Read(manifest.Path.Full));
        var crop = program.Data.Augment.Crop;
        var keys = new TaskScores(model, new(model, statistics), source.Contract.ClassNames, program.Train.Evaluate).Keys;
        var recipe = new JsonObject
        {
            ["model"] = model.Name,
            ["class"] = PyTorchModel.ClassName(model),
            ["digest"] = RecipeDigest.Of(program).Run,
            ["stride"] = OutputStrides.Of(model.Training),
            ["multiply_adds"] = model.Inference.MultiplyAdds(crop.Height, crop.Width),
            ["maps"] = new JsonObject(model.Maps.Select(m => KeyValuePair.Create(m.Name, (JsonNode?)m.Channels))),
            ["tasks"] = List(model.Tasks.Select(t => Task(t, model, statistics))),
            ["objective"] = Of(model.Objective),
            ["losses"] = Texts(new ObjectiveLosses(model, new(model, statistics)).Names),
            ["metrics"] = Texts(keys),
            ["data"] = data,
            ["train"] = train,
            ["trained"] = Texts(model.Training.Parameters.Where(p => p.IsTrainable).Select(p => p.Name)),
        };
        if (Groups(program) is { Count: > 0 } groups)
            recipe["groups"] = groups;
        return recipe.ToJsonString(Format);
    }

    // None where all parameters are treated alike; null stands for the optimizer's weight decay.
    static JsonArray Groups(CompiledProgram program)
    {
        var usual = program.Train.Optimizer.WeightDecay;
        var groups = OptimizerGroup.Of(program.Model.Training, program.Train);
        return groups.All(g => g.Rate == 1 && g.WeightDecay == usual)
            ? []
            : List(
                groups.Select(g => new JsonObject
                {
                    ["rate"] = g.Rate,
                    ["weight_decay"] = g.WeightDecay == usual ? null : g.WeightDecay,
                    ["parameters"] = Texts(g.Parameters.Select(p => p.Name)),
                })
            );
    }

    // All that it says, so that the program needs neither the file nor YAML.
    static JsonObject Of(DataManifest manifest) =>
        new()
        {
            ["kind"] = "manifest",
            ["path"] = Path.GetFullPath(manifest.Root),
            ["splits"] = new JsonObject(
                manifest.Lists.OrderBy(l => l.Key).Select(l => KeyValuePair.Create(l.Key.Folder(), (JsonNode?)l.Value))
            ),
            ["rgb"] = manifest.Rgb,
            ["camera"] = manifest.Camera,
            ["maps"] = new JsonObject(manifest.Maps.Select(m => KeyValuePair.Create(m.Name, (JsonNode?)Of(m)))),
            ["labels"] = manifest.Labels is not { } labels
                ? null
                : new JsonObject
                {
                    ["path"] = labels.Path,
                    ["optional"] = labels.Optional,
                    ["classes"] = new JsonObject(
                        labels.Map.Meanings.Select(m =>
                            KeyValuePair.Create(m.Number.ToString(CultureInfo.InvariantCulture), (JsonNode?)m.Class)
                        )
                    ),
                },
            ["depth"] = manifest.Depth is not { } depth
                ? null
                : new JsonObject
                {
                    ["path"] = depth.Path,
                    ["optional"] = depth.Optional,
                    ["file"] = depth.File.ToString().ToLowerInvariant(),
                    ["decode"] = depth.Decode.Text,
                    ["invalid"] = new JsonArray([.. depth.Invalid.Select(i => (JsonNode?)JsonValue.Create(i))]),
                    ["to_metres"] = depth.ToMetres,
                    ["range"] = depth.Range is { } range ? new JsonArray(range.Near, range.Far) : null,
                },
        };

    static JsonObject Of(MapInputFile map) =>
        new()
        {
            ["path"] = map.Path,
            ["file"] = map.File.ToString().ToLowerInvariant(),
            ["decode"] = map.Decode.Text,
            ["needs_camera"] = map.Decode.NeedsCamera,
            ["invalid"] = new JsonArray([.. map.Invalid.Select(i => (JsonNode?)JsonValue.Create(i))]),
        };

    static void RequireKnown(object recipe)
    {
        foreach (var parameter in recipe.GetType().GetConstructors().MaxBy(c => c.GetParameters().Length)!.GetParameters())
        {
            var value = recipe.GetType().GetProperty(parameter.Name!)!.GetValue(recipe);
            if (!Known.Contains(parameter.Name!.ToLowerInvariant()) && !Equals(value, parameter.DefaultValue))
                throw new RunException(
                    $"the setting '{parameter.Name.ToLowerInvariant()}' cannot be exported to pytorch "
                        + $"yet: leave it out, or train "
                        + "with mtlc"
                );
        }
    }

    static JsonObject Json(object recipe) => JsonSerializer.SerializeToNode(ResolvedConfiguration.Settings(recipe))!.AsObject();

    static JsonArray List(IEnumerable<JsonObject> items) => new([.. items]);

    static JsonArray Texts(IEnumerable<string> items) => new([.. items.Select(i => (JsonNode?)JsonValue.Create(i))]);

    static JsonObject Task(ModelTask task, Model model, TrainingStatistics statistics)
    {
        var json = new JsonObject
        {
            ["name"] = task.Name,
            ["kind"] = task.Kind.Word,
            ["of"] = task.Of,
            ["auxiliary"] = task.Auxiliary,
            ["output"] = model.Training.Outputs.FirstOrDefault(o => o.IsFinal && o.Task == task.Name)?.Name,
        };
        var facts =
            RuntimeTask.Of(task, model, statistics).Facts
            ?? throw new RunException($"task '{task.Name}' cannot be exported to pytorch yet: it is a {task.Kind.Word}");
        foreach (var (name, value) in facts)
            json[name] = value?.DeepClone();
        return json;
    }

    static JsonObject Of(Objective objective) =>
        objective switch
        {
            Objective.Term term => new()
            {
                ["kind"] = "term",
                ["loss"] = Loss(term.Loss),
                ["task"] = term.Task,
                ["outputs"] = Texts(term.Outputs),
            },
            Objective.Scaled scaled => new()
            {
                ["kind"] = "scaled",
                ["weight"] = scaled.Weight,
                ["of"] = Of(scaled.Inner),
            },
            Objective.Sum sum => new() { ["kind"] = "sum", ["parts"] = List(sum.Parts.Select(Of)) },
            Objective.Balanced balanced => new()
            {
                ["kind"] = "balanced",
                ["scheme"] = balanced.Scheme.Word,
                ["settings"] = JsonSerializer.SerializeToNode(balanced.Settings),
                ["parts"] = List(balanced.Parts.Select(Part)),
            },
            _ => throw new NotSupportedException(),
        };

    static JsonObject Part(Objective part)
    {
        var json = Of(part);
        json["is_regression"] = part.Terms.All(term => term.Loss.Fits == TargetForm.Values);
        return json;
    }

    static string Loss(Loss loss) =>
        loss.Word is "cross_entropy" or "l1" or "l2" or "balanced_bce"
            ? loss.Word
            : throw new RunException($"the loss '{loss.Word}' cannot be exported to pytorch yet");
}
