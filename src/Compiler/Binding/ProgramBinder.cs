using Mtlc.Compiler.Ir;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Parsing;
using Mtlc.Dsl.Syntax;
using Mtlc.Dsl.Text;

namespace Mtlc.Compiler.Binding;

/// <summary>Collects what the files of a program declare, following imports, and applies `set`.</summary>
public sealed class ProgramBinder
{
    const int FileLimit = 1000;

    readonly Func<string, SourceText?> open;
    readonly DiagnosticBag diagnostics;
    readonly ProgramSymbols symbols = new();
    readonly HashSet<string> reached = new(StringComparer.Ordinal),
        identities = new(StringComparer.Ordinal);
    readonly List<SetSyntax> sets = [];
    readonly Dictionary<string, FileSyntax> parsed;
    bool modelIsChosen;

    ProgramBinder(Func<string, SourceText?> open, DiagnosticBag diagnostics, Dictionary<string, FileSyntax> parsed) =>
        (this.open, this.diagnostics, this.parsed) = (open, diagnostics, parsed);

    /// <param name="open">Reads an imported file by its path, or gives null where there is none.</param>
    /// <param name="overrides">The command line's `set`s, applied last.</param>
    public static ProgramSymbols Bind(
        SourceText main,
        Func<string, SourceText?> open,
        IEnumerable<SetSyntax> overrides,
        DiagnosticBag diagnostics
    )
    {
        var commandLine = overrides.ToList();
        var binder = new ProgramBinder(open, diagnostics, new(StringComparer.Ordinal));
        binder.reached.Add(Normalize(main.Path));
        binder.Reach(main);
        if (binder.sets.Concat(commandLine).LastOrDefault(ChoosesModel) is { } choice)
            binder = binder.WithModelOf(choice, main);
        foreach (var component in StandardLibrary.Components)
            binder.symbols.Components.TryAdd(component.Name, component);
        if (binder.symbols.Model is { } model)
            ModelBinder.Collect(model, diagnostics);
        foreach (var set in SetOrder.Of(binder.sets.Concat(commandLine).Where(s => !ChoosesModel(s))))
            Setter.Apply(set, binder.symbols, diagnostics);
        ComponentChecker.Check(binder.symbols, diagnostics);
        if (binder.symbols.Model is { } bound)
            ModelBinder.Resolve(bound, binder.symbols, diagnostics);
        else if (!diagnostics.HasErrors)
            diagnostics.NoModel(
                main.Span(0, 0),
                binder.symbols.Sweeps.Values.FirstOrDefault(s => s.Axes.Any(a => a.Paired.Any(ChoosesModel)))?.Name.Text
            );
        return binder.symbols;
    }

    /// <summary>`set model = "FILE"`.</summary>
    public static bool ChoosesModel(SetSyntax set) => set.Path.Parts is [{ Text: "model" }] && set.Value is StringSyntax;

    /// <summary>`model: ["FILE", ...]` in a sweep.</summary>
    public static bool ChoosesModel(SweptSyntax swept) => swept.Path.Parts is [{ Text: "model" }];

    /// <summary>The program as if it imported the chosen file first and declared no model itself.</summary>
    ProgramBinder WithModelOf(SetSyntax choice, SourceText main)
    {
        var binder = new ProgramBinder(open, diagnostics, parsed);
        binder.symbols.HasSyntaxErrors = symbols.HasSyntaxErrors;
        var file = (StringSyntax)choice.Value;
        binder.Import(main, new(file.Value, file.Span, choice.Span));
        if (binder.symbols.Model is null && !diagnostics.HasErrors)
            diagnostics.CannotImport(file.Span, file.Value, "it declares no model");
        binder.modelIsChosen = true;
        if (binder.reached.Add(Normalize(main.Path)))
            binder.Reach(main);
        binder.symbols.Sources.RemoveAll(s => s == main);
        binder.symbols.Sources.Insert(0, main);
        return binder;
    }

    /// <summary>What is reached twice, by two paths or links of one file, counts once.</summary>
    void Reach(SourceText source)
    {
        if (source.Identity is null || identities.Add(source.Identity))
            Collect(source);
        else
            symbols.Aliases.Add(source);
    }

    void Collect(SourceText source)
    {
        symbols.Sources.Add(source);
        var path = Normalize(source.Path);
        var before = diagnostics.Count;
        if (!parsed.TryGetValue(path, out var file))
            parsed[path] = file = SyntaxTree.Parse(source, diagnostics, TaskKind.Vocabulary);
        symbols.HasSyntaxErrors |= diagnostics.Count > before;
        symbols.Trees.Add(file);
        foreach (var declaration in file.Declarations)
        {
            switch (declaration)
            {
                case ImportSyntax import:
                    Import(source, import);
                    break;
                case SetSyntax set:
                    sets.Add(set);
                    break;
                case FileLetSyntax { Let: var let }:
                    ModelBinder.CheckName(let.Name, diagnostics);
                    if (!symbols.Lets.TryAdd(let.Name.Text, let))
                        diagnostics.DuplicateName(let.Name.Span, let.Name.Text, symbols.Lets[let.Name.Text].Name.Span);
                    break;
                case ComponentSyntax component:
                    AddComponent(component);
                    break;
                case ModelSyntax when modelIsChosen:
                    break;
                case ModelSyntax model:
                    if (symbols.Model is { } first)
                        diagnostics.TwoModels(model.Name.Span, first.Syntax.Name.Span);
                    else
                        symbols.Model = new(model);
                    break;
                case RecipeSyntax recipe:
                    AddRecipe(recipe);
                    break;
                case SweepSyntax sweep:
                    if (!symbols.Sweeps.TryAdd(sweep.Name.Text, sweep))
                        diagnostics.DuplicateName(sweep.Name.Span, sweep.Name.Text, symbols.Sweeps[sweep.Name.Text].Name.Span);
                    break;
            }
        }
    }

    void Import(SourceText source, ImportSyntax import)
    {
        if (import.File.Length == 0 || import.File.Contains('\0'))
        {
            diagnostics.CannotImport(import.FileSpan, import.File, "not a file name");
            return;
        }
        var path = Normalize(Path.Combine(Path.GetDirectoryName(source.Path) ?? "", import.File));
        if (!reached.Add(path))
            return;
        if (symbols.Sources.Count >= FileLimit)
            diagnostics.TooLarge(import.Span, "imports of one program", FileLimit, []);
        else if (parsed.TryGetValue(path, out var known))
            Reach(known.Source);
        else if (open(path) is { } imported)
            Reach(imported);
        else
            diagnostics.CannotImport(import.FileSpan, import.File, $"there is no file {path}");
    }

    void AddComponent(ComponentSyntax component)
    {
        if (Primitive.All.ContainsKey(component.Name.Text) || BuiltinNames.All.Contains(component.Name.Text))
            diagnostics.ReservedName(
                component.Name.Span,
                component.Name.Text,
                Primitive.All.ContainsKey(component.Name.Text) ? "a primitive" : "built in"
            );
        else if (!symbols.Components.TryAdd(component.Name.Text, new(component, IsStandard: false)))
            diagnostics.DuplicateName(
                component.Name.Span,
                component.Name.Text,
                symbols.Components[component.Name.Text].Syntax.Name.Span
            );
        var names = new Dictionary<string, SourceSpan>(StringComparer.Ordinal);
        foreach (var name in component.Parameters.Select(p => p.Name).Concat(component.Lets.Select(l => l.Name)))
        {
            ModelBinder.CheckName(name, diagnostics);
            if (!names.TryAdd(name.Text, name.Span))
                diagnostics.DuplicateName(name.Span, name.Text, names[name.Text]);
        }
    }

    void AddRecipe(RecipeSyntax recipe)
    {
        var symbol = recipe.Kind == RecipeKind.Data ? symbols.Data : symbols.Train;
        if (symbol.Span is { } first)
        {
            diagnostics.GivenTwice(recipe.Span, symbol.Name, first);
            return;
        }
        symbol.Span = recipe.Span;
        symbol.Settings.Add(recipe.Settings, Twice(diagnostics));
    }

    /// <summary>What a setting that is given twice reports.</summary>
    internal static Action<SettingSyntax, SettingTree> Twice(DiagnosticBag diagnostics) =>
        (setting, first) => diagnostics.GivenTwice(setting.Key.Span, $"'{setting.Key}'", first.Span);

    /// <summary>One name a file: forward slashes, `.`, `..` and `//` resolved as far as they go, without asking the
    /// disk.</summary>
    public static string Normalize(string path)
    {
        var parts = new List<string>();
        foreach (var (index, part) in path.Replace('\\', '/').Split('/').Index())
        {
            if (part == ".." && parts is [.., not ("" or "..")])
                parts.RemoveAt(parts.Count - 1);
            else if (part == ".." && parts is [""])
                continue; // above the root is the root
            else if (part != "." && (part.Length > 0 || index == 0))
                parts.Add(part);
        }
        return parts is [""] ? "/"
            : parts.Count == 0 ? "."
            : string.Join('/', parts);
    }
}
