using System.Collections.Immutable;
using Mtlc.Dsl.Syntax;
using Mtlc.Dsl.Text;

namespace Mtlc.Compiler.Binding;

/// <summary>A component of the user's or of the standard library.</summary>
public sealed record ComponentSymbol(ComponentSyntax Syntax, bool IsStandard)
{
    public string Name => Syntax.Name.Text;

    /// <summary>"aspp(x, out = 256, rates = [3, 6, 9])"</summary>
    public string Signature => field ??= $"{Name}({string.Join(", ", Syntax.Parameters.Select(p => p.Span.Text))})";

    /// <summary>What a statement's `{ }` may name: all but the first, which is the features it is applied to.</summary>
    public IEnumerable<string> Settings => Syntax.Parameters.Skip(1).Select(p => p.Name.Text);
}

/// <summary>All declarations of a program, after imports and `set`.</summary>
public sealed class ProgramSymbols
{
    public ProgramSymbols() => Names = new(this);

    public List<SourceText> Sources { get; } = [];

    /// <summary>The trees of <see cref="Sources"/>, in the order of their reading.</summary>
    public List<FileSyntax> Trees { get; } = [];

    /// <summary>Files of <see cref="Sources"/> once more, under other paths by which they are imported.</summary>
    public List<SourceText> Aliases { get; } = [];

    public Dictionary<string, ComponentSymbol> Components { get; } = new(StringComparer.Ordinal);

    /// <summary>The files' `let`s: names are unique over the whole program.</summary>
    public Dictionary<string, LetSyntax> Lets { get; } = new(StringComparer.Ordinal);

    public ModelSymbol? Model { get; set; }
    public RecipeSymbol Data { get; } = new("data");
    public RecipeSymbol Train { get; } = new("train");
    public Dictionary<string, SweepSyntax> Sweeps { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether some text could not be read: what is missing may have been lost with it.</summary>
    public bool HasSyntaxErrors { get; set; }

    /// <summary>What names mean in the program.</summary>
    public NameRules Names { get; }

    /// <summary>User components with an error in their text, which need not be reported again at each call.</summary>
    public HashSet<ComponentSymbol> Broken { get; } = [];

    /// <summary>Whether the name stands for a component or primitive when it is called or used as one.</summary>
    public bool IsComponent(string name) =>
        Components.ContainsKey(name) || Primitive.All.ContainsKey(name) || BuiltinNames.All.Contains(name);
}

/// <summary>`data { }` or `train { }`.</summary>
public sealed class RecipeSymbol(string name)
{
    public string Name { get; } = name;
    public SettingTree Settings { get; } = new();
    public SourceSpan? Span { get; set; }
}

/// <summary>A model's statements by name, in the order written.</summary>
public sealed class ModelSymbol(ModelSyntax syntax)
{
    public ModelSyntax Syntax { get; } = syntax;
    public string Name => Syntax.Name.Text;
    public Dictionary<string, TaskSymbol> Tasks { get; } = new(StringComparer.Ordinal);
    public Dictionary<string, StatementSymbol> Statements { get; } = new(StringComparer.Ordinal);
    public List<RefineSymbol> Refines { get; } = [];
    public LossSyntax? Loss { get; set; }

    /// <summary>Statements so that each stands behind what it reads; those in a cycle are left out.</summary>
    public ImmutableArray<StatementSymbol> Order { get; set; } = [];

    public IEnumerable<(StatementSymbol Statement, DecoderSyntax Syntax)> Decoders =>
        Statements.Values.Where(b => b.Syntax is DecoderSyntax).Select(b => (b, (DecoderSyntax)b.Syntax));
}

public sealed record TaskSymbol(TaskSyntax Syntax, SettingTree Settings)
{
    public string Name => Syntax.Name.Text;
}

/// <summary>`refine TASK: COMPONENT(arguments) { ... }`; `set TASK.refine.SETTING` changes its settings.</summary>
public sealed record RefineSymbol(RefineSyntax Syntax, SettingTree Settings)
{
    public string Task => Syntax.Task.Text;

    /// <summary>What errors call it.</summary>
    public string Owner => $"the refinement of '{Task}'";
}

/// <summary>An input, encoder, ASPP, attention, decoder, share, exchange or `let`; `set` changes its settings or, of a `let`, its
/// value.</summary>
public sealed class StatementSymbol(NameSyntax name, StatementSyntax syntax, SettingTree settings)
{
    public NameSyntax Name { get; } = name;
    public StatementSyntax Syntax { get; } = syntax;

    /// <summary>The statement's `{ }`; of a `let`, its value as the head.</summary>
    public SettingTree Settings { get; } = settings;

    /// <summary>The names in its settings, and what they mean.</summary>
    public ImmutableArray<NameUse> Names { get; set; } = [];

    /// <summary>Names of statements that it reads.</summary>
    public ImmutableArray<(string Statement, SourceSpan Span)> Reads { get; set; } = [];

    /// <summary>Of an encoder, the exchange that makes it together with others; null where there is none.</summary>
    public StatementSymbol? Exchange { get; set; }

    public string Kind =>
        Syntax switch
        {
            InputSyntax => "input",
            EncoderSyntax => "encoder",
            AsppSyntax => "aspp",
            AttentionSyntax => "attention",
            DecoderSyntax => "decoder",
            ShareSyntax => "share",
            ExchangeSyntax => "exchange",
            _ => "let",
        };
}
