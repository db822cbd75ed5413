using System.Collections.Immutable;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using Mtlc.Compiler.Ir;
using Mtlc.Dsl.Diagnostics;
using static Mtlc.Compiler.Targets.PyTorch.Python;

namespace Mtlc.Compiler.Targets.PyTorch;

/// <summary>A network as Python: `model.py`, whose state dict has the names of mtlc.</summary>
public static partial class PyTorchModel
{
    // What `forward` may call or name, and no local value may hide.
    static HashSet<string> Reserved { get; } = ["self", "torch", "nn", "F", "Tensor", .. Functions, "range", "len"];

    static ImmutableArray<string> HelperClasses =>
        ["Standardised", "ChannelLinear", "LoraLinear", "LoraConv2d", "LayerNorm2d", "DropPath", "WindowAttention", "Parts"];

    static ImmutableArray<string> Functions =>
        [
            "resize",
            "resize_like",
            "resize_to",
            "spread",
            "as_map",
            "normalize_heads",
            "with_tokens",
            "pixels",
            "channel_linear",
            "lora",
            "lora_start",
            "attend",
            "rotary",
            "pad_to",
            "crop_like",
            "merge_pixels",
            "relative_index",
            "relative_coords",
            "relative_bias",
            "max_unpool",
            "canny",
        ];

    /// <summary>The class of the network.</summary>
    public static string ClassName(Model model) => PythonClasses.Pascal(model.Name);

    /// <param name="source">The name of the program's file.</param>
    /// <returns>null after errors: something in the network has no words in PyTorch (MTL51xx).</returns>
    public static string? Write(Model model, string source, DiagnosticBag diagnostics)
    {
        model = model.Maps.IsEmpty ? model : model with { Training = GivenMap.Apart(model.Training) };
        if (ModuleTree.Of(model, diagnostics) is not { } root)
            return null;
        var name = ClassName(model);
        var classes = new PythonClasses(root, HelperClasses.Append(name).Append("Tensor"));
        var body = new StringBuilder();
        foreach (var made in classes.All.SkipLast(1))
            Write(made, made.Name, body);
        Write(classes.Root, name, body, model);
        var (text, stride) = (new StringBuilder(), OutputStrides.Of(model.Training));
        text.Append($"\"\"\"The network `{model.Name}` of {source}, as `mtlc export --to pytorch` wrote it.\n\n")
            .Append("The names of its weights are those of mtlc: `weights.safetensors` and checkpoints of either\n")
            .Append($"fit. Shapes are given for pictures of H x W pixels; sides are multiples of {stride}.\n")
            .Append(Notes(model.Training))
            .Append("\"\"\"\n\n")
            .Append("from __future__ import annotations\n\n");
        var helpers = string.Concat(Needed(body.ToString()).Select(h => $"\n{Helper(h)}\n"));
        if (helpers.Contains("Sequence[", StringComparison.Ordinal))
            text.Append("from typing import Sequence\n\n");
        text.Append("import torch\nimport torch.nn.functional as F\nfrom torch import Tensor, nn\n\n").Append(helpers);
        return text.Append(body).ToString().TrimEnd('\n') + "\n";
    }

    // What the network calls, and what that calls in turn.
    static IEnumerable<string> Needed(string text)
    {
        var all = Functions.Concat(HelperClasses).ToList();
        var needed = all.Where(h => Calls(text, h)).ToHashSet(StringComparer.Ordinal);
        while (all.Where(h => needed.Any(n => n != h && Calls(Helper(n), h))).Where(needed.Add).Any()) { }
        return all.Where(needed.Contains);
    }

    // What the shapes of some networks need explained.
    static string Notes(Graph graph) =>
        (
            graph.Nodes.Any(n => n.Shape.Tokens > 0)
                ? "A map that carries tokens is one row: the tokens, then the pixels row by row.\n"
                : ""
        ) + (graph.Nodes.Any(n => n.Shape is { Height.Multiple: > 1 }) ? "H/4^7 is H/4 padded to a multiple of 7.\n" : "");

    static bool Calls(string text, string function) => Regex.IsMatch(text, $@"(?<![\w.]){function}\(");

    /// <summary>A file of the program that is the same for every network.</summary>
    public static string Resource(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"pytorch/{name}")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().Replace("\r", "", StringComparison.Ordinal);
    }

    // Its definition in the file of all helpers: up to the next one.
    static string Helper(string name)
    {
        var lines = Resource("helpers.py").Split('\n');
        var first = Array.FindIndex(
            lines,
            l =>
                l.StartsWith($"def {name}(", StringComparison.Ordinal) || l.StartsWith($"class {name}(", StringComparison.Ordinal)
        );
        var rest = lines[(first + 1)..].TakeWhile(l => l.Length == 0 || l[0] is ' ' or ')').Prepend(lines[first]);
        var decorator = first > 0 && lines[first - 1].StartsWith('@') ? lines[first - 1] + "\n" : "";
        return decorator + string.Join('\n', rest).TrimEnd() + "\n";
    }

    static void Write(PythonClass made, string name, StringBuilder into, Model? model = null)
    {
        var isChain = made.Bodies.IsEmpty;
        into.Append('\n').Append($"class {name}({(isChain ? "nn.Sequential" : "nn.Module")}):\n");
        if (model is not null)
            Describe(model, into);
        else if (!isChain)
            into.Append(Documentation(made));
        var parameters = made.Parameters.Select(p =>
            (Python)$"{p.Name}: {p.Type}{(p.Usual is { } usual ? $" = {Number.Text(usual)}" : "")}"
        );
        var attributes = made.Attributes().ToList();
        if (attributes.Count > 0)
        {
            new Bracketed("def __init__(", ["self", .. parameters], ")").Write(into, 4, after: " -> None:");
            if (isChain)
                new Bracketed("super().__init__(", [.. attributes.Select(a => a.Value)], ")").Write(into, 8);
            else
            {
                into.Append("        super().__init__()\n");
                foreach (var (attribute, part, value) in attributes)
                    if (part is Part.Buffer)
                        new Bracketed("self.register_buffer(", [$"\"{attribute}\"", value], ")").Write(into, 8);
                    else if (ModuleTree.IsNumber(attribute))
                        value.Write(into, 8, $"self.add_module(\"{attribute}\", ", after: ")");
                    else
                        value.Write(into, 8, $"self.{attribute} = ");
            }
            into.Append('\n');
        }
        if (!isChain)
            new Forward(made, model).Write(into);
        if (model is not null)
            Freeze(model, into);
        if (isChain)
            into.Append('\n');
        else
            into.Append("\n\n");
        while (into.Length > 3 && into[^1] == '\n' && into[^2] == '\n' && into[^3] == '\n')
            into.Length--;
    }

    static string Documentation(PythonClass made)
    {
        var statements = made.Bodies.Select(b => b.Statement).Distinct().ToList();
        var what = made.Bodies[0].Component is { } component ? $"The component `{component}`" : "A part";
        var where = statements.Count > 4 ? $"{string.Join(", ", statements.Take(4))} and others" : string.Join(", ", statements);
        return $"    \"\"\"{what} of {where}.\"\"\"\n\n";
    }

    static void Describe(Model model, StringBuilder into)
    {
        into.Append("    \"\"\"Pictures [N, 3, H, W], normalised, to every prediction, by name.\n\n");
        foreach (var map in model.Maps)
            into.Append($"    {map.Name}: [N, {map.Channels}, H, W], as the data have it, NaN where there is no number\n");
        if (!model.Maps.IsEmpty)
            into.Append('\n');
        foreach (var output in model.Training.Outputs)
        {
            var task = model.Task(output.Task);
            into.Append($"    {output.Name}: {task.Description}{(output.IsFinal ? "" : ", deep supervision")}\n");
        }
        into.Append("    \"\"\"\n\n");
        into.Append("    # The prediction of each task that is scored.\n");
        new Bracketed(
            "{",
            [.. model.Training.Outputs.Where(o => o.IsFinal).Select(o => (Python)$"\"{o.Task}\": \"{o.Name}\"")],
            "}"
        ).Write(into, 4, "final = ");
        into.Append('\n');
    }

    static void Freeze(Model model, StringBuilder into)
    {
        var parameters = model.Training.Parameters.Select(p => p.Name).ToHashSet(StringComparer.Ordinal);
        var trainable = model
            .Training.Parameters.Where(p => p.Spec.IsTrainable)
            .Select(p => p.Name)
            .ToHashSet(StringComparer.Ordinal);
        var frozen = ModuleTree.Frozen(model.Training);
        if (frozen.IsEmpty)
            return;
        into.Append("\n    def train(self, mode: bool = True) -> ").Append("nn.Module:\n");
        into.Append("        \"\"\"What is frozen computes as in evaluation, and takes no gradient.\"\"\"\n");
        into.Append("        super().train(mode)\n");
        foreach (var name in frozen.Where(n => !n.Contains('.', StringComparison.Ordinal)))
        {
            into.Append($"        self.{name}.requires_grad_(False){(parameters.Contains(name) ? "" : ".eval()")}\n");
            if (IsAdapted(name))
                into.Append($"        for name, parameter in self.{name}.named_parameters():\n")
                    .Append("            parameter.requires_grad_(name.endswith((\"lora_a\", \"lora_b\")))\n");
        }
        Each("get_submodule", ".eval()", n => !parameters.Contains(n));
        Each("get_parameter", "", trainable.Contains);
        into.Append("        return self\n");

        bool IsAdapted(string path) =>
            model.Training.Parameters.Any(p =>
                p.Role == ParameterRole.Adapter && p.Name.StartsWith(path + ".", StringComparison.Ordinal)
            );

        // Parts of what is not frozen wholly.
        void Each(string find, string after, Func<string, bool> isOf)
        {
            ImmutableArray<string> names = [.. frozen.Where(n => n.Contains('.', StringComparison.Ordinal) && isOf(n))];
            if (names.IsEmpty)
                return;
            new Bracketed("(", [.. names.Select(n => (Python)$"\"{n}\"")], names.Length == 1 ? ",)" : ")").Write(
                into,
                8,
                "for name in ",
                ":"
            );
            into.Append($"            self.{find}(name).requires_grad_(False){after}\n");
            if (names.Any(IsAdapted))
                into.Append("        for name, parameter in self.named_parameters():\n")
                    .Append("            if name.endswith((\"lora_a\", \"lora_b\")):\n")
                    .Append("                parameter.requires_grad_(True)\n");
        }
    }
}
