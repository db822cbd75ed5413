using System.Collections.Immutable;
using System.Text;
using Mtlc.Compiler.Ir;
using static Mtlc.Compiler.Targets.PyTorch.Python;

namespace Mtlc.Compiler.Targets.PyTorch;

public static partial class PyTorchModel
{
    /// <summary>The `forward` of a class.</summary>
    sealed class Forward(PythonClass made, Model? model)
    {
        const int Longest = 48,
            Deepest = 2;

        readonly Body body = made.Bodies[0];
        readonly HashSet<string> names = [.. Reserved];
        readonly Dictionary<Node, (Python Text, int Depth)> values = [];
        readonly StringBuilder lines = new();

        public void Write(StringBuilder into)
        {
            var inputs = Inputs();
            foreach (var (input, name) in body.Inputs.Zip(inputs))
                values[input] = (name, 0);
            var uses = body
                .Steps.SelectMany(s => s.Arguments)
                .Concat(body.Outputs)
                .GroupBy(n => n)
                .ToDictionary(g => g.Key, g => g.Count());
            foreach (var (place, step) in body.Steps.Index())
                Write(place, step, uses);
            Return();
            var result =
                model is not null ? "dict[str, Tensor]"
                : body.Outputs.Length == 1 ? "Tensor"
                : $"tuple[{string.Join(", ", body.Outputs.Select(_ => "Tensor"))}]";
            new Bracketed("def forward(", ["self", .. inputs.Select(i => (Python)$"{i}: Tensor")], ")").Write(
                into,
                4,
                after: $" -> {result}:"
            );
            into.Append(lines);
        }

        void Write(int place, Step step, Dictionary<Node, int> uses)
        {
            var text = step.Write([.. step.Arguments.Select(a => values[a].Text)]);
            var depth = 1 + step.Arguments.Select(a => values[a].Depth).DefaultIfEmpty(0).Max();
            var isPart = !step.Form.StartsWith('$') && (step.Form.StartsWith("call ", StringComparison.Ordinal));
            if (
                step.Results is [var only]
                && uses.GetValueOrDefault(only) == 1
                && depth <= Deepest + (body.Outputs.Contains(only) ? 2 : 0)
                && text.Flat.Length <= Longest + (body.Outputs.Contains(only) ? 16 : 0)
                && !(model is not null && (isPart || body.Outputs.Contains(only)))
            )
            {
                values[only] = (text, depth);
                return;
            }
            // What was given is not read again: the same name means it standardised.
            List<string> assigned = step.Arguments is [{ Op: GivenMap } given]
                ? [values[given].Text.Flat]
                : [.. step.Results.Select(r => Free(step.Results.Length == 1 ? step.Name : Local(r)))];
            foreach (var (result, name) in step.Results.Zip(assigned))
                values[result] = (name, 0);
            var before = lines.Length;
            var left = string.Join(", ", assigned);
            if (assigned.Count > 1 && 8 + left.Length + 3 + text.Flat.Length > 88)
            {
                lines.Append("        (\n");
                foreach (var name in assigned)
                    lines.Append($"            {name},\n");
                text.Write(lines, 8, ") = ");
            }
            else
                text.Write(lines, 8, $"{left} = ");
            if (Shapes(place) is { } shapes)
                Comment(before, shapes);
        }

        // Where it fits, behind the line, else above it.
        void Comment(int start, string shapes)
        {
            var line = lines.ToString(start, lines.Length - start);
            if (line.Count(c => c == '\n') == 1 && line.Length + 3 + shapes.Length <= 88)
                lines.Insert(lines.Length - 1, $"  # {shapes}");
            else
                lines.Insert(start, $"        # {shapes}\n");
        }

        string? Shapes(int place)
        {
            var all = made.Bodies.Select(b =>
                string.Join(", ", b.Steps[place].Results.Select(r => $"[{(r.IsBatched ? "N" : "1")}, {Extents(r.Shape)}]"))
            );
            return all.Distinct().ToList() is [{ Length: < 78 } same] ? same : null;
        }

        static string Extents(TensorShape shape) =>
            shape.Tokens == 0
                ? $"{shape.Channels}, {shape.Height.ToString('H')}, {shape.Width.ToString('W')}"
                : $"{shape.Channels}, 1, {shape.Tokens} + {shape.Height.ToString('H')} * {shape.Width.ToString('W')}";

        void Return()
        {
            if (model is not null)
            {
                var items = model.Training.Outputs.Select(o => (Python)$"\"{o.Name}\": {values[o.Value].Text.Flat}");
                new Bracketed("{", [.. items], "}").Write(lines, 8, "return ");
                return;
            }
            if (body.Outputs is [var only])
                values[only].Text.Write(lines, 8, "return ");
            else
                Tuple("return ", [.. body.Outputs.Select(o => values[o].Text)]);
        }

        void Tuple(string before, ImmutableArray<Python> items)
        {
            var flat = string.Join(", ", items.Select(i => i.Flat));
            if (8 + before.Length + flat.Length <= 88)
                lines.Append($"        {before}{flat}\n");
            else
                new Bracketed("(", items, ")").Write(lines, 8, before);
        }

        List<string> Inputs()
        {
            var isOnly = made.Bodies.Length == 1;
            return
            [
                .. body.Inputs.Select(
                    (input, i) =>
                        Free(
                            made.Bodies.All(b => b.Inputs[i].Op is Ops.Image) ? "image"
                            : input.Op is GivenMap given ? given.Map
                            : isOnly && body.Inputs.Length > 1 ? Local(input)
                            : body.Inputs.Length == 1 ? "x"
                            : body.Inputs.Length <= 3 ? ((string[])["x", "y", "z"])[i]
                            : $"x{i + 1}"
                        )
                ),
            ];
        }

        // The last words of its path that are a name.
        static string Local(Node node)
        {
            var words = node.Path.Split('.');
            var last = words.Length - 1;
            while (last > 0 && char.IsAsciiDigit(words[last][0]))
                last--;
            return string.Join("_", words[last..]);
        }

        string Free(string wanted)
        {
            wanted = wanted switch
            {
                "attend" => "attended",
                "canny" => "edges",
                "max_unpool" => "unpooled",
                "resize" or "resize_like" or "resize_to" => "resized",
                "pixels" => "grid",
                "with_tokens" => "tokens",
                "pad_to" => "padded",
                "crop_like" => "cropped",
                "merge_pixels" => "merged",
                "relative_bias" => "bias",
                "rotary" => "turned",
                _ when wanted.Length == 0 || char.IsAsciiDigit(wanted[0]) || Reserved.Contains(wanted) => $"map_{wanted}",
                _ => wanted,
            };
            var name = wanted;
            for (var i = 2; !names.Add(name); i++)
                name = $"{wanted}_{i}";
            return name;
        }
    }
}
