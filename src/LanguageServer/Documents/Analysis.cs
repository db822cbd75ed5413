using System.Collections.Immutable;
using Mtlc.Compiler;
using Mtlc.Compiler.Binding;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Lowering;
using Mtlc.Dsl.Syntax;
using Mtlc.Dsl.Text;
using Mtlc.LanguageServer.Protocol;

namespace Mtlc.LanguageServer.Documents;

/// <summary>A file within the program that it belongs to: what every feature starts from.</summary>
public sealed class Analysis
{
    internal Analysis(Snapshot snapshot, Program program, string path, SourceText text)
    {
        (Snapshot, Program, Path) = (snapshot, program, path);
        Tree =
            Compilation.Trees.FirstOrDefault(t => t.Source.Path == path && t.Source.Content == text.Content)
            ?? SyntaxCache.Of(text);
    }

    public Snapshot Snapshot { get; }
    public Program Program { get; }
    public string Path { get; }
    public FileSyntax Tree { get; }
    public SourceText Source => Tree.Source;
    public string Text => Source.Content;
    public Compilation Compilation => Program.Compilation;
    public ProgramSymbols Symbols => Compilation.Symbols;
    public LoweredProgram Lowered => Compilation.Lowered;
    public ModelSymbol? Model => Symbols.Model;
    public ImmutableArray<NameUse> Names => Compilation.Resolution.In(Source);

    public NameUse? NameAt(int offset) => Compilation.Resolution.At(Source, offset);

    /// <summary>The size that multiply-adds and memory are told for.</summary>
    public Compiler.Recipes.ImageSize Crop => Lowered.Data.Augment.Crop;

    /// <summary>The shape of the features that a name stands for; null where it stands for none.</summary>
    public TensorShape? ShapeOf(NameSyntax name) => Lowered.Of(name) is [.., { Features: { } node }] ? node.Shape : null;

    /// <summary>The features of an encoder that can be named, in the order of the network.</summary>
    public ImmutableArray<(string Name, Node Node)> FeaturesOf(string statement) =>
        Model?.Statements.GetValueOrDefault(statement) is { } symbol && Lowered.Of(symbol.Name) is [.., EncoderValue encoder]
            ? [.. encoder.Lets.Where(l => l.Value.Features is not null).Select(l => (l.Name, l.Value.Features!))]
            : [];

    /// <summary>The steps of an encoder's features that are loops or pipes: `features[3]`.</summary>
    public IEnumerable<(string Name, Node Node)> StepsOf(string statement) =>
        Model?.Statements.GetValueOrDefault(statement) is { } symbol && Lowered.Of(symbol.Name) is [.., EncoderValue encoder]
            ? encoder
                .Lets.Where(l => l.Value is ChainValue)
                .SelectMany(l => ((ChainValue)l.Value).Steps.Select((step, i) => (Name: $"{l.Name}[{i}]", step.Features)))
                .Where(s => s.Features is not null)
                .Select(s => (s.Name, s.Features!))
            : [];

    /// <summary>The nodes that a statement makes.</summary>
    public IEnumerable<Node> NodesOf(string statement) => Lowered.Nodes.Where(n => n.Declaration == statement);

    public long ParametersOf(string statement) =>
        NodesOf(statement).SelectMany(n => n.Parameters).Distinct().Where(p => p.IsTrainable).Sum(p => p.Count);

    public long MultiplyAddsOf(string statement) => NodesOf(statement).Sum(n => n.MultiplyAdds(Crop.Height, Crop.Width));

    /// <summary>Where a piece of any text of the program stands; a standard component's in a copy. null where there is no such
    /// file.</summary>
    public Location? Locate(SourceSpan span)
    {
        var path = span.Source.Path.StartsWith("std/", StringComparison.Ordinal)
            ? Snapshot.Files.Standard(span.Source)
            : span.Source.Path;
        return path is null or "--set" ? null : new(UriOf(path), span.ToRange());
    }

    public string UriOf(string path) => Snapshot.UriOf(path);
}
