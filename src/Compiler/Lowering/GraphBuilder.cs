using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Mtlc.Compiler.Binding;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Ops;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Text;

namespace Mtlc.Compiler.Lowering;

/// <summary>Nodes in the order in which they are made; parameters under the path of names that leads to them.</summary>
public sealed class GraphBuilder(DiagnosticBag diagnostics)
{
    /// <summary>More operations than any network has: an expansion that got out of hand.</summary>
    public const int NodeLimit = 100_000;

    readonly List<Draft> drafts = [];
    readonly Dictionary<string, (Parameter Parameter, SourceSpan? Origin, int Use)> parameters = new(StringComparer.Ordinal);
    readonly Stack<(Share Share, SourceSpan Span, int Use)> shares = new();
    readonly Dictionary<string, SourceSpan> firstUses = new(StringComparer.Ordinal); // of shares
    readonly HashSet<Node> ofShares = [];
    readonly HashSet<string> rounds = new(StringComparer.Ordinal),
        steps = new(StringComparer.Ordinal);
    int uses;
    bool freezes,
        adapts;
    ParameterGroup group = ParameterGroup.Usual;

    /// <summary>The picture.</summary>
    public Node Image => field ??= Append(new Image(), [], [], TensorShape.Input(3), "image", null);

    /// <summary>Whether the limit was reached; nothing more is worth evaluating.</summary>
    public bool IsFull { get; private set; }

    /// <summary>The statement whose nodes are made now.</summary>
    public string Declaration { get; private set; } = "";

    /// <summary>Whether its nodes are recomputed in the backward pass.</summary>
    public bool Recomputes { get; private set; }

    /// <summary>Whether its nodes are frozen; those of a share where the share says so.</summary>
    public bool Freezes => shares.TryPeek(out var use) ? use.Share.IsFrozen : freezes;

    /// <param name="frozen">A frozen statement is not recomputed: nothing of it is kept for the backward pass.</param>
    /// <param name="trained">How its parameters are trained; null: as the recipe says.</param>
    /// <param name="adapted">Whether something is trained beside its weights: then it is recomputed, frozen or not.</param>
    public void Enter(
        string declaration,
        bool recomputes = false,
        bool frozen = false,
        ParameterGroup? trained = null,
        bool adapted = false
    ) =>
        (Declaration, Recomputes, freezes, group, adapts) = (
            declaration,
            recomputes && (!frozen || adapted),
            frozen,
            trained ?? ParameterGroup.Usual,
            adapted
        );

    public ImmutableArray<Node> Nodes => [.. drafts.Select(d => d.Node)];

    /// <summary>The component that was expanded at a path; of several, the outermost.</summary>
    public Dictionary<string, string> Components { get; } = new(StringComparer.Ordinal);

    /// <summary>Applies an operation, or reports why it cannot be applied and gives null.</summary>
    /// <param name="path">Names that lead here; parameters are named below it.</param>
    public Node? Add(Op op, ImmutableArray<Node> inputs, string path, SourceSpan? origin, ShapeErrors errors)
    {
        if (drafts.Count >= NodeLimit)
        {
            if (!IsFull)
                diagnostics.TooLarge(errors.Span, "operations in one network", NodeLimit, errors.Notes());
            IsFull = true;
            return null;
        }
        ImmutableArray<TensorShape> shapes = [.. inputs.Select(i => i.Shape)];
        if (Infer(op, shapes, errors) is not { } shape)
            return null;
        if (op.NeedsPicture && inputs.FirstOrDefault(i => i != Image) is { } other)
        {
            errors.Invalid(
                $"the operand is made by {other.Op.Name}, and must be the picture itself",
                $"write {op.Name}(image, ...): no other features have a picture's intensities"
            );
            return null;
        }
        var made = ImmutableArray.CreateBuilder<Parameter>();
        foreach (var spec in op.Parameters(shapes))
        {
            var name = spec.Name.Length == 0 ? path : $"{path}.{spec.Name}";
            var use = shares.TryPeek(out var top) ? top.Use : 0;
            var share = top.Share;
            if (!parameters.TryGetValue(name, out var known))
            {
                made.Add(
                    new(name, spec)
                    {
                        IsFrozen = Freezes,
                        Group = share?.Group ?? group,
                        Role = Role(op, spec),
                    }
                );
                parameters.Add(name, (made[^1], origin, use));
                continue;
            }
            var isShared = use > 0 && known.Use > 0 && known.Use != use && name.StartsWith(share!.Name, StringComparison.Ordinal);
            if (!isShared)
                diagnostics.ParameterNamedTwice(errors.Span, name, known.Origin);
            else if (!known.Parameter.Dimensions.AsSpan().SequenceEqual(spec.Dimensions.AsSpan()))
                diagnostics.SharedShapesDiffer(
                    top.Span,
                    share!.Name,
                    name,
                    known.Parameter.Dimensions,
                    spec.Dimensions,
                    firstUses[share.Name]
                );
            if (!isShared || !known.Parameter.Dimensions.AsSpan().SequenceEqual(spec.Dimensions.AsSpan()))
                return null;
            parameters[name] = known with { Use = use };
            made.Add(known.Parameter);
        }
        return Append(op, inputs, made.ToImmutable(), shape, path, origin);
    }

    /// <summary>From here to the end of the using block, parameters are those of the share's earlier uses.</summary>
    public IDisposable Share(Share share, SourceSpan span)
    {
        firstUses.TryAdd(share.Name, span);
        shares.Push((share, span, ++uses));
        return new EndOfUse(shares);
    }

    sealed class EndOfUse(Stack<(Share, SourceSpan, int)> shares) : IDisposable
    {
        public void Dispose() => shares.Pop();
    }

    static ParameterRole Role(Op op, ParameterSpec spec) =>
        op is BatchNorm or LayerNorm or GroupNorm or LayerScale ? ParameterRole.Norm
        : spec.Name == "weight" || op is Linear && spec.Name.Length == 0 ? ParameterRole.Weight
        : ParameterRole.Bias;

    /// <summary>Below this path lies one round of a loop.</summary>
    public void Round(string path) => rounds.Add(path);

    /// <summary>Below this path lies one call of a numbered pipe.</summary>
    public void Step(string path) => steps.Add(path);

    /// <summary>
    /// Freezes what a statement made on the way to a value, the value included. What a share made is as the share says.
    /// </summary>
    public void FreezeUntil(Node end, string declaration)
    {
        var reached = new HashSet<Node> { end };
        var stack = new Stack<Node>(reached);
        while (stack.TryPop(out var node))
        {
            if (node.Declaration == declaration && !ofShares.Contains(node))
                node.Freeze(adapts);
            foreach (var input in node.Inputs.Where(reached.Add))
                stack.Push(input);
        }
    }

    /// <summary>What a statement made so far, in order, but for what shares made in it.</summary>
    public ImmutableArray<Node> Own(string declaration) =>
        [.. drafts.Select(d => d.Node).Where(n => n.Declaration == declaration && !ofShares.Contains(n))];

    /// <summary>Puts matrices beside that of a node: they are called like its weight, with `lora_a` and `lora_b` in place of
    /// `weight`, and belong to its group.</summary>
    /// <param name="span">What asks for them.</param>
    public void Adapt(Node node, Adapted op, SourceSpan span)
    {
        var weight = node.Parameters[0];
        var path = weight.Name.EndsWith("weight", StringComparison.Ordinal) ? weight.Name[..^"weight".Length] : weight.Name + ".";
        var made = node.Parameters.ToBuilder();
        foreach (var spec in op.Beside(node.InputShapes))
        {
            made.Add(new(path + spec.Name, spec) { Group = weight.Group, Role = ParameterRole.Adapter });
            if (!parameters.TryAdd(made[^1].Name, (made[^1], span, 0)))
                diagnostics.ParameterNamedTwice(span, made[^1].Name, parameters[made[^1].Name].Origin);
        }
        node.Adapt(op, made.ToImmutable());
    }

    /// <summary>
    /// Multiplies the rate of a statement's parameters by <paramref name="decay"/> once for each layer behind theirs: a layer is
    /// a round of an outermost loop, or a step of a pipe that the encoder's component names, where there is no loop. What
    /// stands before the first is one more layer, what stands between two belongs to the next, and what follows the last keeps
    /// its rate (Bao et al. 2022, BEiT). </summary>
    /// <returns>How many layers there are; 0 where there is neither loop nor pipe.</returns>
    public int DecayByLayer(string declaration, double decay)
    {
        var own = drafts
            .Where(d => d.Node.Declaration == declaration && !ofShares.Contains(d.Node))
            .SelectMany(d => d.Node.Parameters)
            .ToList();
        var prefix = declaration.Length + 1;
        var steps = this
            .steps.Where(s => s.Length > prefix && s.AsSpan(prefix).Count('.') == 1)
            .ToHashSet(StringComparer.Ordinal);
        var numbering = own.Any(p => Outermost(p.Name, rounds) is not null) ? rounds : steps;
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        var layers = own.ConvertAll(p =>
            Outermost(p.Name, numbering) is { } layer
                ? numbers.TryGetValue(layer, out var known)
                    ? known
                    : numbers[layer] = numbers.Count + 1
                : numbers.Count == 0
                    ? 0
                    : numbers.Count + 1
        );
        foreach (var (parameter, layer) in own.Zip(layers))
            parameter.Group = parameter.Group with { Rate = parameter.Group.Rate * Math.Pow(decay, numbers.Count + 1 - layer) };
        return numbers.Count;
    }

    static string? Outermost(string name, HashSet<string> paths)
    {
        for (var dot = name.IndexOf('.'); dot >= 0; dot = name.IndexOf('.', dot + 1))
        {
            if (paths.Contains(name[..dot]))
                return name[..dot];
        }
        return null;
    }

    static TensorShape? Infer(Op op, ImmutableArray<TensorShape> shapes, ShapeErrors errors)
    {
        try
        {
            foreach (var (i, given) in shapes.Index())
            {
                if (!op.Takes(i, given))
                    return errors.NotPlain(i);
            }
            return op.Infer(shapes, errors);
        }
        catch (OverflowException)
        {
            return errors.Invalid("the resolution leaves every bound");
        }
    }

    /// <summary>
    /// Names nodes by their path: the last one made at a path has the path itself, those on the way to it add what they do
    /// ("trunk.layer1.0" is the sum's relu, "trunk.layer1.0:add" the sum), so that one node more changes one line of a dump.
    /// </summary>
    Node Append(
        Op op,
        ImmutableArray<Node> inputs,
        ImmutableArray<Parameter> made,
        TensorShape shape,
        string path,
        SourceSpan? origin
    )
    {
        var node = new Node(path, op, inputs, made, shape, Declaration, origin)
        {
            IsRecomputed = Recomputes && (!Freezes || adapts),
            IsFrozen = Freezes,
            Use = shares.TryPeek(out var share) ? share.Use : 0,
        };
        drafts.Add(new(path, node));
        if (shares.Count > 0)
            ofShares.Add(node);
        return node;
    }

    /// <summary>Gives every node its final, unique name.</summary>
    public void NameNodes()
    {
        var last = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < drafts.Count; i++)
            last[drafts[i].Path] = i;
        var taken = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < drafts.Count; i++)
        {
            var (path, node) = drafts[i];
            if (last[path] == i)
            {
                node.Rename(path);
                continue;
            }
            var name = $"{path}:{node.Op.Name}";
            ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(taken, name, out _);
            node.Rename(++count == 1 ? name : FormattableString.Invariant($"{name}{count}"));
        }
    }

    readonly record struct Draft(string Path, Node Node);
}
